// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

@testable import SyncEngine

/// The first frame of bundles.
func bundleVectors() -> VectorFile {
  let world = WireWorld()
  let good = bundleHead(world)
  let bytes = good.encoded()
  let request = BundleHead(purpose: .request, made: WireWorld.founded, receipt: nil)
  var admission = good
  admission.purpose = .admission
  admission.unknown = [UnknownKey(key: 10, raw: [0x00])]
  let branched = bundleHead(world, twin: ID32(Hash.H("twin", []), at: 0))
  func bad(_ name: String, _ bytes: [UInt8], _ kind: String, _ why: String? = nil) -> VectorCase {
    VectorCase("refused: \(name)", "bundle head", bytes, refused: kind, why)
  }
  func edited(_ edit: (inout CBOR) -> Void) -> [UInt8] { CBOR.edited(bytes, edit) }
  func reversed(_ tree: CBOR) -> CBOR {
    if case .array(let items) = tree { .array(items.reversed()) } else { tree }
  }
  var cases = [
    VectorCase("sync", "bundle head", bytes, facts: ["signed by": "anna", "made": String(good.made)]),
    VectorCase("admission, with an unknown key", "bundle head", admission.encoded()),
    VectorCase("request", "bundle head", request.encoded()),
    bad("purpose 4", edited { $0[1] = .uint(4) }, "invalid", "a bundle's purpose is 1, 2 or 3"),
    VectorCase("sync, of version 2: a log has two branches", "bundle head", branched.encoded()),
    bad("version 3", edited { $0[9] = .uint(3) }, "invalid", "a bundle is of version 1 or 2"),
    bad(
      "version 2 without branches", edited { $0[9] = .uint(2) }, "invalid",
      "a bundle in which a log has branches, and no other, is of version 2"),
    bad(
      "version 1 with branches", CBOR.edited(branched.encoded()) { $0[9] = .uint(1) }, "invalid",
      "a bundle in which a log has branches, and no other, is of version 2"),
    bad(
      "a request that names a network",
      CBOR.edited(request.encoded()) { $0[2] = .bytes(world.network.bytes) },
      "invalid", "a request names no network"),
    bad("spaces descending", edited { $0[6] = reversed($0[6]!) }, "invalid", "spaces ascend"),
    bad(
      "logs descending", edited { $0[6]![at: 1][at: 1] = reversed($0[6]![at: 1][at: 1]) }, "invalid",
      "logs ascend"),
    bad(
      "seq 0 in a frontier", edited { $0[6]![at: 0][at: 1][at: 0][at: 1] = .uint(0) }, "invalid",
      "seq counts from 1"),
    bad("ranges descending", edited { $0[7] = reversed($0[7]!) }, "invalid", "ranges ascend"),
    bad("a range backwards", edited { $0[7]![at: 0][at: 2] = .uint(3) }, "invalid", "a range runs forwards"),
    bad(
      "a signature of 63 bytes", edited { $0[8] = .bytes([UInt8](repeating: 1, count: 63)) }, "unexpected",
      "64 bytes"),
    bad("made over 2^53", edited { $0[5] = .uint(1 << 53 + 1) }, "limit", "made is at most 2^53"),
    bad("a byte after it", bytes + [0], "leftover"),
  ]
  for key: UInt64 in 1...9 {
    cases.append(bad("no key \(key)", edited { $0[key] = nil }, "missing", "key \(key)"))
  }
  return VectorFile(
    about: "Payloads of BHEAD, protocol.md section 14, about the network of changes.json.",
    given: world.given,
    cases: cases)
}

/// Anna's, with all that she holds; with `twin`, of the last log in commons a second branch of the same length.
func bundleHead(_ world: WireWorld, twin: ChangeID? = nil) -> BundleHead {
  let tips = Dictionary(grouping: world.changes.map(\.change), by: \.header.logID).mapValues { $0.last! }
  var frontiers = [ID16.zero, world.commons].map { space in
    BundleHead.SpaceFrontier(
      space: space,
      tips: tips.values.filter { $0.header.space == space }
        .map { .init(log: $0.header.logID, seq: $0.header.seq, id: $0.id) }.sorted { $0.log < $1.log })
  }
  if let twin {
    let last = frontiers[1].tips.last!
    frontiers[1].tips.append(.init(log: last.log, seq: last.seq, id: twin))
    frontiers[1].tips.sort { ($0.log, $0.seq, $0.id) < ($1.log, $1.seq, $1.id) }
  }
  let contents = frontiers.flatMap { frontier in
    frontier.tips.map { BundleHead.Range(space: frontier.space, log: $0.log, first: 1, last: $0.seq) }
  }
  let made = WireWorld.founded + 20 * WireWorld.minute
  let receipt = BundleHead.Receipt(
    network: world.network, anchorID: ID32(Hash.H("anchor", world.genesis.id.bytes))!,
    maker: ID16(world.anna.card.deviceID)!, made: made, frontiers: frontiers, contents: contents,
    key: world.anna.sign)
  return BundleHead(purpose: .sync, made: made, receipt: receipt)
}

/// Keyed names of a session: protocol.md section 12, from its formulas alone.
func sessionVectors() -> VectorFile {
  let world = WireWorld()
  let handshake = [UInt8](repeating: 0x68, count: 64)
  let key = Hash.H("session", handshake)
  func name(_ label: String, _ bytes: [UInt8], _ count: Int) -> [UInt8] {
    Hash.keyed(label, key: key, bytes, count: count)
  }
  let tips = Dictionary(
    grouping: world.changes.map(\.change).filter { $0.header.space == world.commons }, by: \.header.logID
  ).mapValues { $0.last! }
  let logs = tips.keys.sorted()
  var frontier: [UInt8] = []
  for log in logs {
    let tip = tips[log]!
    frontier += log.bytes
    appendBigEndian(tip.header.seq, to: &frontier)
    frontier += tip.id.bytes
  }
  let digest = [UInt8](repeating: 0xd1, count: 32)
  let anchor = Hash.H("anchor", world.genesis.id.bytes)
  let first = tips[logs[0]]!
  return VectorFile(
    about:
      "Keyed names of protocol.md section 12 for the commons of changes.json, under a given handshake hash.",
    given: world.given.merging(
      [
        "handshake hash": Hex.encode(handshake), "sk": Hex.encode(key), "digest": Hex.encode(digest),
        "anchor id": Hex.encode(anchor),
      ], uniquingKeysWith: { $1 }),
    cases: [
      VectorCase(
        name: "space name", structure: "name", hex: Hex.encode(name("hello", world.commons.bytes, 8))),
      VectorCase(
        name: "root", structure: "name", hex: Hex.encode(name("root", frontier, 16)),
        facts: ["frontier": Hex.encode(frontier)]),
      VectorCase(name: "root of nothing", structure: "name", hex: Hex.encode(name("root", [], 16))),
      VectorCase(name: "digest", structure: "name", hex: Hex.encode(name("digest", digest + anchor, 16))),
      VectorCase(
        name: "log", structure: "name", hex: Hex.encode(name("log", logs[0].bytes, 8)),
        facts: ["log": logs[0].hex]),
      VectorCase(
        name: "tip", structure: "name", hex: Hex.encode(name("tip", first.id.bytes, 8)),
        facts: ["id": first.id.hex]),
    ])
}
