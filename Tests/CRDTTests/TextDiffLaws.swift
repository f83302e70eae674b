// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@Suite("Text: what differs between two") struct TextDiffLaws {
  @Test func `the edits make the one of the other, with the fewest scalars`() throws {
    for seed in UInt64(1)...400 {
      var random = Seeded(seed)
      let old = word(&random, below: 30)
      let new = random.chance(30) ? word(&random, below: 30) : changed(old, &random)
      let edits = TextEdit.difference(from: old, to: new)
      #expect(try TextEdit.apply(edits, to: old) == new)
      #expect(cost(edits) == distance(old, new), "\(old) → \(new)")
    }
  }

  @Test func `each stretch is one deletion, one insertion, or both, and none touches another`() {
    for seed in UInt64(1)...200 {
      var random = Seeded(seed)
      let old = word(&random, below: 60)
      let edits = TextEdit.difference(from: old, to: changed(old, &random))
      var end = -1
      for edit in edits {
        switch edit {
        case .delete(let position, let count):
          #expect(position > end && count > 0)
          end = position
        case .insert(let position, let string):
          #expect(position >= end && !string.isEmpty)
          end = position + string.unicodeScalars.count
        }
      }
    }
  }

  @Test func `nothing, all, and the ends`() {
    #expect(TextEdit.difference(from: "same", to: "same") == [])
    #expect(TextEdit.difference(from: "", to: "new") == [.insert(at: 0, "new")])
    #expect(TextEdit.difference(from: "old", to: "") == [.delete(at: 0, count: 3)])
    #expect(TextEdit.difference(from: "aaa", to: "aaaa") == [.insert(at: 3, "a")])
    #expect(TextEdit.difference(from: "one two", to: "one or two") == [.insert(at: 4, "or ")])
    let edits = TextEdit.difference(from: "the old text", to: "a old texts")
    #expect(edits == [.delete(at: 0, count: 3), .insert(at: 0, "a"), .insert(at: 10, "s")])
  }

  @Test func `strings that people take for the same differ where their scalars do`() throws {
    #expect(TextEdit.difference(from: "é", to: "e\u{301}") != [])
    let jobs = TextEdit.difference(from: "👩‍🚒", to: "👩‍🌾")
    #expect(jobs == [.delete(at: 2, count: 1), .insert(at: 2, "🌾")])
    #expect(TextEdit.difference(from: "a\r\nb", to: "a\nb") == [.delete(at: 1, count: 1)])
  }

  /// So much differs that the shortest way isn't looked for as a whole.
  @Test func `in long texts what lies between changes stays`() throws {
    var random = Seeded(7)
    let lines = (0..<20_000).map { "line \($0) \(word(&random, below: 30))\n" }
    var new = lines
    for _ in 0..<400 { new[random.below(new.count)] = "another \(word(&random, below: 20))\n" }
    new.insert(String(repeating: "a long new paragraph ", count: 1000), at: 9_000)
    let (old, changed) = (lines.joined(), new.joined())
    let edits = TextEdit.difference(from: old, to: changed)
    #expect(try TextEdit.apply(edits, to: old) == changed)
    #expect(deleted(edits) < 400 * 45)
    let (oldLine, newLine) = (old.filter { $0 != "\n" }, changed.filter { $0 != "\n" })
    let inOneLine = TextEdit.difference(from: oldLine, to: newLine)
    #expect(try TextEdit.apply(inOneLine, to: oldLine) == newLine)
    #expect(deleted(inOneLine) < 400 * 120)
  }

  @Test func `texts that have nothing in common are replaced`() throws {
    let old = String(repeating: "a", count: 100_000)
    let new = String(repeating: "b", count: 100_000)
    #expect(TextEdit.difference(from: old, to: new) == [.delete(at: 0, count: 100_000), .insert(at: 0, new)])
    let mixed = String(repeating: "ab", count: 50_000)
    #expect(try TextEdit.apply(TextEdit.difference(from: old, to: mixed), to: old) == mixed)
  }

  private func word(_ random: inout Seeded, below length: Int) -> String {
    String((0..<random.below(length)).map { _ in random.pick(Array("abé 😀\n")) })
  }

  private func changed(_ old: String, _ random: inout Seeded) -> String {
    var text = Array(old)
    for _ in 0..<random.below(4) {
      let place = random.below(text.count + 1)
      if random.chance(50) {
        text.insert(contentsOf: word(&random, below: 4), at: place)
      } else {
        text.removeSubrange(place..<min(text.count, place + 3))
      }
    }
    return String(text)
  }

  private func cost(_ edits: [TextEdit]) -> Int {
    edits.reduce(0) { sum, edit in
      switch edit {
      case .insert(_, let string): sum + string.unicodeScalars.count
      case .delete(_, let count): sum + count
      }
    }
  }

  private func deleted(_ edits: [TextEdit]) -> Int {
    edits.reduce(0) { sum, edit in
      if case .delete(_, let count) = edit { sum + count } else { sum }
    }
  }

  /// By a table of all pairs of prefixes.
  private func distance(_ old: String, _ new: String) -> Int {
    let (old, new) = (Array(old.unicodeScalars), Array(new.unicodeScalars))
    var row = Array(0...new.count)
    for (place, scalar) in old.enumerated() {
      var next = [place + 1]
      for (column, other) in new.enumerated() {
        next.append(scalar == other ? row[column] : 1 + min(row[column + 1], next[column]))
      }
      row = next
    }
    return row[new.count]
  }
}
