// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// The formats of protocol.md that the engine reads.
extension FuzzTarget {
  static let wire = [
    FuzzTarget("cbor", items),
    recoding("value", refusedBy: DecodingError.self) { bytes in
      var reader = CBORReader(bytes)
      let value = try Value(decoding: &reader)
      try reader.finish()
      return value.encoded()
    },
    recoding("header", refusedBy: DecodingError.self) { try ChangeHeader(decoding: $0).encoded() },
    recoding("envelope", refusedBy: DecodingError.self) {
      try Change(envelope: $0, network: .zero).envelope()
    },
    FuzzTarget("content", longest: 8_192, contentBody),
    recoding("governance", refusedBy: DecodingError.self) { try GovernanceBody(decoding: $0).encoded() },
    recoding("key-change", refusedBy: DecodingError.self) { try KeyChangeBody(decoding: $0).encoded() },
    recoding("key-roster", refusedBy: DecodingError.self) { try KeyRoster(decoding: $0).encoded() },
    recoding("redaction", refusedBy: DecodingError.self) { try RedactionBody(decoding: $0).encoded() },
    FuzzTarget("frames", frames),
    FuzzTarget("run", run),
    recoding("bundle-head", refusedBy: DecodingError.self) { try BundleHead(decoding: $0).encoded() },
  ]

  /// One item, read as a tree and passed over: both take the same bytes.
  private static func items(_ bytes: [UInt8]) throws -> Bool {
    let tree = try? CBOR(decoding: bytes)
    var reader = CBORReader(bytes)
    let passed = try? reader.skip()
    try require((tree != nil) == (passed != nil && reader.isAtEnd), "read as a tree or passed over, not both")
    guard let tree else { return false }
    try require(tree.encoded() == bytes, "came back as \(tree.encoded())")
    try require(tree.depth <= CBORReader.maxDepth, "deeper than allowed")
    _ = tree.json(indent: 1)
    return true
  }

  /// A body's ops can be listed, and what arranging makes of its entries is a body too.
  private static func contentBody(_ bytes: [UInt8]) throws -> Bool {
    let content: Content
    do { content = try Content(decoding: bytes) } catch { return false }
    try require(content.encoded() == bytes, "came back as \(content.encoded())")
    let dot = Dot(log: 1, seq: 1)
    let ops = content.operations(changeID: .zero, dot: dot).reduce(0) { $0 + $1.ops.count }
    let most = content.opCount + content.entries.count(where: \.isNew) + keyedTexts(in: content)
    try require(ops <= most, "\(ops) ops come of a body of \(content.opCount)")
    for part in content.operations(changeID: .zero, dot: dot) {
      var state = RecordState()
      state.apply(part.ops, of: dot, past: VersionVector(dots: [dot]), history: NoHistory(), fresh: true)
      do { try state.checkInvariants() } catch { throw BrokenLaw("a record's state is broken: \(error)") }
    }
    return true
  }

  /// Edits of keyed texts, of which those of a field are one op.
  private static func keyedTexts(in content: Content) -> Int {
    content.entries.flatMap(\.fields).flatMap(\.edits).reduce(0) { sum, edit in
      guard case .keyedTexts(let texts) = edit else { return sum }
      return sum + texts.count
    }
  }

  private struct NoHistory: Causality {
    func past(of dot: Dot) -> VersionVector { VersionVector(dots: [dot]) }
    func has(_ dot: Dot, seen other: Dot) -> Bool { dot == other }
  }

  /// A stream of frames comes out alike in one piece and in many, and encodes to the same bytes.
  private static func frames(_ bytes: [UInt8]) throws -> Bool {
    let whole = decode(bytes, inPiecesOf: max(1, bytes.count))
    let pieces = decode(bytes, inPiecesOf: 3)
    try require(whole.frames == pieces.frames, "the frames depend on the pieces that the bytes come in")
    try require(whole.error == pieces.error, "the error depends on the pieces that the bytes come in")
    let again = whole.frames.flatMap { $0.encoded() }
    try require(again == Array(bytes.prefix(again.count)), "came back as \(again)")
    try require(whole.error != nil || again.count + whole.waiting == bytes.count, "bytes were lost")
    return !whole.frames.isEmpty
  }

  private static func decode(
    _ bytes: [UInt8], inPiecesOf size: Int
  ) -> (frames: [Frame], error: DecodingError?, waiting: Int) {
    var decoder = FrameDecoder()
    var frames: [Frame] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      decoder.feed(bytes[start..<min(start + size, bytes.count)])
      do throws(DecodingError) {
        while let frame = try decoder.next() { frames.append(frame) }
      } catch { return (frames, error, decoder.waiting) }
    }
    return (frames, nil, decoder.waiting)
  }

  /// The changes of a run make the same run again.
  private static func run(_ bytes: [UInt8]) throws -> Bool {
    let run: Run
    do { run = try Run(decoding: bytes) } catch { return false }
    try require(run.encoded() == bytes, "came back as \(run.encoded())")
    let changes: [Change]
    do throws(RunError) { changes = try run.rebuild(network: .zero) { _ in .zero } } catch { return true }
    var stamp = run.firstSeq == 1 ? 0 : run.base?.stamp ?? 0
    for (entry, change) in zip(run.entries, changes) {
      let header = try? ChangeHeader(decoding: change.h0)
      try require(header == change.header, "a header was rebuilt that doesn't decode: \(change.h0)")
      guard change.header.stamp > stamp else { break }
      var expected = entry
      expected.heads = change.header.heads.map(RunHead.id)
      try require(RunEntry(change, previousStamp: stamp) == expected, "an entry isn't that of its change")
      stamp = change.header.stamp
    }
    return true
  }
}
