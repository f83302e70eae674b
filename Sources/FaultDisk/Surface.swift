// SPDX-License-Identifier: AGPL-3.0-or-later

extension FaultDisk {
  /// The files of a disk by path, all bytes of each: a backup, or what a computer finds when it starts.
  public struct Image: Equatable, Sendable {
    public var files: [String: [UInt8]]

    public init(files: [String: [UInt8]] = [:]) { self.files = files }
  }

  /// A disk at one moment, what isn't synced included. Cheap to keep: equal sectors are stored once.
  public struct Surface: Sendable {
    var files: [String: DiskFile] = [:]
    /// Files that were deleted without a sync of their folder: a power cut may bring them back.
    var doomed: [String: DiskFile] = [:]

    init(_ image: Image) { files = image.files.mapValues { DiskFile($0) } }

    /// What programs read.
    public var image: Image { Image(files: files.mapValues(\.bytes)) }

    /// What is safe: the disk after a power cut that keeps nothing of what wasn't synced.
    public var syncedImage: Image { Image(files: files.filter { $0.value.isNamed }.mapValues(\.syncedBytes)) }

    /// What may be found after a power cut at this moment: of each sector that wasn't synced, anything that was
    /// written there since, wholly, in part or not at all, as `random` decides.
    public func afterCrash(using random: inout some RandomNumberGenerator) -> Image {
      var found: [String: [UInt8]] = [:]
      for (path, file) in doomed.sorted(by: { $0.key < $1.key }) where file.isNamed && Bool.random(using: &random) {
        found[path] = file.syncedBytes
      }
      for (path, file) in files.sorted(by: { $0.key < $1.key }) {
        if let file = file.afterCrash(using: &random) { found[path] = file.bytes }
      }
      return Image(files: found)
    }

    /// The bytes that all files take up.
    var size: Int { files.values.reduce(0) { $0 + $1.size } }
  }
}
