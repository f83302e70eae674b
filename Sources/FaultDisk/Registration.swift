// SPDX-License-Identifier: AGPL-3.0-or-later

private import CSQLite
import Glibc
import Synchronization

/// A disk's entry in SQLite's list of file systems, under a name of its own. It goes with the disk; each open file
/// keeps its disk alive.
@safe
final class Registration: Sendable {
  let name: String
  private nonisolated(unsafe) let vfs: UnsafeMutablePointer<sqlite3_vfs>
  private static let count = Atomic(0)

  init() {
    name = "fault disk \(Self.count.add(1, ordering: .relaxed).newValue)"
    unsafe vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    unsafe vfs.initialize(to: sqlite3_vfs())
    unsafe vfs.pointee.iVersion = 1
    unsafe vfs.pointee.szOsFile = Int32(Slot.size)
    unsafe vfs.pointee.mxPathname = 4096
    unsafe vfs.pointee.zName = UnsafePointer(strdup(name))
    unsafe Self.setFiles(&vfs.pointee)
    unsafe Self.setSystem(&vfs.pointee)
  }

  /// Lets SQLite find the disk.
  func serve(_ disk: FaultDisk) {
    unsafe vfs.pointee.pAppData = Unmanaged.passUnretained(disk).toOpaque()
    let code = unsafe sqlite3_vfs_register(vfs, 0)
    precondition(code == SQLITE_OK, "SQLite takes every file system that has a name")
  }

  deinit {
    unsafe sqlite3_vfs_unregister(vfs)
    unsafe free(UnsafeMutableRawPointer(mutating: vfs.pointee.zName))
    unsafe vfs.deallocate()
  }

  private static func disk(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> FaultDisk {
    unsafe Unmanaged<FaultDisk>.fromOpaque(vfs!.pointee.pAppData).takeUnretainedValue()
  }

  private static func setFiles(_ vfs: inout sqlite3_vfs) {
    unsafe vfs.xOpen = { vfs, path, file, flags, outFlags in
      unsafe file!.pointee.pMethods = nil
      let name = unsafe path.map { unsafe String(cString: $0) }
      let (opened, code) = unsafe OpenFile.open(name, on: Registration.disk(vfs), flags: flags)
      guard let opened else { return code }
      unsafe Slot.fill(file!, with: opened)
      unsafe outFlags?.pointee = code
      return SQLITE_OK
    }
    unsafe vfs.xDelete = { vfs, path, syncsFolder in
      unsafe Registration.disk(vfs).delete(String(cString: path!), isSynced: syncsFolder != 0)
    }
    unsafe vfs.xAccess = { vfs, path, flags, result in
      let (disk, name) = unsafe (Registration.disk(vfs), String(cString: path!))
      let isTrue = flags == SQLITE_ACCESS_EXISTS ? disk.size(of: name) > 0 : disk.isWritable(name)
      unsafe result!.pointee = isTrue ? 1 : 0
      return SQLITE_OK
    }
    unsafe vfs.xFullPathname = { _, path, size, full in
      guard unsafe strlen(path!) < size else { return SQLITE_CANTOPEN }
      unsafe strcpy(full!, path!)
      return SQLITE_OK
    }
  }

  /// Time, sleep and chance are the system's.
  private static func setSystem(_ vfs: inout sqlite3_vfs) {
    unsafe vfs.xRandomness = { _, count, bytes in
      unsafe sqlite3_randomness(count, bytes)
      return count
    }
    unsafe vfs.xSleep = { _, microseconds in
      usleep(UInt32(microseconds))
      return microseconds
    }
    unsafe vfs.xCurrentTime = { _, days in
      unsafe days!.pointee = 2_440_587.5 + Double(time(nil)) / 86_400
      return SQLITE_OK
    }
    unsafe vfs.xGetLastError = { _, _, _ in 0 }
  }
}

/// How an `OpenFile` lies behind SQLite's `sqlite3_file`.
private enum Slot {
  static let size = unsafe MemoryLayout<sqlite3_file>.stride + MemoryLayout<UnsafeRawPointer>.stride

  static func fill(_ file: UnsafeMutablePointer<sqlite3_file>, with opened: OpenFile) {
    unsafe place(file).storeBytes(of: Unmanaged.passRetained(opened).toOpaque(), as: UnsafeMutableRawPointer.self)
    unsafe file.pointee.pMethods = methods
  }

  private static func place(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(file) + MemoryLayout<sqlite3_file>.stride
  }

  private static func reference(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Unmanaged<OpenFile> {
    unsafe Unmanaged.fromOpaque(place(file!).load(as: UnsafeMutableRawPointer.self))
  }

  static func opened(_ file: UnsafeMutablePointer<sqlite3_file>?) -> OpenFile {
    unsafe reference(file).takeUnretainedValue()
  }

  nonisolated(unsafe) private static let methods: UnsafePointer<sqlite3_io_methods> = {
    let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    unsafe methods.initialize(to: sqlite3_io_methods())
    unsafe methods.pointee.iVersion = 2
    unsafe setBytes(&methods.pointee)
    unsafe setLocks(&methods.pointee)
    unsafe setSharedMemory(&methods.pointee)
    return unsafe UnsafePointer(methods)
  }()

  private static func setBytes(_ methods: inout sqlite3_io_methods) {
    unsafe methods.xClose = { file in
      unsafe Slot.opened(file).close()
      unsafe Slot.reference(file).release()
      return SQLITE_OK
    }
    unsafe methods.xRead = { file, bytes, count, offset in
      unsafe Slot.opened(file).read(
        into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)), at: Int(offset))
    }
    unsafe methods.xWrite = { file, bytes, count, offset in
      unsafe Slot.opened(file).write(UnsafeRawBufferPointer(start: bytes, count: Int(count)), at: Int(offset))
    }
    unsafe methods.xTruncate = { file, size in unsafe Slot.opened(file).truncate(to: Int(size)) }
    unsafe methods.xSync = { file, _ in unsafe Slot.opened(file).sync() }
    unsafe methods.xFileSize = { file, result in
      guard let size = unsafe Slot.opened(file).size else { return IOError.size }
      unsafe result!.pointee = Int64(size)
      return SQLITE_OK
    }
  }

  private static func setLocks(_ methods: inout sqlite3_io_methods) {
    unsafe methods.xLock = { file, level in unsafe Slot.opened(file).lock(level) }
    unsafe methods.xUnlock = { file, level in
      unsafe Slot.opened(file).unlock(to: level)
      return SQLITE_OK
    }
    unsafe methods.xCheckReservedLock = { file, result in
      unsafe result!.pointee = unsafe Slot.opened(file).isReserved ? 1 : 0
      return SQLITE_OK
    }
    unsafe methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
    // As SQLite's own file system says of an ordinary disk.
    unsafe methods.xSectorSize = { _ in 4_096 }
    unsafe methods.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
  }

  private static func setSharedMemory(_ methods: inout sqlite3_io_methods) {
    unsafe methods.xShmMap = { file, number, size, making, result in
      let region = unsafe Slot.opened(file).region(Int(number), size: Int(size), making: making != 0)
      unsafe result!.pointee = region
      return SQLITE_OK
    }
    unsafe methods.xShmLock = { file, first, count, flags in
      unsafe Slot.opened(file).lockMemory((1 << Int(count) - 1) << Int(first), flags: flags)
    }
    unsafe methods.xShmBarrier = { _ in atomicMemoryFence(ordering: .sequentiallyConsistent) }
    unsafe methods.xShmUnmap = { file, _ in
      unsafe Slot.opened(file).unmap()
      return SQLITE_OK
    }
  }
}
