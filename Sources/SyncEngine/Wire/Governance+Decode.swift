// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

extension GovernanceBody {
  /// Reads a body. Signatures of cards and whether an op is good are the business of Resolve.
  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    guard bytes.count <= Limits.body else { throw .limit(at: 0, "a body has at most 262,144 bytes") }
    var reader = CBORReader(bytes)
    var map = try MapReader(&reader, known: 1...2, inside: 0)
    var label: Int64?
    var entries: [Entry]?
    while let key = try map.next(&reader) {
      if key == 1 { label = try reader.readInt() } else { entries = try reader.readGovernanceEntries() }
    }
    try reader.finish()
    self.init(label: try label.orMissing(1), entries: try entries.orMissing(2), unknown: map.unknown)
  }
}

extension CBORReader {
  /// The arrays and maps that an op's map stands in.
  private static let opDepth = 3

  fileprivate mutating func readGovernanceEntries() throws(DecodingError) -> [GovernanceBody.Entry] {
    let start = offset
    let count = try readArrayHeader()
    guard (1...Limits.ops).contains(count) else { throw .limit(at: start, "1 to 4,096 ops") }
    var entries: [GovernanceBody.Entry] = []
    for _ in 0..<count {
      let place = offset
      try readArrayHeader(count: 2, "an op of two")
      let entry = try readGovernanceOp(code: try readUInt())
      if case .genesis = entry.op, count > 1 { throw .invalid(at: place, "genesis stands alone") }
      entries.append(entry)
    }
    return entries
  }

  private mutating func readGovernanceOp(code: UInt64) throws(DecodingError) -> GovernanceBody.Entry {
    switch code {
    case 1: return try readGenesis()
    case 2: return try readAdmit(toPlace: nil)
    case 3: return try readAdmit(toPlace: 3)
    case 10: return try readInviteCreate()
    case 11: return try readInviteClose()
    default:
      guard next == .map else { throw mismatch("an op's map") }
      return .init(.unknown(code: code, raw: try skip(inside: Self.opDepth - 1)))
    }
  }

  private mutating func readGenesis() throws(DecodingError) -> GovernanceBody.Entry {
    var map = try MapReader(&self, known: 1...2, inside: Self.opDepth - 1)
    var policy: Policy?
    var founders: [Card]?
    while let key = try map.next(&self) {
      if key == 1 { policy = try readPolicy() } else { founders = try readFounders() }
    }
    let op = GovernanceOp.genesis(
      try policy.orMissing(1, at: map.start), founders: try founders.orMissing(2, at: map.start))
    return .init(op, unknown: map.unknown)
  }

  private mutating func readFounders() throws(DecodingError) -> [Card] {
    let start = offset
    let count = try readArrayHeader()
    guard count > 0 else { throw .invalid(at: start, "a network has a founder") }
    var cards: [Card] = []
    for _ in 0..<count { cards.append(try readCard()) }
    return cards
  }

  private mutating func readPolicy() throws(DecodingError) -> Policy {
    var map = try MapReader(&self, known: 1...4, inside: Self.opDepth)
    var values: [UInt64?] = [nil, nil, nil, nil]
    while let key = try map.next(&self) {
      values[Int(key) - 1] = try readUInt(upTo: Limits.number, "a policy's numbers are at most 2^53")
    }
    return Policy(
      quorum: try values[0].orMissing(1, at: map.start), quota: try values[1].orMissing(2, at: map.start),
      minVersion: try values[2].orMissing(3, at: map.start),
      history: try values[3].orMissing(4, at: map.start), unknown: map.unknown)
  }

  /// - Parameter placeKey: the key that names the place; nil for place.admit, which makes one.
  private mutating func readAdmit(toPlace placeKey: UInt64?) throws(DecodingError) -> GovernanceBody.Entry {
    let inviteKey: UInt64 = placeKey == nil ? 3 : 4
    var map = try MapReader(&self, known: 1...inviteKey + 1, inside: Self.opDepth - 1)
    var card: Card?
    var role: UInt64?
    var place: PlaceID?
    var invite: InviteID?
    var countersign: [UInt8]?
    while let key = try map.next(&self) {
      switch key {
      case 1: card = try readCard()
      case 2: role = try readUInt()
      case placeKey: place = try readID16()
      case inviteKey: invite = try readID16()
      default: countersign = try readBytes(count: 64)
      }
    }
    let someCard = try card.orMissing(1, at: map.start)
    let someRole = try role.orMissing(2, at: map.start)
    guard let placeKey else {
      let op = GovernanceOp.placeAdmit(
        card: someCard, role: someRole, invite: invite, countersign: countersign)
      return .init(op, unknown: map.unknown)
    }
    let op = GovernanceOp.deviceAdmit(
      card: someCard, role: someRole, place: try place.orMissing(placeKey, at: map.start), invite: invite,
      countersign: countersign)
    return .init(op, unknown: map.unknown)
  }

  private mutating func readInviteCreate() throws(DecodingError) -> GovernanceBody.Entry {
    var map = try MapReader(&self, known: 1...7, inside: Self.opDepth - 1)
    var invite: InviteID?
    var inviteKey: PublicKey?
    var role: UInt64?
    var purpose: UInt64?
    var medium: UInt64?
    var epoch: EpochID?
    var sealed: [UInt8]?
    while let key = try map.next(&self) {
      switch key {
      case 1: invite = try readID16()
      case 2: inviteKey = try readID32()
      case 3: role = try readUInt()
      case 4: purpose = try readUInt()
      case 5: medium = try readUInt()
      case 6: epoch = try readID32()
      default: sealed = try readBytes(count: InviteDescription.sealedSize)
      }
    }
    let description = InviteDescription(
      id: try invite.orMissing(1, at: map.start), key: try inviteKey.orMissing(2, at: map.start),
      role: try role.orMissing(3, at: map.start), purpose: try purpose.orMissing(4, at: map.start),
      medium: try medium.orMissing(5, at: map.start), epoch: try epoch.orMissing(6, at: map.start),
      sealed: try sealed.orMissing(7, at: map.start))
    return .init(.inviteCreate(description), unknown: map.unknown)
  }

  private mutating func readInviteClose() throws(DecodingError) -> GovernanceBody.Entry {
    var map = try MapReader(&self, known: 1...1, inside: Self.opDepth - 1)
    var invite: InviteID?
    while try map.next(&self) != nil { invite = try readID16() }
    return .init(.inviteClose(try invite.orMissing(1, at: map.start)), unknown: map.unknown)
  }

  /// A card's form; its signature isn't checked here.
  mutating func readCard() throws(DecodingError) -> Card {
    let start = offset
    guard next == .map else { throw mismatch("a card") }
    let bytes = try skip(inside: 0)
    do { return try Card(decoding: bytes) } catch { throw .unexpected(at: start, expected: "a card") }
  }
}
