// SPDX-License-Identifier: AGPL-3.0-or-later

/// Rebuilds runs that come over a session and gathers them into batches for the store.
struct IncomingRuns {
  /// A batch is stored when its frames come to this many bytes, or its changes to this many.
  static let batchBytes = 4 << 20
  static let batchChanges = 20_000

  private let network: NetworkID
  private var batch: [Change] = []
  private var bytes = 0
  /// What the next runs of a log may build on, where that is not stored yet.
  private var bases: [LogID: [(seq: UInt64, base: RunBase)]] = [:]
  /// Changes that were left out since what they build on isn't held.
  private(set) var unplaced = 0

  init(network: NetworkID) { self.network = network }

  var isFull: Bool { bytes >= Self.batchBytes || batch.count >= Self.batchChanges }

  /// Adds a run to the batch. `size` is that of the frame's payload.
  mutating func add(
    _ run: Run, size: Int, list: inout PeerList, store: any SessionStore
  ) throws(SessionProblem) {
    bytes += size
    guard let (changes, base) = try rebuild(run, &list, store) else {
      unplaced += run.entries.count
      return
    }
    let log = run.logID
    batch += changes
    bases[log, default: []].removeAll { $0.base.prev == changes[0].header.prev }
    bases[log, default: []].append((run.lastSeq, base))
    list.note(changes, of: log)
  }

  /// Hands over the batch. What it holds must be stored before the next run is added.
  mutating func take() -> (changes: [Change], bytes: Int) {
    defer {
      batch = []
      bytes = 0
      bases = [:]
    }
    return (batch, bytes)
  }

  /// Nil if what the run builds on isn't held. Where that may be several changes, the signature tells which.
  private func rebuild(
    _ run: Run, _ list: inout PeerList, _ store: any SessionStore
  ) throws(SessionProblem) -> (changes: [Change], last: RunBase)? {
    guard run.firstSeq > 1, run.base == nil else { return try rebuild(run, after: run.base, &list, store) }
    let candidates = try bases(of: run, store)
    var found: (changes: [Change], last: RunBase)?
    var problem: SessionProblem?
    for base in candidates {
      do throws(SessionProblem) {
        guard let rebuilt = try rebuild(run, after: base, &list, store) else { return nil }
        if candidates.count == 1 || rebuilt.changes.last!.hasValidSignature() { return rebuilt }
        found = found ?? rebuilt
      } catch { problem = error }
    }
    if let problem, found == nil { throw problem }
    return found
  }

  private func rebuild(
    _ run: Run, after base: RunBase?, _ list: inout PeerList, _ store: any SessionStore
  ) throws(SessionProblem) -> (changes: [Change], last: RunBase)? {
    var failure: (any Error)?
    let changes: [Change]
    do throws(RunError) {
      changes = try run.rebuild(network: network, after: base) { place in
        do { return try list.tip(at: place, store) } catch {
          failure = error
          return nil
        }
      }
    } catch {
      if let failure { throw .store(failure) }
      guard case .invalid(let entry, let reason) = error else { return nil }
      throw .malformed("entry \(entry) of a run: \(reason)")
    }
    return (changes, changes.reduce(base) { RunBase(after: $1, following: $0) }!)
  }

  private func bases(of run: Run, _ store: any SessionStore) throws(SessionProblem) -> [RunBase] {
    let log = run.logID
    let came = (bases[log] ?? []).filter { $0.seq == run.firstSeq - 1 }.map(\.base)
    let stored = try storing { try store.bases(of: log, at: run.firstSeq - 1) }
    return came + stored.filter { base in !came.contains { $0.prev == base.prev } }
  }
}
