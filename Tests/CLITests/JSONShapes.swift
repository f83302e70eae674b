// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation

/// The shapes that docs/json.md describes, read from its tables.
///
/// A section `### name/1` has a table whose first column names members: `a.b`, `a[].b`, `a?` for one that may be left
/// out, `a{}` for one below which nothing is listed.
struct JSONShapes {
  /// The members of one schema, by path: `received.new`.
  struct Shape: Equatable {
    var members: Set<String> = []
    var optional: Set<String> = []
    var open: Set<String> = []
  }

  let shapes: [String: Shape]

  static let document: JSONShapes = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/json.md")
    return JSONShapes(try! String(contentsOf: file, encoding: .utf8))
  }()

  init(_ text: String) {
    var shapes: [String: Shape] = [:]
    var schema: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("#") {
        schema = line.wholeMatch(of: /### `([a-z-]+\/[0-9]+)`/).map { "mujawara/" + $0.1 }
        if let schema { shapes[schema] = Shape() }
      } else if let schema, line.hasPrefix("| `") {
        let column = line.dropFirst().prefix { $0 != "|" }
        for name in column.matches(of: /`([^`]+)`/) { shapes[schema]?.add(String(name.1)) }
      }
    }
    self.shapes = shapes
  }

  /// What is wrong with a line that the program printed: members that aren't described, and those that are missing.
  func faults(of line: JSONValue) -> [String] {
    guard let schema = line["schema"]?.string, let shape = shapes[schema] else { return ["no such schema: \(line)"] }
    return shape.faults(of: line, at: "").map { "\(schema) \($0)" }
  }
}

extension JSONShapes.Shape {
  /// Adds a member and those around it.
  mutating func add(_ text: String) {
    var path = ""
    for part in text.split(separator: ".") {
      let name = String(part.prefix { $0.isLetter || $0 == "_" })
      let marks = part.dropFirst(name.count)
      path += path.isEmpty ? name : "." + name
      members.insert(path)
      if marks.contains("?") { optional.insert(path) }
      if marks.contains("{}") { open.insert(path) }
    }
  }

  func faults(of value: JSONValue, at path: String) -> [String] {
    if open.contains(path) { return [] }
    if let items = value.array { return items.flatMap { faults(of: $0, at: path) } }
    guard let printed = value.members else { return [] }
    let prefix = path.isEmpty ? "" : path + "."
    let names = Set(printed.map { prefix + $0.name })
    let expected = members.filter { $0.hasPrefix(prefix) && !$0.dropFirst(prefix.count).contains(".") }
    let missing = expected.subtracting(optional).subtracting(names).sorted().map { "lacks \($0)" }
    let strange = names.subtracting(expected).sorted().map { "has \($0), which isn't described" }
    return missing + strange + printed.flatMap { faults(of: $0.value, at: prefix + $0.name) }
  }
}
