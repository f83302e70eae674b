// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A bundle's file") struct BundleFileTests {
  private let folder = TestPlace.freshFolder()

  private func path(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder + "/" + name
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @discardableResult
  private func write(_ place: TestPlace, _ path: String, replacing: Bool = false) throws -> BundleInfo {
    try BundleWriter.write(
      to: path, from: place.replica, spaces: [place.commons],
      key: .current(of: place.commons, in: place.replica),
      replacing: replacing)
  }

  @Test func `is there under its name alone, and as it was written`() throws {
    let (a, b) = try neighbours()
    try a.write("x")
    let path = try path("backup.bin")
    let info = try write(a, path)
    #expect(try names() == ["backup.bin"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == info.size)
    #expect(try BundleReader.info(path, keys: BundleKey.all(of: b.replica)).contents == info.contents)
    #expect(try BundleReader.read(path, into: b.replica).received.new == 1)
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test func `is left as it was by whoever reads it`() throws {
    let (a, b) = try neighbours()
    try a.write("x")
    let path = try path("stick.bin")
    try write(a, path)
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let date = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    _ = try BundleReader.info(path, keys: BundleKey.all(of: b.replica))
    _ = try BundleReader.read(path, into: b.replica)
    _ = try BundleReader.read(path, into: b.replica)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date == date)
    #expect(try names() == ["stick.bin"])
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test func `doesn't replace another unless told to`() throws {
    let (a, b) = try neighbours()
    let path = try path("b")
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
    #expect(throws: BundleError.exists(path)) { try write(a, path) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
    #expect(try names() == ["b"])
    try write(a, path, replacing: true)
    #expect(try BundleReader.read(path, into: b.replica).received.refused.isEmpty)
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test func `that is a link, a folder, a pipe or nothing is refused`() throws {
    let (a, _) = try neighbours()
    let path = try path("real")
    try write(a, path)
    let keys = try BundleKey.all(of: a.replica)
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: path)
    #expect(throws: BundleError.notAFile(folder + "/link")) {
      try BundleReader.info(folder + "/link", keys: keys)
    }
    #expect(throws: BundleError.notAFile(folder)) { try BundleReader.info(folder, keys: keys) }
    #expect(mkfifo(folder + "/pipe", 0o600) == 0)
    #expect(throws: BundleError.notAFile(folder + "/pipe")) {
      try BundleReader.info(folder + "/pipe", keys: keys)
    }
    #expect(throws: BundleError.noSuchFile(folder + "/none")) {
      try BundleReader.info(folder + "/none", keys: keys)
    }
    #expect(throws: BundleError.notAFile("/dev/null")) { try BundleReader.info("/dev/null", keys: keys) }
    try FileManager.default.removeItem(atPath: folder)
  }

  @Test func `that can't be written leaves nothing`() throws {
    let (a, _) = try neighbours()
    let path = try path("x")
    #expect(throws: BundleError.cannotWrite(folder + "/no/x", errno: ENOENT)) {
      try write(a, folder + "/no/x")
    }
    #expect(try names().isEmpty)
    _ = path
    try FileManager.default.removeItem(atPath: folder)
  }

  /// A limit on the size of files stands in for a full disk: the system says the same to who writes on.
  @Test func `that doesn't fit leaves nothing and says so`() async {
    await #expect(processExitsWith: .success) {
      let place = try TestPlace()
      for number in 0..<40 { try place.write(String(repeating: "u", count: 30_000) + "\(number)") }
      let folder = TestPlace.freshFolder()
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let key = try BundleKey.current(of: place.commons, in: place.replica)
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 300_000, rlim_max: rlim_t.max)
      precondition(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
      do {
        _ = try BundleWriter.write(to: folder + "/x", from: place.replica, spaces: [place.commons], key: key)
        preconditionFailure("it fitted")
      } catch BundleError.diskFull(folder + "/x") {}
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      precondition(left.isEmpty)
      try FileManager.default.removeItem(atPath: folder)
    }
  }
}
