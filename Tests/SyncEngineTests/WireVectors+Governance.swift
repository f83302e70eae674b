// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

@testable import SyncEngine

/// Bodies of governance changes.
func governanceVectors() -> VectorFile {
  let world = WireWorld()
  let code = InvitationCode(secret: SecretBytes(copying: [UInt8](repeating: 0x1a, count: 12)))
  let invite = ID16(code.id)!
  let sealed = code.sealed(
    epochSecret: SecretBytes(copying: world.epochSecret), nonce: [UInt8](repeating: 0x2b, count: 24))
  let description = InviteDescription(
    id: invite, key: ID32(code.signingKey.publicKey)!, role: 2, purpose: InviteDescription.Purpose.place,
    medium: InviteDescription.Medium.live, epoch: world.epoch, sealed: sealed)
  let countersign = code.countersign(world.stranger.card)
  let place = ID16(world.anna.card.placeID)!
  let unknown = [UnknownKey(key: 9, raw: [0x81, 0x01])]
  let good: [(String, GovernanceBody)] = [
    (
      "genesis",
      .init(label: -7, ops: [.genesis(Policy(quota: WireWorld.quota), founders: [world.anna.card])])
    ),
    (
      "genesis with unknown keys",
      .init(
        label: 0,
        entries: [.init(.genesis(Policy(unknown: unknown), founders: [world.anna.card]), unknown: unknown)],
        unknown: unknown)
    ),
    (
      "place.admit",
      .init(
        label: 0, ops: [.placeAdmit(card: world.bilal.card, role: 2, invite: nil, countersign: nil)])
    ),
    (
      "place.admit by invitation",
      .init(
        label: 0,
        ops: [.placeAdmit(card: world.stranger.card, role: 2, invite: invite, countersign: countersign)])
    ),
    (
      "device.admit",
      .init(
        label: 0,
        ops: [.deviceAdmit(card: world.bilal.card, role: 1, place: place, invite: nil, countersign: nil)])
    ),
    (
      "device.admit by invitation",
      .init(
        label: 0,
        ops: [
          .deviceAdmit(
            card: world.stranger.card, role: 2, place: place, invite: invite, countersign: countersign)
        ])
    ),
    (
      "invite.create and invite.close",
      .init(label: 5, ops: [.inviteCreate(description), .inviteClose(invite)])
    ),
    ("a reserved op", .init(label: 0, ops: [.unknown(code: 4, raw: [0xa1, 0x01, 0x41, 0x07])])),
    ("an op of a later version", .init(label: 0, ops: [.unknown(code: 1000, raw: [0xa0])])),
  ]
  return VectorFile(
    about: "Bodies of protocol.md section 7. Whether an op is good is another matter: see changes.json.",
    given: world.given.merging(
      [
        "invitation secret": String(repeating: "1a", count: 12), "invitation code": code.text,
        "invite": invite.hex,
        "invite key": description.key.hex,
      ], uniquingKeysWith: { $1 }),
    cases: good.map { VectorCase($0.0, "governance", $0.1.encoded()) } + refusedGovernance(world, description)
  )
}

private func refusedGovernance(_ world: WireWorld, _ description: InviteDescription) -> [VectorCase] {
  let genesis = world.body("genesis")
  let admit = world.body("admit")
  let invite = GovernanceBody(label: 0, ops: [.inviteCreate(description)]).encoded()
  func bad(_ name: String, _ bytes: [UInt8], _ kind: String, _ why: String? = nil) -> VectorCase {
    VectorCase("refused: \(name)", "governance", bytes, refused: kind, why)
  }
  /// Edits the map of the body's first op.
  func op(_ bytes: [UInt8], _ edit: (inout CBOR) -> Void) -> [UInt8] {
    CBOR.edited(bytes) { tree in
      var list = tree[2]!
      var entry = list[at: 0]
      var map = entry[at: 1]
      edit(&map)
      entry[at: 1] = map
      list[at: 0] = entry
      tree[2] = list
    }
  }
  func short(_ count: Int) -> CBOR { .bytes([UInt8](repeating: 1, count: count)) }
  var cases = [
    bad("no ops", CBOR.edited(admit) { $0[2] = .array([]) }, "limit", "1 to 4,096 ops"),
    bad("no label", CBOR.edited(admit) { $0[1] = nil }, "missing", "key 1"),
    bad("no list of ops", CBOR.edited(admit) { $0[2] = nil }, "missing", "key 2"),
    bad(
      "genesis beside another op",
      CBOR.edited(genesis) { tree in
        if case .array(let ops) = tree[2] { tree[2] = .array(ops + [.array([.uint(9), .map([])])]) }
      }, "invalid", "genesis stands alone"),
    bad("no founder", op(genesis) { $0[2] = .array([]) }, "invalid", "a network has a founder"),
    bad(
      "a founder's card with a fifth key",
      op(genesis) { map in
        var cards = map[2]!
        cards[at: 0][5] = .null
        map[2] = cards
      }, "unexpected", "a card"),
    bad("no policy", op(genesis) { $0[1] = nil }, "missing", "key 1"),
    bad(
      "a quota over 2^53", op(genesis) { $0[1]![2] = .uint(1 << 53 + 1) }, "limit",
      "a policy's numbers are at most 2^53"),
    bad("a role as text", op(admit) { $0[2] = .text("writer") }, "unexpected", "an unsigned integer"),
    bad("a countersignature of 63 bytes", op(admit) { $0[4] = short(63) }, "unexpected", "64 bytes"),
    bad("an invite of 15 bytes", op(admit) { $0[3] = short(15) }, "unexpected", "16 bytes"),
    bad(
      "an op of three",
      CBOR.edited(admit) { tree in
        if case .array(let op) = tree[2]![at: 0] { tree[2]![at: 0] = .array(op + [.null]) }
      }, "unexpected", "an op of two"),
    bad(
      "an unknown op that isn't a map",
      CBOR.edited(admit) { $0[2] = .array([.array([.uint(99), .array([])])]) }, "unexpected", "an op's map"),
    bad("sealed of 103 bytes", op(invite) { $0[7] = short(103) }, "unexpected", "104 bytes"),
    bad("an invite key of 31 bytes", op(invite) { $0[2] = short(31) }, "unexpected", "32 bytes"),
    bad("a byte after the body", admit + [0], "leftover"),
  ]
  for key: UInt64 in 1...4 {
    cases.append(
      bad("no key \(key) in the policy", op(genesis) { $0[1]![key] = nil }, "missing", "key \(key)"))
  }
  for key: UInt64 in 1...7 {
    cases.append(bad("no key \(key) in invite.create", op(invite) { $0[key] = nil }, "missing", "key \(key)"))
  }
  return cases
}

/// Key changes, the roster within, and the epoch.
func keyVectors() -> VectorFile {
  let world = WireWorld()
  let good = world.keyChange()
  let bytes = good.encoded()
  let rosterOf = { (count: Int) in
    let epochs = (0..<count).map { ID32(high: ID16(high: 0, low: 1), low: ID16(high: 1, low: UInt64($0))) }
    return KeyRoster(
      devices: [ID16(world.anna.card.deviceID)!, ID16(world.bilal.card.deviceID)!].sorted(),
      parents: epochs.map {
        .init(epoch: $0, secret: SecretBytes(copying: [UInt8](repeating: 0x5f, count: 32)))
      })
  }
  let roster = rosterOf(2).encoded()
  var share = good
  share.op = .share
  share.unknown = [UnknownKey(key: 8, raw: [0xf6])]
  var later = good
  later.op = .unknown(3)
  func bad(_ name: String, _ structure: String, _ bytes: [UInt8], _ kind: String, _ why: String? = nil)
    -> VectorCase
  {
    VectorCase("refused: \(name)", structure, bytes, refused: kind, why)
  }
  func short(_ count: Int) -> CBOR { .bytes([UInt8](repeating: 1, count: count)) }
  var cases = [
    VectorCase(
      "rotate", "key change", bytes,
      facts: [
        "eph secret": String(repeating: "e9", count: 32), "wrap for anna": "2", "wrap for bilal": "5",
        "roster": Hex.encode(rosterOf(0).encoded()),
      ]),
    VectorCase("share, with an unknown key", "key change", share.encoded()),
    VectorCase("an op of a later version", "key change", later.encoded()),
    VectorCase("roster of a first epoch", "key roster", rosterOf(0).encoded()),
    VectorCase("roster that follows two", "key roster", roster),
    bad(
      "seven wraps", "key change", CBOR.edited(bytes) { $0[4] = short(7 * 48) }, "unexpected",
      "a multiple of 8 wraps"),
    bad(
      "no wraps", "key change", CBOR.edited(bytes) { $0[4] = short(0) }, "unexpected", "a multiple of 8 wraps"
    ),
    bad(
      "sealed too short", "key change", CBOR.edited(bytes) { $0[5] = short(103) }, "unexpected",
      "a sealed roster"),
    bad(
      "epoch of 31 bytes", "key change", CBOR.edited(bytes) { $0[2] = short(31) }, "unexpected", "32 bytes"),
    bad("eph of 33 bytes", "key change", CBOR.edited(bytes) { $0[3] = short(33) }, "unexpected", "32 bytes"),
    bad("a byte after it", "key change", bytes + [0], "leftover"),
    bad(
      "devices descending", "key roster",
      CBOR.edited(roster) { tree in
        if case .array(let ids) = tree[1] { tree[1] = .array(ids.reversed()) }
      }, "invalid", "devices ascend"),
    bad(
      "parents descending", "key roster",
      CBOR.edited(roster) { tree in
        if case .array(let ids) = tree[2] { tree[2] = .array(ids.reversed()) }
      }, "invalid", "epochs ascend"),
    bad(
      "parents empty", "key roster", CBOR.edited(roster) { $0[2] = .array([]) }, "limit", "1 to 256 parents"),
    bad("257 parents", "key roster", rosterOf(257).encoded(), "limit", "1 to 256 parents"),
    bad("no devices", "key roster", CBOR.edited(roster) { $0[1] = nil }, "missing", "key 1"),
  ]
  for key: UInt64 in 1...5 {
    cases.append(
      bad("no key \(key)", "key change", CBOR.edited(bytes) { $0[key] = nil }, "missing", "key \(key)"))
  }
  return VectorFile(
    about: """
      Bodies and rosters of protocol.md section 9. "rotate" is that of "anna 1, keys" in changes.json: its \
      wraps are in a fixed order, with those of Anna and Bilal at the places given.
      """,
    given: world.given, cases: cases)
}
