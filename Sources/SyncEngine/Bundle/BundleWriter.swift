// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// Writes bundles (protocol.md section 14): a session with nobody answering.
public enum BundleWriter {
  /// Writes what an addressee lacks, and syncs, reads back and only then names the file.
  ///
  /// - Parameters:
  ///   - spaces: those of the file besides governance; the addressee must read them all.
  ///   - held: what the addressee is known to hold; nothing means everything is written.
  ///   - key: see `BundleKey.current`.
  ///   - replacing: whether a file of this name may be replaced.
  /// - Throws: `BundleError`, or what the replica throws.
  public static func write(
    to path: String, from store: any SessionStore, spaces: [SpaceID], held: Held = [:],
    key: BundleKey, replacing: Bool = false
  ) throws -> BundleInfo {
    try writing(path, replacing) { sink in
      try write(to: sink, from: store, spaces: spaces, held: held, key: key)
    }
  }

  /// Writes a joiner's request, which the invitation's file key opens (section 13).
  ///
  /// - Parameter now: the wall clock, in milliseconds since 1970.
  public static func writeRequest(
    to path: String, card: Card, code: InvitationCode, name: String, now: UInt64, replacing: Bool = false
  ) throws -> BundleInfo {
    try writing(path, replacing) { sink in
      try writeRequest(to: sink, card: card, code: code, name: name, now: now)
    }
  }

  /// Writes what a newcomer needs who has been admitted: governance, and the spaces that both read.
  ///
  /// - Parameter fileKey: the invitation's.
  public static func writeAdmission(
    to path: String, from store: any SessionStore, newcomer: DeviceID, fileKey: BundleKey,
    replacing: Bool = false
  ) throws -> BundleInfo {
    let mine = try store.readableSpaces()
    let theirs = try store.membership().spaces(readBy: newcomer).map { $0.id(in: store.network) }
    return try writing(path, replacing) { sink in
      try write(
        to: sink, from: store, spaces: theirs.filter(mine.contains), held: [:], key: fileKey,
        purpose: .admission)
    }
  }

  private static func writing(
    _ path: String, _ replacing: Bool, _ body: (BundleSink) throws -> BundleInfo
  ) throws -> BundleInfo {
    let sink = try BundleSink(path)
    let info = try body(sink)
    try sink.keep(replacing: replacing)
    return info
  }
}

extension BundleWriter {
  package static func write(
    to sink: any ByteSink, from store: any SessionStore, spaces: [SpaceID], held: Held,
    key: BundleKey, purpose: BundleHead.Purpose = .sync
  ) throws -> BundleInfo {
    let spaces = [ChangeHeader.governanceSpace] + Set(spaces).subtracting([.zero]).sorted()
    let snapshots = try spaces.map { ($0, try store.snapshot(of: $0)) }
    let ends = Dictionary(uniqueKeysWithValues: snapshots.map { ($0, $1.stored) })
    var frontiers = snapshots.map { ($0, $1.frontier) }
    var head = try head(store, frontiers, ends, held, purpose)
    var payload = head.encoded()
    var most = Session.entriesOfLog
    while payload.count > Limits.frame {
      guard most > 1 else { throw BundleError.tooManyLogs }
      most /= 2
      frontiers = frontiers.map { ($0, $1.limited(to: most)) }
      head = try self.head(store, frontiers, ends, held, purpose)
      payload = head.encoded()
    }
    var sealer = try BundleSealer(key: key.secret, sink: sink)
    try sealer.write(Frame.encoded(type: 0x0e, payload: payload))
    if purpose == .admission {
      try sealer.write(.admit(.init(network: store.network, anchor: store.anchor.sorted())))
    }
    var changes: UInt64 = 0
    for (space, frontier) in frontiers {
      changes += try write(space, frontier, upTo: ends[space] ?? [:], held, from: store, to: &sealer)
    }
    let size = try sealer.finish(changes: changes)
    return BundleInfo(head: head, origin: key.origin, size: size, changes: Int(changes), isWhole: true)
  }

  package static func writeRequest(
    to sink: any ByteSink, card: Card, code: InvitationCode, name: String, now: UInt64
  ) throws -> BundleInfo {
    let key = BundleKey(code)
    let head = BundleHead(purpose: .request, made: minute(now), receipt: nil)
    var sealer = try BundleSealer(key: key.secret, sink: sink)
    try sealer.write(.bhead(head))
    try sealer.write(.join(.init(card: card, countersign: code.countersign(card), name: name)))
    let size = try sealer.finish(changes: 0)
    return BundleInfo(head: head, origin: key.origin, size: size, changes: 0, isWhole: true)
  }

  private static func write(
    _ space: SpaceID, _ frontier: Frontier, upTo ends: [LogID: UInt64], _ held: Held, from store: any SessionStore,
    to sealer: inout BundleSealer
  ) throws -> UInt64 {
    let source = BoundedSource(try store.openSender(space: space, held: held, skipping: []), upTo: ends)
    var runs = OutgoingRuns(space: space, source: source, frontier: frontier, common: nil, withBase: true)
    while try runs.nextSize() != nil {
      try sealer.write(Frame.encoded(type: 0x07, payload: runs.take().payload))
    }
    return runs.sent
  }

  private static func head(
    _ store: any SessionStore, _ frontiers: [(SpaceID, Frontier)], _ ends: [SpaceID: [LogID: UInt64]], _ held: Held,
    _ purpose: BundleHead.Purpose
  ) throws -> BundleHead {
    let made = minute(store.clock())
    let contents = try frontiers.flatMap { space, _ in
      try store.lacking(of: space, held: held).compactMap { range -> BundleHead.Range? in
        let last = min(range.last, ends[space]?[range.log] ?? 0)
        guard range.first <= last else { return nil }
        return BundleHead.Range(space: space, log: range.log, first: range.first, last: last)
      }
    }
    let receipt = BundleHead.Receipt(
      network: store.network, anchorID: store.anchorID, maker: store.keys.card.device, made: made,
      frontiers: frontiers.map { space, frontier in
        .init(space: space, tips: frontier.entries.map { .init(log: $0.log, seq: $0.seq, id: $0.tip) })
      },
      contents: contents, key: store.keys.sign)
    return BundleHead(purpose: purpose, made: made, receipt: receipt)
  }

  private static func minute(_ now: UInt64) -> UInt64 { now - now % 60_000 }
}

/// Leaves out what was written after the head was made.
private final class BoundedSource: RunSource {
  private let source: any RunSource
  private let ends: [LogID: UInt64]

  init(_ source: any RunSource, upTo ends: [LogID: UInt64]) {
    self.source = source
    self.ends = ends
  }

  func next(maxBytes: Int, maxChanges: Int) throws -> OutgoingRun? {
    while var run = try source.next(maxBytes: maxBytes, maxChanges: maxChanges) {
      let end = ends[run.log] ?? 0
      run.changes.removeAll { $0.header.seq > end }
      if !run.changes.isEmpty { return run }
    }
    return nil
  }
}
