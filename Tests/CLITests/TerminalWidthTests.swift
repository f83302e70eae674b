// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Testing

@testable import mujawara

@Suite("Text takes the cells that a terminal gives it")
struct TerminalWidthTests {
  static let samples: [(String, Int)] = [
    ("", 0), ("abc", 3), ("Événement", 9), ("e\u{301}", 1), ("日本", 4), ("한국", 4),
    ("\u{1100}\u{1161}\u{11A8}", 2),
    ("مَرْحَبًا", 5), ("أرز", 3), ("می‌خواهم", 7), ("ـــ", 3), ("שָׁלוֹם", 4), ("👩‍🌾", 2), ("👨‍👩‍👧‍👦", 2),
    ("🇫🇷", 2), ("🇫🇷🇪🇸", 4), ("👍🏽", 2), ("❤️", 2), ("❤", 1), ("☎️", 2), ("1️⃣", 2), ("⌚︎", 1), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2),
    ("ｆｕｌｌ", 8), ("…", 1), ("«—»", 3), ("\u{200B}", 0), ("\u{2068}a\u{2069}", 1), ("का", 2), ("क्षि", 2),
  ]

  @Test("known samples", arguments: samples)
  func known(text: String, width: Int) { #expect(CellWidth.of(text) == width) }

  @Test("as wcwidth counts them", .enabled(if: python != nil, "MUJAWARA_PYTHON is not set"))
  func oracle() throws {
    let texts = Self.samples.map(\.0) + Self.scalars + Self.mixtures
    let expected = try Self.askOracle(texts)
    #expect(expected.count == texts.count)
    let wrong = zip(texts, expected).filter { CellWidth.of($0) != $1 }
    for (text, width) in wrong.prefix(20) {
      let codes = text.unicodeScalars.map { String($0.value, radix: 16) }
      Issue.record("\(codes): \(CellWidth.of(text)), expected \(width)")
    }
  }

  @Test("cut to a width: never wider, never in the middle of a character", arguments: samples.map(\.0))
  func truncated(text: String) {
    for width in 0...10 {
      let cut = CellWidth.truncated(text, to: width)
      #expect(CellWidth.of(cut) <= width)
      #expect(cut == text || width == 0 || text.hasPrefix(cut.dropLast()) && cut.hasSuffix("…"))
      if CellWidth.of(text) <= width { #expect(cut == text) }
    }
  }

  @Test("cutting takes no more than needed")
  func exact() {
    #expect(CellWidth.truncated("Assemblée", to: 5) == "Asse…")
    #expect(CellWidth.truncated("日本語", to: 4) == "日…")
    #expect(CellWidth.truncated("👩‍🌾👩‍🌾", to: 3) == "👩‍🌾…")
  }

  private static let python = ProcessInfo.processInfo.environment["MUJAWARA_PYTHON"]

  /// Every assigned scalar that prints on its own, in the blocks that people here write in and around them.
  private static let scalars: [String] = (UInt32(0xA0)...0x3FFFF).compactMap(Unicode.Scalar.init).filter {
    switch $0.properties.generalCategory {
    case .unassigned, .privateUse, .surrogate, .control: false
    default: true
    }
  }.map { String(Character($0)) }

  private static let mixtures: [String] = {
    let pieces = samples.filter { $0.1 > 0 && !$0.0.contains("\u{2068}") }.map(\.0)
    return pieces.flatMap { first in pieces.map { "\(first) \($0)" } }
  }()

  private static func askOracle(_ texts: [String]) throws -> [Int] {
    let process = Process()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Oracles/width_oracle.py")
    process.executableURL = URL(fileURLWithPath: python!)
    process.arguments = [script.path]
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = folder.appendingPathComponent("texts")
    let lines = texts.map { text in
      "\"" + text.utf16.map { "\\u" + String(0x10000 + Int($0), radix: 16).dropFirst() }.joined() + "\"\n"
    }
    try lines.joined().write(to: input, atomically: true, encoding: .utf8)
    let output = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
  }
}
