// SPDX-License-Identifier: AGPL-3.0-or-later

private import CSQLite

/// What the connections that have one file open share: its locks, and the memory of its write-ahead log's index.
/// Guarded by the disk's lock.
@safe
final class LiveFile: @unchecked Sendable {
  /// A connection's handle.
  typealias Holder = ObjectIdentifier

  private var levels: [Holder: Int32] = [:]
  private var shared: [Holder: Int] = [:]
  private var exclusive: [Holder: Int] = [:]
  private var mapped: Set<Holder> = []
  private var regions: [UnsafeMutableRawPointer] = unsafe []

  deinit { freeRegions() }

  // MARK: Locks of the database file

  func lock(_ level: Int32, for holder: Holder) -> Int32 {
    let mine = levels[holder] ?? SQLITE_LOCK_NONE
    guard mine < level else { return SQLITE_OK }
    let others = levels.filter { $0.key != holder }.values
    let highest = others.max() ?? SQLITE_LOCK_NONE
    switch level {
    case SQLITE_LOCK_SHARED:
      if highest >= SQLITE_LOCK_PENDING { return SQLITE_BUSY }
    case SQLITE_LOCK_RESERVED:
      if highest >= SQLITE_LOCK_RESERVED { return SQLITE_BUSY }
    default:
      if highest >= SQLITE_LOCK_RESERVED { return SQLITE_BUSY }
      levels[holder] = SQLITE_LOCK_PENDING
      if highest >= SQLITE_LOCK_SHARED { return SQLITE_BUSY }
    }
    levels[holder] = level
    return SQLITE_OK
  }

  func unlock(to level: Int32, for holder: Holder) {
    guard let mine = levels[holder], mine > level else { return }
    levels[holder] = level == SQLITE_LOCK_NONE ? nil : level
  }

  var isReserved: Bool { levels.values.contains { $0 >= SQLITE_LOCK_RESERVED } }

  // MARK: Shared memory

  /// The address of a region; nil if there is none and it isn't to be made.
  func region(_ number: Int, size: Int, making: Bool, for holder: Holder) -> UnsafeMutableRawPointer? {
    mapped.insert(holder)
    while unsafe making && regions.count <= number {
      let region = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
      unsafe region.initializeMemory(as: UInt8.self, repeating: 0, count: size)
      unsafe regions.append(region)
    }
    return unsafe number < regions.count ? regions[number] : nil
  }

  /// Takes or gives back some of the eight locks, a bit each in `mask`.
  func lockMemory(_ mask: Int, flags: Int32, for holder: Holder) -> Int32 {
    if flags & SQLITE_SHM_UNLOCK != 0 {
      shared[holder, default: 0] &= ~mask
      exclusive[holder, default: 0] &= ~mask
      return SQLITE_OK
    }
    let isExclusive = flags & SQLITE_SHM_EXCLUSIVE != 0
    let taken = exclusive.contains { $0.key != holder && $0.value & mask != 0 }
    let isRead = shared.contains { $0.key != holder && $0.value & mask != 0 }
    if taken || isExclusive && isRead { return SQLITE_BUSY }
    if isExclusive { exclusive[holder, default: 0] |= mask } else { shared[holder, default: 0] |= mask }
    return SQLITE_OK
  }

  /// The memory goes with the last who had mapped it.
  func unmap(for holder: Holder) {
    shared[holder] = nil
    exclusive[holder] = nil
    mapped.remove(holder)
    if mapped.isEmpty { freeRegions() }
  }

  private func freeRegions() {
    for unsafe region in unsafe regions { unsafe region.deallocate() }
    unsafe regions = []
  }
}
