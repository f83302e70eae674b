// SPDX-License-Identifier: AGPL-3.0-or-later

private import CSQLite

/// A file that a connection has open: SQLite's `sqlite3_file`, on our side.
final class OpenFile: Sendable {
  private let disk: FaultDisk
  private let path: String
  private let life: Int
  private let live: LiveFile
  private let isReadOnly: Bool
  private let isTemporary: Bool

  private init(
    _ disk: FaultDisk, _ path: String, life: Int, _ live: LiveFile, isReadOnly: Bool, isTemporary: Bool
  ) {
    (self.disk, self.path, self.life, self.live) = (disk, path, life, live)
    (self.isReadOnly, self.isTemporary) = (isReadOnly, isTemporary)
  }

  /// Opens a file, or makes it. `path` is nil for one that is gone once it is closed.
  static func open(_ path: String?, on disk: FaultDisk, flags: Int32) -> (file: OpenFile?, code: Int32) {
    disk.state.withLock { state in
      guard !state.isOff else { return (nil, SQLITE_CANTOPEN) }
      let wantsWrite = flags & SQLITE_OPEN_READWRITE != 0
      let isReadOnly = !wantsWrite || state.isReadOnly && path != nil
      if path == nil { state.temporaryFiles += 1 }
      let name = path ?? "temporary \(state.temporaryFiles)"
      if state.surface.files[name] == nil {
        guard flags & SQLITE_OPEN_CREATE != 0, !isReadOnly else { return (nil, SQLITE_CANTOPEN) }
        state.surface.files[name] = DiskFile()
      }
      let live = state.open[name] ?? LiveFile()
      state.open[name] = live
      let isTemporary = path == nil || flags & SQLITE_OPEN_DELETEONCLOSE != 0
      let file = OpenFile(disk, name, life: state.life, live, isReadOnly: isReadOnly, isTemporary: isTemporary)
      let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
      return (file, access)
    }
  }

  /// Syncs a file by name. False if that failed; a file that isn't there needs nothing.
  static func sync(_ path: String, on disk: FaultDisk) -> Bool {
    let (file, _) = open(path, on: disk, flags: SQLITE_OPEN_READWRITE)
    guard let file else { return !disk.exists(path) }
    defer { file.close() }
    return file.sync() == SQLITE_OK
  }

  /// Writes a file's bytes once more, and syncs them. False if that failed; a file that isn't there needs nothing.
  static func rewrite(_ path: String, on disk: FaultDisk) -> Bool {
    let (file, _) = open(path, on: disk, flags: SQLITE_OPEN_READWRITE)
    guard let file else { return !disk.exists(path) }
    defer { file.close() }
    let bytes = disk.surface.files[path]?.bytes ?? []
    return unsafe bytes.withUnsafeBytes { unsafe file.write($0, at: 0) } == SQLITE_OK && file.sync() == SQLITE_OK
  }

  func close() {
    disk.state.withLock { state in
      live.unlock(to: SQLITE_LOCK_NONE, for: ObjectIdentifier(self))
      if isTemporary, life == state.life { state.remove(path, isSynced: true) }
    }
  }

  // MARK: Bytes

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int32 {
    disk.state.withLock { state in
      let verdict = state.judge(.read, life: life)
      guard let file = state.surface.files[path] else { return IOError.read }
      switch verdict {
      case .dead:
        return IOError.read
      case .failed(let code):
        guard code == IOError.shortRead else { return code }
        let half = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<(buffer.count / 2)])
        let count = unsafe file.read(into: half, at: offset)
        unsafe Self.blank(buffer, from: count)
        return code
      case .done:
        let count = unsafe file.read(into: buffer, at: offset)
        unsafe Self.blank(buffer, from: count)
        return count == buffer.count ? SQLITE_OK : IOError.shortRead
      }
    }
  }

  private static func blank(_ buffer: UnsafeMutableRawBufferPointer, from start: Int) {
    unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...]).initializeMemory(as: UInt8.self, repeating: 0)
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int32 {
    guard !isReadOnly else { return SQLITE_READONLY }
    return step(.write, code: IOError.write) { state, file, failure in
      let asked = failure == nil ? bytes.count : bytes.count / 2
      let room = state.capacity.map { max(0, $0 - state.surface.size - offset) } ?? asked
      let count = min(asked, max(room, min(asked, max(0, file.size - offset))))
      unsafe file.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset)
      return failure ?? (count < asked ? SQLITE_FULL : SQLITE_OK)
    }
  }

  func truncate(to size: Int) -> Int32 {
    step(.truncate, code: IOError.truncate) { _, file, failure in
      if failure == nil { file.truncate(to: size) }
      return failure ?? SQLITE_OK
    }
  }

  func sync() -> Int32 {
    step(.sync, code: IOError.sync) { state, file, failure in
      guard failure == nil else {
        file.giveUp()
        return failure!
      }
      // SQLite syncs the folder with the first sync of a new file: what was deleted there is gone for good.
      if !file.isNamed { state.surface.doomed = [:] }
      file.sync()
      return SQLITE_OK
    }
  }

  /// Does a step as far as it is done; meanwhile the file isn't among those of the state, so that it isn't copied.
  /// `code` is for what finds the disk dead.
  private func step(
    _ operation: FaultDisk.Operations, code: Int32,
    _ body: (inout FaultDisk.State, inout DiskFile, _ failure: Int32?) -> Int32
  ) -> Int32 {
    disk.announce(operation)
    return disk.state.withLock { state in
      let verdict = state.judge(operation, life: life)
      guard var file = state.surface.files.removeValue(forKey: path) else { return code }
      defer { state.surface.files[path] = file }
      return switch verdict {
      case .dead: code
      case .failed(let failure): body(&state, &file, failure)
      case .done: body(&state, &file, nil)
      }
    }
  }

  var size: Int? {
    disk.state.withLock { state in life == state.life ? state.surface.files[path]?.size : nil }
  }

  // MARK: Locks and shared memory

  func lock(_ level: Int32) -> Int32 { alive { live.lock(level, for: ObjectIdentifier(self)) } }

  func unlock(to level: Int32) { disk.state.withLock { _ in live.unlock(to: level, for: ObjectIdentifier(self)) } }

  var isReserved: Bool { disk.state.withLock { _ in live.isReserved } }

  func region(_ number: Int, size: Int, making: Bool) -> UnsafeMutableRawPointer? {
    unsafe disk.state.withLock { _ in
      nonisolated(unsafe) let region = unsafe live.region(
        number, size: size, making: making, for: ObjectIdentifier(self))
      return unsafe region
    }
  }

  func lockMemory(_ mask: Int, flags: Int32) -> Int32 {
    alive { live.lockMemory(mask, flags: flags, for: ObjectIdentifier(self)) }
  }

  func unmap() { disk.state.withLock { _ in live.unmap(for: ObjectIdentifier(self)) } }

  private func alive(_ body: () -> Int32) -> Int32 {
    disk.state.withLock { state in life == state.life && !state.isOff ? body() : IOError.lock }
  }
}

extension FaultDisk {
  /// Tells who observes the disk, which may look at it meanwhile.
  func announce(_ operation: Operations) {
    let observer = state.withLock { $0.observer }
    observer?(operation)
  }

  /// Deletes a file for SQLite.
  func delete(_ path: String, isSynced: Bool) -> Int32 {
    announce(.delete)
    return state.withLock { state in
      guard state.surface.files[path] != nil else { return IOError.deleteMissing }
      switch state.judge(.delete, life: state.life) {
      case .dead: return IOError.delete
      case .failed(let code): return code
      case .done:
        state.remove(path, isSynced: isSynced)
        return SQLITE_OK
      }
    }
  }
}
