// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Testing

@testable import SyncEngine

/// A file of `Tests/Vectors` (protocol.md section 17).
struct VectorFile: Codable, Equatable {
  var about: String
  /// What the cases rest on: ids, keys, secrets.
  var given: [String: String] = [:]
  var cases: [VectorCase]
}

/// One vector.
struct VectorCase: Codable, Equatable {
  var name: String
  /// A `WireStructure`, or what the file says.
  var structure: String
  var hex: String
  var outcome: String = Outcome.accepted
  /// The check that refuses it: "decoder:" or "ingest:" and a name.
  var refusedBy: String?
  /// The rule that is broken, in words.
  var why: String?
  /// What can be derived from the bytes.
  var facts: [String: String]?
  /// The ops of a content body, one a line.
  var ops: [String]?
  /// The CBOR as JSON.
  var json: String?

  enum Outcome {
    static let accepted = "accepted"
    static let refused = "refused"
    static let waits = "waits"
    static let noEffect = "no effect"
    static let uncounted = "uncounted"
    static let held = "held"
    static let unreadable = "unreadable"
    static let absent = "absent"
  }
}

extension VectorCase {
  /// An accepted structure.
  init(_ name: String, _ structure: String, _ bytes: [UInt8], facts: [String: String]? = nil) {
    self.init(name: name, structure: structure, hex: VectorHex.encode(bytes), facts: facts)
    json = try? CBOR(decoding: bytes).json()
  }

  /// A structure that its decoder refuses, for one reason that the generator asserts.
  init(_ name: String, _ structure: String, _ bytes: [UInt8], refused kind: String, _ why: String? = nil) {
    self.init(
      name: name, structure: structure, hex: VectorHex.encode(bytes), outcome: Outcome.refused,
      refusedBy: "decoder:\(kind)", why: why)
  }

  var bytes: [UInt8] { VectorHex.decode(hex) }
}

/// Hexadecimal digits, in which "(07*500)" stands for 500 bytes 07.
enum VectorHex {
  private static let least = 64

  static func encode(_ bytes: [UInt8]) -> String {
    var text = ""
    var start = 0
    while start < bytes.count {
      let run = bytes[start...].prefix { $0 == bytes[start] }.count
      text += run < least ? Hex.encode(bytes[start..<start + run]) : "(\(Hex.encode([bytes[start]]))*\(run))"
      start += run
    }
    return text
  }

  static func decode(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for (place, part) in text.split(separator: "(", omittingEmptySubsequences: false).enumerated() {
      guard place > 0 else {
        bytes += Hex.decode(part)!
        continue
      }
      let halves = part.split(separator: ")", omittingEmptySubsequences: false)
      let run = halves[0].split(separator: "*")
      bytes += [UInt8](repeating: Hex.decode(run[0])![0], count: Int(run[1])!)
      bytes += Hex.decode(halves[1])!
    }
    return bytes
  }
}

extension SyncEngine.DecodingError {
  /// How vectors name the error, and the rule in words.
  var vectorNames: (kind: String, why: String?) {
    switch self {
    case .truncated: ("truncated", nil)
    case .notCanonical: ("notCanonical", nil)
    case .unsupported: ("unsupported", nil)
    case .notText: ("notText", nil)
    case .unexpected(_, let expected): ("unexpected", expected)
    case .tooDeep: ("tooDeep", nil)
    case .leftover: ("leftover", nil)
    case .missing(_, let key): ("missing", "key \(key)")
    case .limit(_, let rule): ("limit", rule)
    case .invalid(_, let rule): ("invalid", rule)
    }
  }
}

enum Vectors {
  /// Where the files are, and where `MUJAWARA_WRITE_VECTORS=1` writes them.
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Vectors")
  static var isWriting: Bool { ProcessInfo.processInfo.environment["MUJAWARA_WRITE_VECTORS"] == "1" }

  static func read(_ name: String) throws -> VectorFile {
    try JSONDecoder().decode(VectorFile.self, from: Data(contentsOf: folder.appending(path: name)))
  }

  static func write(_ file: VectorFile, _ name: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try (encoder.encode(file) + Data("\n".utf8)).write(to: folder.appending(path: name))
  }
}

/// A vector file and what makes it.
struct VectorSource: Sendable, CustomTestStringConvertible {
  let name: String
  let make: @Sendable () -> VectorFile
  var testDescription: String { name }

  static let all: [VectorSource] = [
    .init(name: "cbor.json", make: cborVectors), .init(name: "padme.json", make: padmeVectors),
    .init(name: "identities.json", make: identityVectors), .init(name: "changes.json", make: changeVectors),
    .init(name: "content.json", make: contentVectors),
    .init(name: "governance.json", make: governanceVectors),
    .init(name: "keys.json", make: keyVectors), .init(name: "frames.json", make: frameVectors),
    .init(name: "bundle.json", make: bundleVectors), .init(name: "session.json", make: sessionVectors),
  ]
}

@Suite("Wire: vectors") struct WireVectorTests {
  @Test("The files are what the fixed seeds give", arguments: VectorSource.all)
  func regenerated(_ source: VectorSource) throws {
    let made = source.make()
    #expect(Set(made.cases.map(\.name)).count == made.cases.count, "names are distinct")
    if Vectors.isWriting { try Vectors.write(made, source.name) }
    #expect(try Vectors.read(source.name) == made)
  }

  @Test(
    "Each structure is taken or refused as its vector says, and for that reason", arguments: VectorSource.all)
  func decoded(_ source: VectorSource) throws {
    for vector in try Vectors.read(source.name).cases {
      guard let structure = WireStructure.all.first(where: { $0.name == vector.structure }) else { continue }
      guard let refusal = vector.refusedBy, refusal.hasPrefix("decoder:") else {
        #expect(try structure.recode(vector.bytes) == vector.bytes, "\(vector.name)")
        continue
      }
      do {
        _ = try structure.recode(vector.bytes)
        Issue.record("\(vector.name) was taken")
      } catch let error as SyncEngine.DecodingError {
        #expect("decoder:\(error.vectorNames.kind)" == refusal, "\(vector.name): \(error)")
        #expect(error.vectorNames.why == vector.why, "\(vector.name)")
      }
    }
  }
}
