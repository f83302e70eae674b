// SPDX-License-Identifier: AGPL-3.0-or-later

/// Turns what a source gives into the payloads of CHANGES frames.
///
/// Over a session the first frames are small, and none is much larger than all before it, up to some 256 KiB: what a
/// link brings before it breaks is stored frame by frame, so even one that always breaks after a few KiB gets
/// on. In a bundle they are of one size, so that damage to the medium costs little.
struct OutgoingRuns {
  /// Bytes of ciphertext in a frame, at the start of a space's changes and at most.
  static let firstBytes = 512
  static let bytes = 229_376
  /// Bytes of ciphertext in a frame of a bundle.
  static let bundleBytes = 32_768
  static let changes = 1_024
  /// Of a frame over a session, bytes to each change: what it costs beside its ciphertext, some 100, is half of it
  /// at most.
  static let bytesPerChange = 200
  /// Bytes of entries that a frame takes at most, so that its payload stays within the limit.
  static let frame = Limits.frame - 1_024

  private let space: SpaceID
  private let source: any RunSource
  /// Whether each run says what it builds on: in a bundle. In a session those of forked logs do.
  private let withBase: Bool
  /// Places in the LIST that was sent (or in BHEAD's frontier), by change.
  private let listed: [ChangeID: Int]
  /// Tips that the receiver can resolve by their place in the list.
  private var resolvable: [ChangeID: Int] = [:]
  private var ready: [Piece] = []
  /// Bytes of ciphertext in a frame, at first and at most.
  private let smallest: Int
  private let largest: Int
  /// Bytes of the payloads made so far.
  private var made = 0

  /// Changes given.
  private(set) var sent: UInt64 = 0
  /// The last changes that were given of the logs' branches.
  private(set) var reached: Set<ChangeID> = []

  /// The payload of one frame.
  struct Piece {
    let payload: [UInt8]
    let changes: Int
  }

  /// - Parameters:
  ///   - frontier: what the list told of this side.
  ///   - common: tips in it that the receiver holds; nil for all, where the list has whole ids.
  init(
    space: SpaceID, source: any RunSource, frontier: Frontier, common: [ChangeID]?, withBase: Bool
  ) {
    self.space = space
    self.source = source
    self.withBase = withBase
    smallest = withBase ? Self.bundleBytes : Self.firstBytes
    largest = withBase ? Self.bundleBytes : Self.bytes
    var listed: [ChangeID: Int] = [:]
    for (place, entry) in frontier.entries.enumerated() { listed[entry.tip] = place }
    self.listed = listed
    let known = common.map(Set.init)
    for (place, entry) in frontier.entries.enumerated() where known?.contains(entry.tip) ?? true {
      resolvable[entry.tip] = place
    }
  }

  /// The size of the next payload, without taking it; nil at the end.
  mutating func nextSize() throws -> Int? {
    while ready.isEmpty {
      let portion = min(max(smallest, made), largest)
      let changes = withBase ? Self.changes : min(max(1, portion / Self.bytesPerChange), Self.changes)
      guard let run = try source.next(maxBytes: portion, maxChanges: changes) else { return nil }
      ready = try pack(run)
      for piece in ready { made += piece.payload.count }
      note(run)
    }
    return ready[0].payload.count
  }

  /// The next payload; `nextSize` has said that there is one.
  mutating func take() -> Piece {
    let piece = ready.removeFirst()
    sent += UInt64(piece.changes)
    return piece
  }

  private mutating func note(_ run: OutgoingRun) {
    guard let last = run.changes.last?.id else { return }
    if let previous = run.changes[0].header.prev { reached.remove(previous) }
    reached.insert(last)
    for change in run.changes {
      if let place = listed[change.id] { resolvable[change.id] = place }
    }
  }

  /// One frame, unless heads and headers are so large that it takes more.
  private func pack(_ run: OutgoingRun) throws -> [Piece] {
    var pieces: [Piece] = []
    var base = run.base
    let telling = withBase || run.hasBranches
    var piece = emptyRun(run.changes[0], telling ? base : nil)
    var size = 0
    for change in run.changes {
      guard change.header.stamp > base?.stamp ?? 0 else { throw StoreError.damaged("the stamps of a log don't rise") }
      let entry = RunEntry(change, previousStamp: base?.stamp ?? 0) { resolvable[$0] }
      if size + entry.byteBound > Self.frame, !piece.entries.isEmpty {
        pieces.append(Piece(payload: piece.encoded(), changes: piece.entries.count))
        piece = emptyRun(change, telling ? base : nil)
        size = 0
      }
      size += entry.byteBound
      piece.entries.append(entry)
      base = RunBase(after: change, following: base)
    }
    return pieces + [Piece(payload: piece.encoded(), changes: piece.entries.count)]
  }

  private func emptyRun(_ first: Change, _ base: RunBase?) -> Run {
    Run(
      space: space, author: first.header.author, incarnation: first.header.incarnation,
      firstSeq: first.header.seq, base: base, entries: [])
  }
}
