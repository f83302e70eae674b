// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Kinds
import SyncEngine
import Testing

@Suite("The kinds in use") struct DeclarationTests {
  /// The rows of protocol.md's table: kind, number, and its fields with their numbers and values.
  private func table() throws -> [String] {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../protocol.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    return text.split(separator: "\n").filter { $0.contains("| `") && $0.contains(" 4 title") == false }.map(
      String.init
    )
    .filter { row in Kind.all.contains { row.hasPrefix("| `\($0.name)` ") } }
  }

  private func row(_ kind: Kind) -> String {
    let fields = kind.fields.filter { $0.number >= 16 }.map { "\($0.number) \($0.name) \(word($0.shape))" }
    return "| `\(kind.name)` | \(kind.number) | \(fields.joined(separator: ", ")) |"
  }

  private func word(_ shape: Field.Shape) -> String {
    switch shape {
    case .text, .choice, .link: "text"
    case .localized: "texts"
    case .int: "int"
    case .bool: "bool"
    case .date: "day"
    case .when: "when"
    case .rule: "rule"
    case .quantity: "quantity"
    case .reference: "ref"
    case .set: "set"
    case .overrides: "overrides"
    case .position: "position"
    case .answers: "answers"
    case .bases: "bases"
    case .prose: "prose"
    }
  }

  @Test func `stand in protocol.md as they are declared`() throws {
    #expect(try table() == Kind.all.map(row))
  }

  @Test func `have numbers and names of their own`() {
    #expect(
      Set(Kind.all.map(\.number)).count == Kind.all.count && Set(Kind.all.map(\.name)).count == Kind.all.count
    )
    for kind in Kind.all {
      #expect(Kind(kind.value) == kind && Kind.named(kind.name) == kind)
      for field in kind.fields {
        #expect(
          kind.field(named: field.name)?.number == field.number
            && kind.field(field.number)?.name == field.name)
        #expect(field.name.wholeMatch(of: /[a-z][a-z_]*/) != nil)
      }
    }
    #expect(Kind.need.field(named: "follow-up")?.number == 23)
  }
}
