// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Testing

@testable import FuzzTargets

extension FuzzTarget: CustomTestStringConvertible {
  public var testDescription: String { name }

  /// The inputs that are kept: what reaches each corner of the decoder, and what once broke it.
  fileprivate func corpus() throws -> [(name: String, bytes: [UInt8])] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpora/\(name)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return try names.map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) }
  }

  /// Mutants of the corpus to try: as many as a second or so allows.
  fileprivate var mutants: Int {
    switch name {
    case "ingest", "session", "link", "bundle", "import-csv", "import-jsonl": 60
    default: 2_000
    }
  }
}

@Suite("Fuzzing: every decoder") struct FuzzTests {
  @Test("What is kept breaks no law, and some of it is taken", arguments: FuzzTarget.all)
  func corpus(_ target: FuzzTarget) throws {
    var taken = 0
    for (name, bytes) in try target.corpus() {
      #expect(bytes.count <= target.longest, "\(name) is longer than the fuzzer's inputs")
      do throws(BrokenLaw) { taken += try target.check(bytes) ? 1 : 0 } catch {
        Issue.record("\(target.name)/\(name): \(error)")
      }
    }
    #expect(taken > 0, "the corpus reaches nothing behind the first check")
  }

  @Test("Mutants break no law", arguments: FuzzTarget.all)
  func mutants(_ target: FuzzTarget) throws {
    let corpus = try target.corpus().map(\.bytes)
    var mutator = Mutator(seed: 1, corpus: corpus, longest: target.longest)
    for number in 0..<target.mutants {
      let mutant = mutator.next()
      do throws(BrokenLaw) { _ = try target.check(mutant) } catch {
        Issue.record("\(target.name): mutant \(number), \(mutant): \(error)")
        return
      }
    }
  }

  /// The alarm is tried: this decoder takes numbers with zeros in front, and gives them back without.
  @Test func `a decoder that doesn't keep what it takes is found`() {
    struct NoNumber: Error {}
    let target = FuzzTarget.recoding("numbers", refusedBy: NoNumber.self) { bytes in
      guard let number = Int(String(decoding: bytes, as: UTF8.self)) else { throw NoNumber() }
      return Array(String(number).utf8)
    }
    var mutator = Mutator(seed: 1, corpus: [Array("12".utf8), Array("305".utf8)], longest: 8)
    #expect(throws: BrokenLaw.self) { for _ in 0..<3_000 { _ = try target.check(mutator.next()) } }
  }

  @Test func `each target has a corpus, and each corpus a target`() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz/Corpora")
    let folders = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(folders == FuzzTarget.all.map(\.name).sorted())
  }
}
