// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

extension GovernanceBody {
  public func encoded() -> [UInt8] {
    var writer = CBORWriter(reserving: 512)
    var map = MapWriter(&writer, known: 2, unknown: unknown)
    map.key(1, &writer)
    writer.int(label)
    map.key(2, &writer)
    writer.array(count: entries.count)
    for entry in entries {
      writer.array(count: 2)
      writer.uint(entry.op.code)
      writer.governanceOp(entry)
    }
    map.finish(&writer)
    return writer.bytes
  }
}

extension CBORWriter {
  fileprivate mutating func governanceOp(_ entry: GovernanceBody.Entry) {
    switch entry.op {
    case .genesis(let policy, let founders): genesis(policy, founders, entry.unknown)
    case .placeAdmit(let card, let role, let invite, let countersign):
      let known = 2 + (invite == nil ? 0 : 1) + (countersign == nil ? 0 : 1)
      var map = MapWriter(&self, known: known, unknown: entry.unknown)
      map.key(1, &self); raw(card.encoded)
      map.key(2, &self); uint(role)
      proof(invite, countersign, at: 3, &map)
      map.finish(&self)
    case .deviceAdmit(let card, let role, let place, let invite, let countersign):
      let known = 3 + (invite == nil ? 0 : 1) + (countersign == nil ? 0 : 1)
      var map = MapWriter(&self, known: known, unknown: entry.unknown)
      map.key(1, &self); raw(card.encoded)
      map.key(2, &self); uint(role)
      map.key(3, &self); id(place)
      proof(invite, countersign, at: 4, &map)
      map.finish(&self)
    case .inviteCreate(let invite): inviteCreate(invite, entry.unknown)
    case .inviteClose(let invite):
      var map = MapWriter(&self, known: 1, unknown: entry.unknown)
      map.key(1, &self); id(invite)
      map.finish(&self)
    case .unknown(_, let raw): self.raw(raw)
    }
  }

  private mutating func genesis(_ policy: Policy, _ founders: [Card], _ unknown: [UnknownKey]) {
    var map = MapWriter(&self, known: 2, unknown: unknown)
    map.key(1, &self)
    self.policy(policy)
    map.key(2, &self)
    array(count: founders.count)
    for card in founders { raw(card.encoded) }
    map.finish(&self)
  }

  private mutating func policy(_ policy: Policy) {
    var map = MapWriter(&self, known: 4, unknown: policy.unknown)
    map.key(1, &self); uint(policy.quorum)
    map.key(2, &self); uint(policy.quota)
    map.key(3, &self); uint(policy.minVersion)
    map.key(4, &self); uint(policy.history)
    map.finish(&self)
  }

  private mutating func proof(
    _ invite: InviteID?, _ countersign: [UInt8]?, at key: UInt64, _ map: inout MapWriter
  ) {
    if let invite { map.key(key, &self); id(invite) }
    if let countersign { map.key(key + 1, &self); bytes(countersign) }
  }

  private mutating func inviteCreate(_ invite: InviteDescription, _ unknown: [UnknownKey]) {
    var map = MapWriter(&self, known: 7, unknown: unknown)
    map.key(1, &self); id(invite.id)
    map.key(2, &self); id(invite.key)
    map.key(3, &self); uint(invite.role)
    map.key(4, &self); uint(invite.purpose)
    map.key(5, &self); uint(invite.medium)
    map.key(6, &self); id(invite.epoch)
    map.key(7, &self); bytes(invite.sealed)
    map.finish(&self)
  }
}
