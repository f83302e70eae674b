// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Testing

/// The oracles that are written in Python, where the test command has made an environment for them.
enum Python {
  static let path = ProcessInfo.processInfo.environment["MUJAWARA_PYTHON"]

  /// Gives a script of `Tests/Oracles` the question as JSON and reads its answer.
  static func ask<Answer: Decodable>(_ script: String, _ question: some Encodable) throws -> Answer {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: path ?? "")
    process.arguments = [
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Oracles/\(script)").path
    ]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let bytes = try JSONEncoder().encode(question)
    DispatchQueue.global().async {
      try? input.fileHandleForWriting.write(contentsOf: bytes)
      try? input.fileHandleForWriting.close()
    }
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try JSONDecoder().decode(Answer.self, from: answer)
  }
}
