// SPDX-License-Identifier: AGPL-3.0-or-later

/// One file as a disk behind a cache has it: what programs read, what a sync has made safe, and every content that
/// a sector has had since.
///
/// A sector that was written but not synced may be found after a power cut with any of those contents, or with its
/// beginning from one and its end from another; neighbours decide independently, so writes may also be reordered.
struct DiskFile: Sendable {
  static let sectorSize = 512
  typealias Sector = [UInt8]
  private static let blank = Sector(repeating: 0, count: sectorSize)

  /// What a sector held since the last sync.
  private struct Loose {
    var versions: [Sector]
    /// A sync of it failed: the system takes it for written and won't try again.
    var isGivenUp = false
  }

  private(set) var size = 0
  private var cached: [Sector] = []
  private(set) var syncedSize = 0
  private var synced: [Sector] = []
  private var loose: [Int: Loose] = [:]
  /// Whether the name stands in the folder on disk: a file that was never synced may be gone after a power cut.
  private(set) var isNamed = false

  init() {}

  /// A file of which all is synced.
  init(_ bytes: [UInt8]) {
    for start in stride(from: 0, to: bytes.count, by: Self.sectorSize) {
      var sector = Sector(bytes[start..<min(start + Self.sectorSize, bytes.count)])
      sector.append(contentsOf: repeatElement(0, count: Self.sectorSize - sector.count))
      cached.append(sector)
    }
    size = bytes.count
    sync()
  }

  // MARK: As programs see it

  /// Copies what there is into `buffer`; the count falls short at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    let count = max(0, min(buffer.count, size - offset))
    var done = 0
    while done < count {
      let (sector, start) = (offset + done).quotientAndRemainder(dividingBy: Self.sectorSize)
      let part = min(count - done, Self.sectorSize - start)
      unsafe cached[sector].withUnsafeBytes {
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + part])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + part]))
      }
      done += part
    }
    return count
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard unsafe !bytes.isEmpty else { return }
    let end = offset + bytes.count
    while cached.count * Self.sectorSize < end { cached.append(Self.blank) }
    size = max(size, end)
    var done = 0
    while done < bytes.count {
      let (sector, start) = (offset + done).quotientAndRemainder(dividingBy: Self.sectorSize)
      let part = min(bytes.count - done, Self.sectorSize - start)
      let source = unsafe UnsafeRawBufferPointer(rebasing: bytes[done..<done + part])
      unsafe cached[sector].withUnsafeMutableBytes {
        unsafe UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + part]).copyMemory(from: source)
      }
      loosen(sector)
      done += part
    }
  }

  mutating func truncate(to newSize: Int) {
    guard newSize < size else { return }
    size = newSize
    let count = (newSize + Self.sectorSize - 1) / Self.sectorSize
    cached.removeLast(cached.count - count)
    loose = loose.filter { $0.key < count }
    let rest = newSize % Self.sectorSize
    guard rest > 0 else { return }
    cached[count - 1].replaceSubrange(rest..., with: repeatElement(0, count: Self.sectorSize - rest))
    loosen(count - 1)
  }

  private mutating func loosen(_ sector: Int) {
    loose[sector, default: Loose(versions: [])].versions.append(cached[sector])
    loose[sector]!.isGivenUp = false
  }

  // MARK: As the disk has it

  mutating func sync() {
    let lost = loose.filter { $0.value.isGivenUp }
    let before = synced
    synced = cached
    syncedSize = size
    for sector in lost.keys { synced[sector] = sector < before.count ? before[sector] : Self.blank }
    loose = lost
    isNamed = true
  }

  /// What a failing sync does: nothing is safe, and the next sync won't write these sectors either.
  mutating func giveUp() {
    for sector in loose.keys { loose[sector]!.isGivenUp = true }
  }

  /// The file as it is found when the power comes back; nil if its name never reached the disk.
  func afterCrash(using random: inout some RandomNumberGenerator) -> DiskFile? {
    if !isNamed, Bool.random(using: &random) { return nil }
    var found = synced
    let keeping = Int.random(in: 0...4, using: &random)
    let tearing = Bool.random(using: &random)
    for (sector, held) in loose.sorted(by: { $0.key < $1.key }) {
      guard Int.random(in: 0..<4, using: &random) < keeping else { continue }
      while found.count <= sector { found.append(Self.blank) }
      let version = held.versions.randomElement(using: &random)!
      let torn = tearing && Int.random(in: 0..<4, using: &random) == 0
      let start = torn ? Int.random(in: 0..<Self.sectorSize, using: &random) : 0
      let end = torn ? Int.random(in: start...Self.sectorSize, using: &random) : Self.sectorSize
      found[sector].replaceSubrange(start..<end, with: version[start..<end])
    }
    var file = DiskFile()
    file.cached = found
    file.size = found.count * Self.sectorSize
    file.resize(to: sizeAfterCrash(using: &random))
    file.loose = [:]
    file.sync()
    return file
  }

  private func sizeAfterCrash(using random: inout some RandomNumberGenerator) -> Int {
    if size < syncedSize { return Bool.random(using: &random) ? size : syncedSize }
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return syncedSize
    case 1: return Int.random(in: syncedSize...size, using: &random)
    default: return size
    }
  }

  private mutating func resize(to newSize: Int) {
    truncate(to: newSize)
    while cached.count * Self.sectorSize < newSize { cached.append(Self.blank) }
    size = newSize
  }

  // MARK: Whole

  var bytes: [UInt8] { Self.joined(cached, size: size) }
  var syncedBytes: [UInt8] { Self.joined(synced, size: syncedSize) }

  private static func joined(_ sectors: [Sector], size: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(sectors.count * sectorSize)
    for sector in sectors { bytes.append(contentsOf: sector) }
    bytes.removeLast(bytes.count - size)
    return bytes
  }
}
