// SPDX-License-Identifier: AGPL-3.0-or-later

import Foundation
import Testing

/// The story that README.md's first command tells, on the program that these tests were built with.
@Suite("The demonstration", .serialized) struct DemonstrationTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

  private func run(with program: String) throws -> (status: Int32, printed: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [Self.root.path + "/scripts/three-places.sh"]
    process.environment = ProcessInfo.processInfo.environment.merging(["MUJAWARA_BINARY": program]) { _, new in new }
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let printed = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: printed, as: UTF8.self))
  }

  @Test func `shows all that it claims`() throws {
    let (status, printed) = try run(with: Program.path)
    #expect(status == 0, "\(printed.suffix(2_000))")
    #expect(printed.contains("== Shown and asserted:"))
  }

  /// A program that does all but one thing: the story must notice.
  @Test(arguments: ["resolve", "bundle read", "import", "sync"])
  func `fails where a step is broken`(_ step: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "mujawara-broken-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let words = step.split(separator: " ").last!
    let broken = folder.appending(path: "mujawara")
    try """
      #!/bin/bash
      for word in "$@"; do [ "$word" = "\(words)" ] && exit 0; done
      exec "\(Program.path)" "$@"
      """.write(to: broken, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: broken.path)
    let (status, printed) = try run(with: broken.path)
    #expect(status != 0)
    #expect(!printed.contains("== Shown and asserted:"))
  }
}
