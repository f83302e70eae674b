// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Foundation

/// An editing history by somebody else, with the text that it ends with.
struct TextTrace {
  let changes: [TextChange]
  let order: RankedLogs
  let end: String

  /// In some causal order: as it is, all at once, or each when it can, alone or a few together.
  func deliveries(_ random: inout Seeded) -> [[TextChange]] {
    switch random.below(4) {
    case 0: return changes.map { [$0] }
    case 1: return [changes.shuffled(using: &random)]
    default: break
    }
    var held = VersionVector()
    var waiting = changes
    var result: [[TextChange]] = []
    while !waiting.isEmpty {
      let ready = waiting.indices.filter { held.dominates(waiting[$0].past) }
      let next = waiting.remove(at: random.pick(ready))
      held.include(next.dot)
      if random.chance(70) || result.isEmpty { result.append([]) }
      result[result.count - 1].append(next)
    }
    return result
  }
}

enum TextTraces {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Traces").path

  private struct Patch: Decodable {
    let position: Int
    let deleted: Int
    let inserted: String

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      position = try values.decode(Int.self)
      deleted = try values.decode(Int.self)
      inserted = try values.decode(String.self)
    }
  }

  /// Every transaction is a log of its own, for some agents write concurrently with themselves.
  static func conformance() throws -> [TextTrace] {
    struct Transaction: Decodable {
      let span: [Int]
      let parents: [Int]
      let agent: String
      let seqStart: Int
      let ops: [Patch]
    }
    struct Document: Decodable {
      let endContent: String
      let txns: [Transaction]
    }
    return try load("eg-walker-conformance.json.gz", [Document].self).map { document in
      let numbers = Dictionary(uniqueKeysWithValues: document.txns.enumerated().map { ($1.span[1] - 1, $0) })
      var pasts: [VersionVector] = []
      var changes: [TextChange] = []
      for (number, txn) in document.txns.enumerated() {
        let parents = txn.parents.map { numbers[$0]! }
        let past = parents.reduce(VersionVector()) { $0.merging(pasts[$1]) }
        let dot = Dot(log: UInt32(number), seq: 1)
        pasts.append(past.merging(VersionVector(dots: [dot])))
        changes.append(TextChange(dot: dot, past: past, ops: ops(txn.ops)))
      }
      let sorted = document.txns.indices.sorted { one, other in
        let (one, other) = (document.txns[one], document.txns[other])
        return (one.agent, one.seqStart) < (other.agent, other.seqStart)
      }
      let ranks = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { (UInt32($1), $0) })
      return TextTrace(changes: changes, order: RankedLogs(ranks: ranks), end: document.endContent)
    }
  }

  static func sequential(_ name: String) throws -> TextTrace {
    struct Transaction: Decodable { let patches: [Patch] }
    struct Document: Decodable {
      let endContent: String
      let txns: [Transaction]
    }
    let document = try load(name, Document.self)
    var changes: [TextChange] = []
    for (number, txn) in document.txns.enumerated() {
      let past = VersionVector([(UInt32(0), UInt64(number))])
      changes.append(TextChange(dot: Dot(log: 0, seq: UInt64(number) + 1), past: past, ops: ops(txn.patches)))
    }
    return TextTrace(changes: changes, order: RankedLogs(), end: document.endContent)
  }

  static func concurrent(_ name: String) throws -> TextTrace {
    struct Transaction: Decodable {
      let parents: [Int]
      let agent: UInt32
      let patches: [Patch]
    }
    struct Document: Decodable {
      let endContent: String
      let txns: [Transaction]
    }
    let document = try load(name, Document.self)
    var pasts: [VersionVector] = []
    var changes: [TextChange] = []
    for txn in document.txns {
      let past = txn.parents.reduce(VersionVector()) { $0.merging(pasts[$1]) }
      let dot = Dot(log: txn.agent, seq: past[txn.agent] + 1)
      pasts.append(past.merging(VersionVector(dots: [dot])))
      changes.append(TextChange(dot: dot, past: past, ops: ops(txn.patches)))
    }
    return TextTrace(changes: changes, order: RankedLogs(), end: document.endContent)
  }

  private static func ops(_ patches: [Patch]) -> [TextOp] {
    var result: [TextOp] = []
    for patch in patches {
      var edits: [TextEdit] = []
      if patch.deleted > 0 { edits.append(.delete(at: patch.position, count: patch.deleted)) }
      if !patch.inserted.isEmpty { edits.append(.insert(at: patch.position, patch.inserted)) }
      for edit in edits { result.append(TextOp(index: UInt32(result.count), edit: edit)) }
    }
    return result
  }

  private static func load<Content: Decodable>(_ name: String, _ type: Content.Type) throws -> Content {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", "\(folder)/\(name)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return try JSONDecoder().decode(type, from: data)
  }
}
