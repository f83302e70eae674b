// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

private let title: UInt64 = 4

/// A member who breaks the rules: it makes its changes by hand, properly signed.
private struct Hostile {
  let place: TestPlace
  let keys: DeviceKeys
  var replica: Replica { place.replica }
  var commons: SpaceID { replica.id(of: .commons) }

  /// The last change of its log in commons, and a header that properly continues it with an empty body.
  func next(_ change: (inout ChangeHeader) -> Void) throws -> Change {
    let mine = try place.changes(in: .commons).filter { $0.header.author.bytes == keys.card.sign }
    let tip = try #require(mine.last)
    let heads = try place.changes(in: .commons).filter { $0.header.author.bytes != keys.card.sign }
    let known = Set(mine.flatMap(\.header.heads))
    let epoch = try #require(mine.compactMap(\.header.epoch).last)
    let secret = try replica.epochSecrets(of: commons)[0]
    let body = Content(label: 0, entries: []).encoded()
    var header = tip.header
    header.kind = .content
    header.seq += 1
    header.prev = tip.id
    header.heads = []
    header.gov = nil
    header.epoch = nil
    header.stamp = (heads.map(\.header.stamp) + [tip.header.stamp]).max()! + 1
    header.ctLength = UInt64(Padding.paddedSize(body.count) + 16)
    header.cum = tip.header.cum + header.ctLength
    header.nonce = SecureRandom.bytes(24)
    _ = (known, epoch)
    change(&header)
    let ct = ContentSeal.seal(body: body, h0: header.encoded(), nonce: header.nonce ?? SecureRandom.bytes(24), epochSecret: secret)
    header.ctLength = UInt64(ct.count)
    return Change(header: header, ciphertext: ct, network: replica.network, key: keys.sign)
  }
}

@Suite("Ingest refuses, with its reason,") struct IngestTests {
  private func pair() throws -> (TestPlace, Hostile) {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    try exchange([a, b])
    try b.replica.commit(to: b.replica.id(of: .commons), [ContentEntry(.new(.number(12)), [FieldEdits(title, .text("x"))])])
    try exchange([a, b])
    return (a, Hostile(place: b, keys: b.replica.keys))
  }

  private func reason(_ a: TestPlace, _ change: Change) throws -> Refusal? {
    let before = try a.digest()
    let report = try a.replica.ingest([change])
    #expect(try a.digest() == before)
    return report.refused.first?.reason
  }

  @Test func `nothing of a change that keeps the rules`() throws {
    let (a, b) = try pair()
    let report = try a.replica.ingest([try b.next { _ in }])
    #expect(report.new == 1 && report.refused.isEmpty)
  }

  @Test func `a stamp not above its parents' or beyond its bounds`() throws {
    let (a, b) = try pair()
    #expect(try reason(a, b.next { $0.stamp = 1 }) == .stamp)
    #expect(try reason(a, b.next { $0.stamp += 800 * 86_400_000 }) == .stamp)
  }

  @Test func `a wrong sum`() throws {
    let (a, b) = try pair()
    #expect(try reason(a, b.next { $0.cum += 1 }) == .total)
  }

  @Test func `a log over its quota`() throws {
    let (a, b) = try pair()
    #expect(try reason(a, b.next { $0.cum = 1 << 40 }) == .total)
  }

  @Test func `a space that it doesn't read`() throws {
    let (a, b) = try pair()
    let change = try b.next { $0.space = SpaceID(high: 1, low: 1) }
    #expect(try reason(a, change) == .foreignSpace)
  }

  @Test func `a stranger`() throws {
    let (a, b) = try pair()
    let stranger = DeviceKeys.generate()
    let change = try Hostile(place: b.place, keys: b.keys).next { $0.author = ID32(stranger.card.sign)! }
    let resigned = Change(
      header: change.header, ciphertext: change.ciphertext!, network: a.replica.network, key: stranger.sign)
    #expect(try reason(a, resigned) == .stranger)
  }

  @Test func `a signature by somebody else`() throws {
    let (a, b) = try pair()
    let change = try b.next { _ in }
    let forged = Change(
      header: change.header, ciphertext: change.ciphertext!, network: a.replica.network, key: SigningKey.generate())
    #expect(try reason(a, forged) == .signature)
  }

  @Test func `nothing of a second history: both are kept, and neither counts that nobody has seen`() throws {
    let (a, b) = try pair()
    let one = try b.next { _ in }
    let other = try b.next { $0.stamp += 60_000 }
    #expect(try a.replica.ingest([one]).new == 1)
    #expect(try a.replica.ingest([other]).new == 1)
    #expect(try a.replica.ingest([other, one]).known == 2)
    let report = try a.replica.check(full: true)
    #expect(report.forks.map(\.seq) == [one.header.seq] && report.damage == [])
    #expect(try a.replica.heldChanges() == [b.replica.deviceID: 2])
  }

  @Test func `no branch of many`() throws {
    let (a, b) = try pair()
    for n in 0...70 { #expect(try a.replica.ingest([b.next { $0.stamp += 60_000 * UInt64(n) }]).new == 1) }
    #expect(try a.replica.heldChanges() == [b.replica.deviceID: 71])
    #expect(try a.replica.check(full: true).damage == [])
  }

  @Test func `governance that builds on nothing, and takes the rest that came with it`() throws {
    let (a, b) = try pair()
    let body = GovernanceBody(label: 0, ops: [.genesis(Policy(), founders: [b.keys.card])]).encoded()
    let header = ChangeHeader(
      kind: .governance, author: ID32(b.keys.card.sign)!, space: .zero, incarnation: 77, seq: 1, prev: nil,
      stamp: a.clock.now, cum: UInt64(body.count), ctLength: UInt64(body.count))
    let rootless = Change(header: header, ciphertext: body, network: a.replica.network, key: b.keys.sign)
    let report = try a.replica.ingest([rootless, b.next { _ in }])
    #expect(report.refused.map(\.reason) == [.rootless])
    #expect(report.new == 1)
  }

  @Test func `a head of its own log or of another space`() throws {
    let (a, b) = try pair()
    let own = try b.place.changes(in: .commons).last { $0.header.author.bytes == b.keys.card.sign }!
    #expect(try reason(a, b.next { $0.heads = [own.id] }) == .heads)
    let governance = try a.changes(in: .governance).last!
    #expect(try reason(a, b.next { $0.heads = [governance.id] }) == .heads)
  }

  @Test func `governance in commons`() throws {
    let (a, b) = try pair()
    let change = try b.next { $0.kind = .governance; $0.nonce = nil; $0.epoch = nil }
    #expect(try reason(a, change) == .kind)
  }

  @Test func `nothing that waits for a parent, which is held until it comes`() throws {
    let (a, b) = try pair()
    let first = try b.replica.commit(to: b.commons, [ContentEntry(.new(.number(12)), [FieldEdits(title, .text("1"))])])
    let second = try b.replica.commit(to: b.commons, [ContentEntry(.existing(first.created[0]), [FieldEdits(title, .text("2"))])])
    let changes = try b.place.changes(in: .commons)
    let late = try a.replica.ingest(changes.filter { $0.id == second.change })
    #expect(late.waiting == 1)
    #expect(try a.replica.waiting().missing == [first.change])
    let report = try a.replica.ingest(changes.filter { $0.id == first.change })
    #expect(report.new == 2)
    #expect(try a.replica.waiting().count == 0)
    #expect(try a.replica.record(first.created[0])!.state[title]!.heads.map(\.value) == [.text("2")])
  }

  @Test func `nothing of a log that comes the wrong way round, which is whole in the end`() throws {
    let (a, b) = try pair()
    for n in 0..<12 {
      try b.replica.commit(to: b.commons, [ContentEntry(.new(.number(12)), [FieldEdits(title, .text("\(n)"))])])
    }
    let changes = try b.place.changes(in: .commons)
    #expect(try a.replica.ingest(changes.reversed()).refused.isEmpty)
    #expect(try a.replica.waiting().count == 0)
    #expect(try a.digest() == b.place.digest())
    #expect(try a.replica.ingest(changes.reversed()).waiting == 0)
  }

  @Test func `governance by somebody who hasn't seen its own admission, whatever came first`() throws {
    let (a, b) = try pair()
    let genesis = try a.changes(in: .governance)[0]
    let body = GovernanceBody(label: 0, ops: [.inviteClose(InviteID(high: 1, low: 1))]).encoded()
    let header = ChangeHeader(
      kind: .governance, author: ID32(b.keys.card.sign)!, space: .zero, incarnation: 77, seq: 1, prev: nil,
      heads: [genesis.id], stamp: a.clock.now + 600_000, cum: UInt64(body.count), ctLength: UInt64(body.count))
    let blind = Change(header: header, ciphertext: body, network: a.replica.network, key: b.keys.sign)
    #expect(try reason(a, blind) == .stranger)
    let late = try TestPlace(joining: a, named: "C")
    #expect(try reason(late, blind) == .stranger)
  }

  @Test func `nothing that waits for several, until the last of them has come`() throws {
    let (a, b) = try pair()
    let c = try TestPlace(joining: a, named: "C")
    try exchange([a, b.place, c])
    let need = ContentEntry(.new(.number(12)), [FieldEdits(title, .text("1"))])
    let one = try b.replica.commit(to: b.commons, [need])
    let other = try c.replica.commit(to: b.commons, [need])
    try b.place.take(from: c)
    let last = try b.replica.commit(to: b.commons, [need])
    let changes = try b.place.changes(in: .commons)
    func give(_ id: ChangeID) throws -> IngestReport { try a.replica.ingest(changes.filter { $0.id == id }) }
    #expect(try give(last.change).waiting == 1)
    #expect(try give(other.change).new == 1)
    #expect(try a.replica.waiting().count == 1)
    #expect(try give(one.change).new == 2)
    #expect(try a.replica.waiting().count == 0)
  }

  @Test func `no content of a reader, which is stored without effect`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a, role: 1)
    #expect(throws: ReplicaError.notAllowed(needs: .writer)) {
      try b.replica.commit(to: b.replica.id(of: .commons), [ContentEntry(.new(.number(12)))])
    }
  }
}
