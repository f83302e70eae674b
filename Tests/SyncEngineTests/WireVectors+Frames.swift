// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

@testable import SyncEngine

/// Frames, each alone in a stream.
func frameVectors() -> VectorFile {
  let world = WireWorld()
  let code = InvitationCode(secret: SecretBytes(copying: [UInt8](repeating: 0x1a, count: 12)))
  let good: [(String, Frame)] = [
    ("HELLO", .hello(.init(spaces: [1, .max], credit: 1_048_576, program: "mujawara 1"))),
    (
      "HELLO with an unknown key",
      .hello(
        .init(spaces: [], credit: 1 << 30, program: "", unknown: [.init(key: 4, raw: [0xf5])]))
    ),
    (
      "ROOT",
      .root(.init(space: world.commons, root: ID16(high: 1, low: 2), digest: ID16(high: 3, low: 4), round: 1))
    ),
    ("ROOT of governance", .root(.init(space: .zero, root: ID16(high: 1, low: 2), digest: nil, round: 8))),
    (
      "LIST",
      .list(
        .init(
          space: world.commons, entries: [.init(log: 7, seq: 1, tip: 8), .init(log: 5, seq: 70_000, tip: 0)]))
    ),
    ("LIST of nothing", .list(.init(space: .zero, entries: []))),
    ("CHANGES from seq 1", .changes(wireRun(world.longLog, from: 0))),
    ("CHANGES with a listed head", .changes(wireRun(world.longLog, from: 0) { _ in 0 })),
    ("CHANGES with a base", .changes(wireRun(world.longLog, from: 2, hasBase: true))),
    ("CHANGES over a session", .changes(wireRun(world.longLog, from: 2))),
    ("CHANGES of governance", .changes(wireRun([world.genesis, world.admit], from: 0))),
    ("CHANGES without a ciphertext", .changes(stripped(wireRun(world.longLog, from: 0)))),
    ("CREDIT", .credit(65_000)), ("PING", .ping), ("CLOSE converged", .close(.converged)),
    ("CLOSE of a later version", .close(CloseCode(rawValue: 99))), ("PAD", .pad(7)),
    ("PAD of nothing", .pad(0)),
    ("END", .end(changes: 12)), ("DONE", .done(.init(space: world.commons, changes: 3, round: 2))),
    (
      "JOIN",
      .join(
        .init(card: world.stranger.card, countersign: code.countersign(world.stranger.card), name: "المطبخ"))
    ),
    ("ADMIT", .admit(.init(network: world.network, anchor: [world.genesis.id]))),
    ("REFUSE", .refuse(.withdrawn)),
    ("a reserved frame", .unknown(type: 0x05, payload: [1, 2, 3])),
    ("a frame that ends the session", .unknown(type: 0xfe, payload: [])),
  ]
  let cases = good.map { name, frame in
    var vector = VectorCase(name, "frame", frame.encoded())
    vector.json = try? CBOR(decoding: frame.payload()).json()
    return vector
  }
  return VectorFile(
    about: """
      Frames of protocol.md section 10, head included; `json` is the payload. The CHANGES are those of \
      changes.json; `facts` of "rebuilt" cases gives the ids that headers rebuilt from them must have.
      """,
    given: world.given, cases: cases + [rebuilt(world)] + refusedFrames(world))
}

private func rebuilt(_ world: WireWorld) -> VectorCase {
  var vector = VectorCase("rebuilt: a log of five", "run", wireRun(world.longLog, from: 0).encoded())
  vector.json = nil
  vector.facts = ["ids": world.longLog.map(\.id.hex).joined(separator: " ")]
  return vector
}

func wireRun(
  _ log: [Change], from start: Int, hasBase: Bool = false, listIndex: (ID32) -> Int? = { _ in nil }
) -> Run {
  let header = log[start].header
  let entries = (start..<log.count).map { place in
    RunEntry(log[place], previousStamp: place == 0 ? 0 : log[place - 1].header.stamp, listIndex: listIndex)
  }
  let base = log[..<start].reduce(nil) { RunBase(after: $1, following: $0) }
  return Run(
    space: header.space, author: header.author, incarnation: header.incarnation, firstSeq: header.seq,
    base: hasBase ? base : nil, entries: entries)
}

private func stripped(_ run: Run) -> Run {
  var run = run
  if case .bytes(let bytes) = run.entries[1].ciphertext {
    run.entries[1].ciphertext = .missing(hash: Change.hash(ofCiphertext: bytes), length: UInt64(bytes.count))
  }
  return run
}

private func refusedFrames(_ world: WireWorld) -> [VectorCase] {
  func bad(_ name: String, _ frame: Frame, _ kind: String, _ why: String?, _ edit: (inout CBOR) -> Void)
    -> VectorCase
  {
    let bytes = Frame.encoded(type: frame.type, payload: CBOR.edited(frame.payload(), edit))
    return VectorCase("refused: \(name)", "frame", bytes, refused: kind, why)
  }
  func raw(_ name: String, _ hex: String, _ kind: String, _ why: String? = nil) -> VectorCase {
    VectorCase("refused: \(name)", "frame", Hex.decode(hex)!, refused: kind, why)
  }
  let hello = Frame.hello(.init(spaces: [1], credit: 1_048_576, program: "mujawara 1"))
  let root = Frame.root(.init(space: .zero, root: .zero, digest: nil, round: 1))
  let list = Frame.list(.init(space: .zero, entries: [.init(log: 7, seq: 1, tip: 8)]))
  let changes = Frame.changes(wireRun(world.longLog, from: 0))
  let based = Frame.changes(wireRun(world.longLog, from: 2, hasBase: true))
  let admit = Frame.admit(.init(network: world.network, anchor: [world.genesis.id]))
  /// Edits the first entry of a run.
  func entry(_ tree: inout CBOR, _ edit: (inout CBOR) -> Void) {
    var entries = tree[at: 5]
    edit(&entries[at: 0])
    tree[at: 5] = entries
  }
  let derived = "what can be derived doesn't travel"
  return [
    raw(
      "a payload over 1,048,576 bytes", "0700100001", "limit", "a frame's payload has at most 1,048,576 bytes"
    ),
    raw("cut in its head", "0700", "truncated"), raw("cut in its payload", "09000000021a", "truncated"),
    raw("PAD with a one", "0f000000020001", "unexpected", "zero bytes"),
    raw("PING with a number", "0c0000000100", "unexpected", "null"),
    raw("CREDIT with leftover bytes", "09000000020000", "leftover"),
    raw("END of two", "1000000003820101", "unexpected", "an end of one"),
    bad("a credit below 1,048,576", hello, "limit", "a credit is at least 1,048,576") {
      $0[2] = .uint(1_048_575)
    },
    bad("HELLO without a program", hello, "missing", "key 3") { $0[3] = nil },
    bad("a space's name of seven bytes", hello, "unexpected", "8 bytes") {
      $0[1] = .array([.bytes([UInt8](repeating: 1, count: 7))])
    },
    bad("ROOT of five", root, "unexpected", "a root of four") { tree in
      if case .array(let items) = tree { tree = .array(items + [.null]) }
    },
    bad("a digest of 15 bytes", root, "unexpected", "16 bytes") {
      $0[at: 2] = .bytes([UInt8](repeating: 1, count: 15))
    },
    bad("seq 0 in LIST", list, "invalid", "seq counts from 1") { $0[at: 1][at: 0][at: 1] = .uint(0) },
    bad("ADMIT without an anchor", admit, "limit", "an anchor of 1 to 8") { $0[2] = .array([]) },
    bad("a run without entries", changes, "invalid", "a run has an entry") { $0[at: 5] = .array([]) },
    bad("a run from seq 0", changes, "invalid", "seq counts from 1") { $0[at: 3] = .uint(0) },
    bad("a base before seq 1", based, "invalid", "nothing comes before seq 1") { $0[at: 3] = .uint(1) },
    bad("a base of four", based, "unexpected", "a base of five") { tree in
      if case .array(let items) = tree[at: 4] { tree[at: 4] = .array(items.dropLast()) }
    },
    bad("a run past seq 2^40", changes, "limit", "seq is below 2^40") { $0[at: 3] = .uint(1 << 40 - 1) },
    bad("33 heads in an entry", changes, "limit", "at most 32 heads") {
      entry(&$0) { $0[at: 1] = .array((0..<33).map { .uint($0) }) }
    },
    bad("a signature of 65 bytes", changes, "unexpected", "64 bytes") {
      entry(&$0) { $0[at: 4] = .bytes([UInt8](repeating: 1, count: 65)) }
    },
    bad("an empty extra", changes, "notCanonical", nil) { entry(&$0) { $0[at: 5] = .map([]) } },
    bad("kind 0 in extra", changes, "notCanonical", nil) { entry(&$0) { $0[at: 5][1] = .uint(0) } },
    bad("an author in extra", changes, "invalid", derived) {
      entry(&$0) { $0[at: 5][2] = .bytes(WireWorld.key(world.anna).bytes) }
    },
    bad("a nonce in extra", changes, "invalid", derived) {
      entry(&$0) { $0[at: 5][12] = .bytes([UInt8](repeating: 1, count: 24)) }
    },
  ]
}
