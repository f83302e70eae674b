// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto

@testable import SyncEngine

enum RecordIDs {
  /// The record that Anna's first content makes.
  static func tent(_ world: WireWorld) -> RecordID { RecordID(change: world.change("anna 2").id, index: 0) }
}

extension WireWorld {
  /// What changes.json and others rest on.
  var given: [String: String] {
    [
      "anna sign seed": String(repeating: "11", count: 32),
      "bilal sign seed": String(repeating: "22", count: 32),
      "stranger sign seed": String(repeating: "33", count: 32), "network": network.hex,
      "commons": commons.hex,
      "commons epoch": epoch.hex, "commons epoch secret": Hex.encode(epochSecret),
      "quota": String(Self.quota),
    ]
  }
}

/// The network, change by change, and what may and may not come next.
func changeVectors() -> VectorFile {
  let world = WireWorld()
  var cases = world.changes.map { item in
    let change = item.change
    var vector = VectorCase(item.name, "envelope", change.envelope())
    vector.facts = [
      "id": change.id.hex, "log": change.header.logID.hex, "h0": Hex.encode(change.h0),
      "body": Hex.encode(item.body),
      "ct_hash": change.ctHash.hex,
    ]
    vector.json = try? CBOR(decoding: change.h0).json()
    return vector
  }
  cases +=
    nextChanges(world) + refusedHeaders(world) + refusedEnvelopes(world) + refusedByIngest(world)
    + strangeBodies(world)
  return VectorFile(
    about: """
      Envelopes of protocol.md section 4. The first \(world.changes.count) are a network, in an order in which \
      each is taken in. Every other case is given to a replica of Bilal's that holds exactly these. `facts` has \
      the id, \
      the log, the header, its body (opened) and ct_hash; `json` is the header.
      """,
    given: world.given, cases: cases)
}

/// Good changes that stand at a bound, and such as take no effect.
private func nextChanges(_ world: WireWorld) -> [VectorCase] {
  let bounds = StampBounds(world)
  func good(_ name: String, _ outcome: String = VectorCase.Outcome.accepted, _ edit: (inout Forge) -> Void)
    -> VectorCase
  {
    var vector = VectorCase(name, "envelope", Forge.envelope(world, edit))
    vector.outcome = outcome
    vector.json = nil
    return vector
  }
  typealias Outcome = VectorCase.Outcome
  return [
    good("next") { _ in },
    good("next, the first of a new incarnation") { $0.beginLog() },
    good("another change at a seq that is held", Outcome.held) { forge in
      let first = world.change("bilal 1")
      forge.header[5] = .uint(2)
      forge.header[6] = .bytes(first.id.bytes)
      forge.header[7] = .ids([world.change("anna 4, a merge").id])
      forge.header[8] = .uint(WireWorld.founded + 7 * WireWorld.minute)
      forge.header[9] = .uint(first.header.cum + forge.header[13]!.number)
    },
    good("another first change of a log", Outcome.held) { forge in
      let incarnation = forge.header[4]
      forge.beginLog()
      forge.header[4] = incarnation
    },
    good("next, stamp at its least") { $0.header[8] = .uint(bounds.lower + 1) },
    good("next, stamp at its greatest") { $0.header[8] = .uint(bounds.upper) },
    good("next, with an unknown header key") { $0.header[15] = .array([.uint(1), .text("later")]) },
    good("an unknown key that is critical", Outcome.noEffect) {
      $0.header[15] = .uint(1)
      $0.header[14] = .array([.uint(15)])
    },
    good("an unknown kind", Outcome.noEffect) { $0.header[1] = .uint(9) },
    good("prev isn't held", Outcome.waits) { forge in
      forge.header[5] = .uint(4)
      forge.header[6] = .bytes([UInt8](repeating: 0xdd, count: 32))
    },
    good("a head isn't held", Outcome.waits) {
      $0.header[7] = .ids([ID32(hex: String(repeating: "dd", count: 32))!])
    },
    good("a gov isn't held", Outcome.waits) {
      $0.header[10] = .ids([ID32(hex: String(repeating: "dd", count: 32))!])
    },
    good("an epoch that nobody gave", Outcome.unreadable) {
      $0.header[11] = .bytes([UInt8](repeating: 0xee, count: 32))
    },
    good("gov from before its author was admitted", Outcome.uncounted) {
      $0.beginLog()
      $0.header[10] = .ids([world.genesis.id])
    },
    good("a redaction of its author's own change") { $0.redact([world.change("bilal 2").id]) },
    good("a redaction of another place's change, by no admin") { $0.redact([world.change("anna 5, a merge").id]) },
    good("a redaction with an unknown key") { forge in
      forge.redact([world.change("bilal 2").id])
      forge.take(body: CBOR.edited(forge.body) { $0[2] = .text("later") })
    },
    good("a redaction of nothing", Outcome.noEffect) { $0.redact([]) },
    good("a redaction of 257 changes", Outcome.noEffect) {
      $0.redact((0..<257).map { ID32(high: ID16(high: 1, low: 1), low: ID16(high: 1, low: UInt64($0))) })
    },
    VectorCase(
      name: "no ciphertext", structure: "envelope",
      hex: VectorHex.encode(CBOR.edited(Forge(world).envelope()) { $0[at: 3] = .null }), outcome: Outcome.absent),
  ]
}

/// The stamps that the next change of Bilal's may have.
private struct StampBounds {
  let lower: UInt64
  let upper: UInt64

  /// All heads are Anna's, the last of minute 9; so is the greatest stamp that isn't Bilal's.
  init(_ world: WireWorld) {
    lower = world.change("anna restored 1").header.stamp
    upper = lower + 34_560_000_000
  }
}

private func refusedHeaders(_ world: WireWorld) -> [VectorCase] {
  func bad(_ name: String, _ kind: String, _ why: String?, _ edit: (inout Forge) -> Void) -> VectorCase {
    VectorCase(name, "envelope", Forge.envelope(world, edit), refused: kind, why)
  }
  let heads = [world.change("anna 5, a merge").id, world.change("anna restored 1").id].sorted()
  let many = (0..<33).map { ID32(high: ID16(high: 1, low: 1), low: ID16(high: 1, low: UInt64($0))) }
  let keyBody = world.body("anna 1, keys")
  var cases = [
    bad("seq 0", "invalid", "seq counts from 1") { $0.header[5] = .uint(0) },
    bad("seq 2^40", "limit", "seq is below 2^40") { $0.header[5] = .uint(1 << 40) },
    bad("no prev after seq 1", "invalid", "prev is absent iff seq is 1") { $0.header[6] = nil },
    bad("prev at seq 1", "invalid", "prev is absent iff seq is 1") {
      $0.beginLog()
      $0.header[6] = .bytes(world.change("bilal 2").id.bytes)
    },
    bad("heads descending", "invalid", "ids ascend") { $0.header[7] = .ids(heads.reversed()) },
    bad("a head twice", "invalid", "ids ascend") { $0.header[7] = .ids([heads[0], heads[0]]) },
    bad("heads empty", "limit", "1 to 32 heads") { $0.header[7] = .ids([]) },
    bad("33 heads", "limit", "1 to 32 heads") { $0.header[7] = .ids(many) },
    bad("stamp over 2^53", "limit", "a stamp is at most 2^53") { $0.header[8] = .uint(1 << 53 + 1) },
    bad("cum below ct_len", "invalid", "cum is the sum of the log's ct_len") {
      $0.header[9] = .uint($0.header[13]!.number - 1)
    },
    bad("cum above ct_len at seq 1", "invalid", "cum is the sum of the log's ct_len") {
      $0.beginLog()
      $0.header[9] = .uint($0.header[13]!.number + 1)
    },
    bad("gov empty", "limit", "1 to 8 gov") { $0.header[10] = .ids([]) },
    bad("gov descending", "invalid", "ids ascend") {
      $0.header[10] = .ids([world.genesis.id, world.admit.id].sorted().reversed())
    },
    bad("nine gov", "limit", "1 to 8 gov") { $0.header[10] = .ids(Array(many.prefix(9))) },
    bad("no gov in a log's first change", "invalid", "a log's first change names its gov") {
      $0.beginLog()
      $0.header[10] = nil
    },
    bad("no epoch in a log's first content", "invalid", "the first content of a log names its epoch") {
      $0.beginLog()
      $0.header[11] = nil
    },
    bad("content without a nonce", "invalid", "content has a nonce") { $0.header[12] = nil },
    bad("nonce of 23 bytes", "unexpected", "24 bytes") {
      $0.header[12] = .bytes([UInt8](repeating: 9, count: 23))
    },
    bad("ct_len over its limit", "limit", "ct_len is at most 270,352") {
      $0.header[13] = .uint(270_353)
      $0.header[9] = .uint(900_000)
    },
    bad("crit empty", "limit", "1 to 64 critical keys") { $0.header[14] = .array([]) },
    bad("crit descending", "invalid", "critical keys ascend") {
      $0.header[14] = .array([.uint(16), .uint(15)])
    },
    bad("author of 31 bytes", "unexpected", "32 bytes") {
      $0.header[2] = .bytes([UInt8](repeating: 2, count: 31))
    },
    bad("space of 15 bytes", "unexpected", "16 bytes") {
      $0.header[3] = .bytes([UInt8](repeating: 2, count: 15))
    },
    bad("incarnation of 9 bytes", "unexpected", "8 bytes") {
      $0.header[4] = .bytes([UInt8](repeating: 2, count: 9))
    },
    bad("seq as a negative integer", "unexpected", "an unsigned integer") { $0.header[5] = .nint(2) },
    bad("a header of more than 16,384 bytes", "limit", "a header has at most 16,384 bytes") {
      $0.header[15] = .bytes([UInt8](repeating: 0, count: 16_384))
    },
    bad("content in the governance space", "invalid", "governance changes and they alone are in space 0") {
      $0.header[3] = .bytes([UInt8](repeating: 0, count: 16))
    },
    bad("governance in commons", "invalid", "governance changes and they alone are in space 0") {
      $0.header[1] = .uint(1)
      $0.header[12] = nil
      $0.secret = nil
      $0.take(body: world.body("admit"))
    },
    bad("a governance log with gov", "invalid", "a governance log has no gov") {
      $0.header[1] = .uint(1)
      $0.header[3] = .bytes([UInt8](repeating: 0, count: 16))
      $0.header[10] = .ids([world.admit.id])
      $0.header[12] = nil
      $0.secret = nil
      $0.take(body: world.body("admit"))
    },
    bad("a key change with a nonce", "invalid", "only content has nonce and epoch") {
      $0.header[1] = .uint(2)
      $0.secret = nil
      $0.take(body: keyBody)
    },
    bad("a redaction with a nonce", "invalid", "only content has nonce and epoch") { forge in
      let nonce = forge.header[12]
      forge.redact([world.change("bilal 2").id])
      forge.header[12] = nonce
    },
    bad("a key change with an epoch", "invalid", "only content has nonce and epoch") {
      $0.header[1] = .uint(2)
      $0.header[11] = .bytes(world.epoch.bytes)
      $0.header[12] = nil
      $0.secret = nil
      $0.take(body: keyBody)
    },
  ]
  for key: UInt64 in [1, 2, 3, 4, 5, 8, 9, 13] {
    cases.append(bad("no key \(key) in the header", "missing", "key \(key)") { $0.header[key] = nil })
  }
  return cases
}

private func refusedEnvelopes(_ world: WireWorld) -> [VectorCase] {
  let forge = Forge(world)
  let good = forge.envelope()
  func bad(_ name: String, _ bytes: [UInt8], _ kind: String, _ why: String? = nil) -> VectorCase {
    VectorCase(name, "envelope", bytes, refused: kind, why)
  }
  func edited(_ edit: (inout CBOR) -> Void) -> [UInt8] { CBOR.edited(good, edit) }
  var longer = forge
  longer.header[13] = .uint(forge.header[13]!.number + 1)
  longer.header[9] = .uint(forge.header[9]!.number + 1)
  let h0 = forge.h0
  let swapped = [h0[0]] + [0x02, 0x58, 0x20] + h0[6..<38] + [0x01, 0x00] + h0[38...]
  return [
    bad("envelope of version 2", edited { $0[at: 0] = .uint(2) }, "invalid", "an envelope is of version 1"),
    bad(
      "envelope of six", edited { if case .array(let items) = $0 { $0 = .array(items + [.null]) } },
      "unexpected",
      "an envelope of five"),
    bad(
      "ct_hash isn't that of ct", edited { $0[at: 2] = .bytes([UInt8](repeating: 1, count: 32)) }, "invalid",
      "ct_hash is the hash of ct"),
    bad("ct_len isn't that of ct", longer.envelope(), "invalid", "ct_len is the length of ct"),
    bad(
      "signature of 63 bytes", edited { $0[at: 4] = .bytes([UInt8](repeating: 1, count: 63)) }, "unexpected",
      "64 bytes"),
    bad("header keys swapped", forge.envelope(h0: swapped), "notCanonical"),
    bad("header with a byte after it", forge.envelope(h0: h0 + [0xf6]), "leftover"),
    bad(
      "header with kind in two bytes", forge.envelope(h0: [h0[0], 0x01, 0x18, 0x00] + h0[3...]),
      "notCanonical"),
  ]
}

/// Well-formed changes that a replica must refuse for what it holds.
private func refusedByIngest(_ world: WireWorld) -> [VectorCase] {
  let bounds = StampBounds(world)
  func bad(_ name: String, _ reason: String, _ edit: (inout Forge) -> Void) -> VectorCase {
    refused(name, reason, Forge.envelope(world, edit))
  }
  func refused(_ name: String, _ reason: String, _ bytes: [UInt8]) -> VectorCase {
    VectorCase(
      name: name, structure: "envelope", hex: VectorHex.encode(bytes), outcome: VectorCase.Outcome.refused,
      refusedBy: "ingest:\(reason)")
  }
  let good = Forge(world).envelope()
  let keyBody = world.body("anna 1, keys")
  return [
    bad("cum is one too much", "total") { $0.header[9] = .uint($0.header[9]!.number + 1) },
    bad("over the quota", "quota") { forge in
      let fields = [
        FieldEdits(4, .bytes([UInt8](repeating: 1, count: 40_000))),
        FieldEdits(5, .bytes([UInt8](repeating: 2, count: 40_000))),
      ]
      forge.take(body: Content(label: 0, entries: [.init(.new(.number(12)), fields)]).encoded())
    },
    bad("stamp at its lower bound", "stamp") { $0.header[8] = .uint(bounds.lower) },
    bad("stamp over its upper bound", "stamp") { $0.header[8] = .uint(bounds.upper + 1) },
    bad("prev is of another log", "seq") { $0.header[6] = .bytes(world.change("anna 5, a merge").id.bytes) },
    bad("seq leaves one out", "seq") { $0.header[5] = .uint(4) },
    bad("a head is of the same log", "heads") { $0.header[7] = .ids([world.change("bilal 1").id]) },
    bad("a head is of another space", "heads") { $0.header[7] = .ids([world.admit.id]) },
    bad("a space that the replica doesn't read", "foreignSpace") {
      $0.beginLog()
      $0.header[3] = .bytes([UInt8](repeating: 7, count: 16))
    },
    bad("an author whom governance never named", "stranger") {
      $0.beginLog()
      $0.author = world.stranger
      $0.header[2] = .bytes(WireWorld.key(world.stranger).bytes)
    },
    bad("signed by another", "signature") { $0.author = world.anna },
    refused("signature with one bit changed", "signature", good.dropLast() + [good.last! ^ 1]),
    refused("a key change without its body", "body", CBOR.edited(Forge.envelope(world) { $0.hand(keyBody) }) { $0[at: 3] = .null }),
  ]
}

/// Sealed bodies that break a rule: stored and relayed, without effect.
private func strangeBodies(_ world: WireWorld) -> [VectorCase] {
  func strange(_ name: String, _ edit: (inout Forge) -> Void) -> VectorCase {
    var vector = VectorCase(
      name: name, structure: "envelope", hex: VectorHex.encode(Forge.envelope(world, edit)),
      outcome: VectorCase.Outcome.noEffect)
    vector.why = "its body"
    return vector
  }
  var cases = refusedContent(world).filter { $0.bytes.count < 70_000 }.map { refused in
    strange("sealed: \(refused.name)") { $0.take(body: refused.bytes) }
  }
  cases.append(strange("sealed under another secret") { $0.secret = [UInt8](repeating: 0x77, count: 32) })
  return cases
}
