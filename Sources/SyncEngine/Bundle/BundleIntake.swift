// SPDX-License-Identifier: AGPL-3.0-or-later

/// The second pass: runs become changes, changes become batches, and the end is a report.
struct BundleIntake {
  /// A batch is stored before it would hold more than this.
  static let batchBytes = 32 << 20
  static let batchChanges = 20_000

  private let store: any SessionStore
  private let receipt: BundleHead.Receipt
  private let progress: (IngestReport) -> Void
  private var batch: [Change] = []
  private var bytes = 0
  private var received = IngestReport()
  private var authors: [LogID: PublicKey] = [:]
  /// What the file was found to hold; runs of one log follow on each other, so that is mostly one range a
  /// log.
  private var taken: [LogID: [ClosedRange<UInt64>]] = [:]

  init(
    _ store: any SessionStore, _ receipt: BundleHead.Receipt, _ progress: @escaping (IngestReport) -> Void
  ) {
    self.store = store
    self.receipt = receipt
    self.progress = progress
  }

  mutating func take(_ run: Run, size: Int) throws {
    if bytes + size > Self.batchBytes || batch.count + run.entries.count > Self.batchChanges { try flush() }
    let tips = receipt.tips(of: run.space)
    note(run)
    do throws(RunError) {
      batch += try run.rebuild(network: store.network) { tips.indices.contains($0) ? tips[$0].id : nil }
    } catch { throw BundleError.malformed("a run: \(error)") }
    bytes += size
  }

  private mutating func note(_ run: Run) {
    let log = run.logID
    authors[log] = run.author
    if let last = taken[log]?.last, last.upperBound + 1 == run.firstSeq {
      taken[log]!.removeLast()
      taken[log]!.append(last.lowerBound...run.lastSeq)
    } else {
      taken[log, default: []].append(run.firstSeq...run.lastSeq)
    }
  }

  mutating func flush() throws {
    guard !batch.isEmpty else { return }
    let result = try store.ingest(batch)
    received.add(result)
    progress(result)
    batch = []
    bytes = 0
  }

  func report(_ info: BundleInfo) throws -> BundleReport {
    var report = BundleReport(info: info, received: received)
    report.missing = try missing()
    guard info.isWhole, let maker = try store.membership().devices[receipt.maker] else { return report }
    let isGenuine = info.head.hasValidSignature(by: maker.card.signingKey)
    report.hasGenuineReceipt = isGenuine
    if isGenuine && maker.id != store.keys.card.device { try remember(maker.id) }
    return report
  }

  /// The maker holds what its receipt says: the changes that are known here; of logs of which none is, as much as
  /// the seq tells, unless they are another branch.
  private func remember(_ maker: DeviceID) throws {
    for frontier in receipt.frontiers {
      let mine = try store.snapshot(of: frontier.space).frontier.seqs
      var held = Held()
      for (log, tips) in Dictionary(grouping: frontier.tips, by: \.log) {
        let known = try tips.filter { try isHeld($0) }
        let isAhead = tips.allSatisfy { $0.seq > mine[log] ?? 0 }
        held.tips.formUnion(known.map(\.id))
        held.seqs[log] = (known.isEmpty && isAhead ? tips : known).map(\.seq).max()
      }
      try store.peerHolds(maker, space: frontier.space, held)
    }
  }

  private func isHeld(_ tip: BundleHead.Tip) throws -> Bool { try store.ids(of: tip.log, at: tip.seq).contains(tip.id) }

  /// What the maker holds and neither the file nor the replica does, if anything of the file isn't in its
  /// place.
  private func missing() throws -> [MissingRange] {
    var missing: [MissingRange] = []
    var isStuck = false
    for frontier in receipt.frontiers {
      let held = try store.snapshot(of: frontier.space).frontier
      let seqs = held.seqs
      let known = Dictionary(held.entries.map { ($0.log, $0.author) }, uniquingKeysWith: { one, _ in one })
      for tip in frontier.tips {
        let ranges = (taken[tip.log] ?? []).sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        let end = seqs[tip.log] ?? 0
        guard try !isHeld(tip) else { continue }
        if ranges.contains(where: { $0.upperBound > end || $0.contains(tip.seq) }) { isStuck = true }
        // Of another branch than those held here it isn't known where it leaves them.
        for gap in gaps(from: min(end + 1, tip.seq), to: tip.seq, without: ranges) {
          missing.append(
            MissingRange(
              space: frontier.space, log: tip.log, author: known[tip.log] ?? authors[tip.log],
              first: gap.lowerBound, last: gap.upperBound))
        }
      }
    }
    return isStuck ? missing : []
  }

  /// What is left of the seqs once those in the file are taken out. `ranges` ascend.
  private func gaps(
    from first: UInt64, to last: UInt64, without ranges: [ClosedRange<UInt64>]
  ) -> [ClosedRange<UInt64>] {
    var gaps: [ClosedRange<UInt64>] = []
    var next = first
    for range in ranges where range.upperBound >= next && range.lowerBound <= last {
      if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
      next = max(next, range.upperBound + 1)
    }
    if next <= last { gaps.append(next...last) }
    return gaps
  }
}
