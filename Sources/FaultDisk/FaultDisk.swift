// SPDX-License-Identifier: AGPL-3.0-or-later

import SQLite
import Synchronization

/// A disk in memory that databases can lie on, and that fails as it is told: an SQLite VFS for tests and simulations.
///
/// It knows what of each file is synced. So it can lose power between any two writes and be found again in any state
/// that a real disk might be in; it fails or fills up at a chosen operation; and it can be copied whole, to come back
/// later as an old backup.
///
/// ```
/// let disk = FaultDisk()
/// let replica = try Replica.open(folder, keys: keys, master: master, on: disk, clock: clock)
/// disk.cutPower(atStep: disk.steps + 7)       // the seventh write from now, and all after it, fail
/// …                                           // work until it throws, then let go of the replica
/// disk.crash(using: &random)                  // the power is back: open the replica again
/// ```
///
/// Of a replica only the database's files lie on it, under their usual paths; the key file and the lock are where
/// they always are. One process uses it; its connections may belong to several threads.
public final class FaultDisk: Volume, Sendable {
  struct State {
    var surface: Surface
    var open: [String: LiveFile] = [:]
    /// How many times the power came back. Handles of an earlier life are dead.
    var life = 0
    var steps = 0
    var faults: [Fault] = []
    var failures = 0
    var cutAt: Int?
    var isOff = false
    var capacity: Int?
    var isReadOnly = false
    var temporaryFiles = 0
    var observer: (@Sendable (Operations) -> Void)?
  }

  private let registration: Registration
  let state: Mutex<State>

  /// A disk with the files of `image`, all synced.
  public init(_ image: Image = Image()) {
    state = Mutex(State(surface: Surface(image)))
    registration = Registration()
    registration.serve(self)
  }

  // MARK: What lies on it

  /// The disk at this moment, what isn't synced included.
  public var surface: Surface { state.withLock { $0.surface } }
  /// All files as programs read them now: a backup.
  public var image: Image { surface.image }
  /// All files as far as they are safe: what a power cut can't take any more.
  public var syncedImage: Image { surface.syncedImage }

  /// How many writes, syncs, truncations and deletions were asked for so far.
  public var steps: Int { state.withLock { $0.steps } }

  /// Calls `observer` before each step, with what is about to be done. It may look at the disk, and open databases on
  /// other disks.
  public func observe(_ observer: (@Sendable (Operations) -> Void)?) { state.withLock { $0.observer = observer } }

  // MARK: What goes wrong

  /// Lets an operation fail. Several faults may be due; each counts its operations from when it is set.
  public func fail(_ fault: Fault) { state.withLock { $0.faults.append(fault) } }

  /// Takes back all faults, set or lasting.
  public func heal() { state.withLock { $0.faults = [] } }

  /// How many operations have failed so far by faults that were set.
  public var failures: Int { state.withLock { $0.failures } }

  /// The bytes that all files may take up together; nil without a limit.
  public var capacity: Int? {
    get { state.withLock { $0.capacity } }
    set { state.withLock { $0.capacity = newValue } }
  }

  /// The bytes that all files take up now.
  public var size: Int { state.withLock { $0.surface.size } }

  /// Whether files that are opened from now on can't be written.
  public var isReadOnly: Bool {
    get { state.withLock { $0.isReadOnly } }
    set { state.withLock { $0.isReadOnly = newValue } }
  }

  /// Lets the power fail in place of step number `step` (they count from zero): it and whatever comes after fails,
  /// until `crash`, `killProcess` (it was the process alone that ended there) or `restore`.
  public func cutPower(atStep step: Int) { state.withLock { $0.cutAt = step } }

  /// Whether the power has failed.
  public var isOff: Bool { state.withLock { $0.isOff } }

  /// A power cut, and the power comes back: what wasn't synced is kept, torn or gone as `random` decides. Everything
  /// that was open fails from now on; faults are taken back, capacity stays.
  public func crash(using random: inout some RandomNumberGenerator) {
    restore(surface.afterCrash(using: &random))
  }

  /// The program's end without a power cut: all that it wrote is there, synced or not, and its locks are gone.
  /// Everything that was open fails from now on. After `cutPower` it is the program alone that stopped there.
  public func killProcess() {
    state.withLock {
      $0.open = [:]
      $0.life += 1
      ($0.cutAt, $0.isOff) = (nil, false)
    }
  }

  /// Puts other files in place of all that there were, like an old backup. What was open fails from now on.
  public func restore(_ image: Image) {
    state.withLock {
      $0.surface = Surface(image)
      $0.open = [:]
      $0.life += 1
      ($0.faults, $0.cutAt, $0.isOff) = ([], nil, false)
    }
  }

  // MARK: As a volume

  public var vfs: String? { registration.name }
  public func exists(_ path: String) -> Bool { state.withLock { $0.surface.files[path] != nil } }
  public func isWritable(_ path: String) -> Bool { exists(path) && !isReadOnly }
  public func size(of path: String) -> Int { state.withLock { $0.surface.files[path]?.size ?? 0 } }
  public func sync(_ path: String) -> Bool { OpenFile.sync(path, on: self) }
  public func rewrite(_ path: String) -> Bool { OpenFile.rewrite(path, on: self) }
  public func remove(_ path: String) { state.withLock { $0.remove(path, isSynced: false) } }
}

extension FaultDisk.State {
  /// Whether an operation is done, for a handle of life `life`.
  mutating func judge(_ operation: FaultDisk.Operations, life: Int) -> FaultDisk.Verdict {
    guard life == self.life, !isOff else { return .dead }
    if FaultDisk.Operations.steps.contains(operation) {
      if let cutAt, steps >= cutAt { isOff = true }
      guard !isOff else { return .dead }
      steps += 1
    }
    var verdict = FaultDisk.Verdict.done
    faults = faults.compactMap { fault in
      guard fault.operations.contains(operation) else { return fault }
      var fault = fault
      if fault.after == 0 { verdict = .failed(fault.code(for: operation)) }
      if fault.after == 0, !fault.isLasting { return nil }
      fault.after = max(0, fault.after - 1)
      return fault
    }
    if case .failed = verdict { failures += 1 }
    return verdict
  }

  mutating func remove(_ path: String, isSynced: Bool) {
    guard let file = surface.files.removeValue(forKey: path) else { return }
    if !isSynced { surface.doomed[path] = file }
    if isSynced { surface.doomed[path] = nil }
    open[path] = nil
  }
}
