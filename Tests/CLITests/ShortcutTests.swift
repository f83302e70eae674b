// SPDX-License-Identifier: AGPL-3.0-or-later
import ArgumentParser
import Testing

@testable import mujawara

@Suite("Shortcuts to commands") struct ShortcutTests {
  /// Every command without further ones, by the words that name it.
  private func leaves(of type: any ParsableCommand.Type, _ words: [String] = []) -> [([String], any ParsableCommand.Type)] {
    let below = type.configuration.subcommands
    if below.isEmpty { return [(words, type)] }
    return below.flatMap { leaves(of: $0, words + [$0._commandName]) }
  }

  @Test func `lead to the same command as the list of all`() throws {
    let leaves = leaves(of: Mujawara.self)
    #expect(leaves.count > 50)
    for (words, type) in leaves {
      guard let found = Shortcuts.command(named: words) else {
        #expect(["invite", "peer", "place", "device", "space", "dump", "export"].contains(words[0]), "\(words)")
        continue
      }
      #expect(ObjectIdentifier(found.type) == ObjectIdentifier(type), "\(words)")
      #expect(found.words == words.count, "\(words)")
    }
  }

  @Test func `lead nowhere for what isn't plain`() {
    for words in [[], ["need"], ["need", "fly"], ["--json", "status"], ["nonsense"], ["bundle", "add"]] {
      #expect(Shortcuts.command(named: words) == nil, "\(words)")
    }
  }
}
