// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Testing

@testable import SyncEngine

/// An independent decoder: `Tests/Oracles/cbor_oracle.py`, if `MUJAWARA_PYTHON` names a Python that has cbor2.
private enum Oracle {
  static let python = ProcessInfo.processInfo.environment["MUJAWARA_PYTHON"]
  static let isReady = python != nil && (try? run(["-c", "import cbor2"], input: "")) != nil
  static let script = Vectors.folder.deletingLastPathComponent().appending(path: "Oracles/cbor_oracle.py")

  struct Failed: Error {}

  static func run(_ arguments: [String], input: String) throws -> [Substring] {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = [folder.appending(path: "in"), folder.appending(path: "out")]
    try Data(input.utf8).write(to: files[0])
    try Data().write(to: files[1])
    let process = Process()
    process.executableURL = URL(filePath: python!)
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed() }
    return String(decoding: try Data(contentsOf: files[1]), as: UTF8.self).split(separator: "\n")
  }
}

@Suite("Wire: another decoder") struct WireOracleTests {
  @Test(
    "cbor2 takes and refuses the same items, and reads them alike",
    .enabled(if: Oracle.isReady, "MUJAWARA_PYTHON isn't set, or that Python has no cbor2"))
  func verdicts() throws {
    let items = try vectors() + generated()
    let lines = items.map { bytes in
      "\(Hex.encode(bytes))\t\((try? CBOR(decoding: bytes))?.json() ?? "")\n"
    }
    let verdicts = try Oracle.run([Oracle.script.path], input: lines.joined())
    #expect(verdicts.count == items.count)
    var accepted = 0
    for (bytes, verdict) in zip(items, verdicts) {
      let ours = (try? CBOR(decoding: bytes)) == nil ? "refused" : "accepted"
      #expect(ours == verdict, "\(Hex.encode(bytes))")
      if ours == "accepted" { accepted += 1 }
    }
    #expect(accepted > 1000)
    #expect(items.count - accepted > 1000)
  }

  private func vectors() throws -> [[UInt8]] {
    try Vectors.read("cbor.json").cases.map(\.bytes)
  }

  /// Trees, trees with a byte changed, and noise.
  private func generated() -> [[UInt8]] {
    var items: [[UInt8]] = []
    for seed in 0..<1500 {
      var seeded = WireSeeded(UInt64(seed))
      var bytes = seeded.tree(depth: 5).encoded()
      items.append(bytes)
      for _ in 0..<4 {
        bytes[seeded.below(bytes.count)] = UInt8(truncatingIfNeeded: seeded.next())
        items.append(bytes)
      }
      items.append(seeded.bytes(1 + seeded.below(8)))
    }
    return items
  }
}
