// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Testing

/// Whoever has only the documents gets by with them.
@Suite("What the documents tell is so") struct ReadmeTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

  private static func text(_ name: String) -> String {
    (try? String(contentsOf: root.appending(path: name), encoding: .utf8)) ?? ""
  }

  /// The lines between quotation marks and such, as a shell cuts them; comments are left out.
  private static func words(_ line: String) -> [String] {
    var (words, word, isQuoted, isWord) = ([String](), "", false, false)
    for character in line {
      if character == "\"" { isQuoted.toggle(); isWord = true; continue }
      if character == "#", !isQuoted, !isWord { break }
      guard character == " ", !isQuoted else { word.append(character); isWord = true; continue }
      if isWord { words.append(word) }
      (word, isWord) = ("", false)
    }
    return isWord ? words + [word] : words
  }

  private static let commands = text("README.md").split(separator: "\n").map(String.init)
    .filter { $0.hasPrefix("mujawara ") && !$0.hasPrefix("mujawara  ") }.map { Array(words($0).dropFirst()) }

  @Test func `the first steps of the README work as they stand`() throws {
    let home = Home()
    #expect(Self.commands.count > 15)
    try home.run(Self.commands[0] + ["--no-passphrase"])
    let ownWork = ["need", "event", "thing", "stock", "agenda", "status", "log"]
    for command in Self.commands where ownWork.contains(command[0]) {
      let outcome = try home.run(command)
      #expect(outcome.status == 0, "\(command): \(outcome)")
    }
  }

  @Test func `every command of the README is one that the program takes`() throws {
    let (home, code) = (Home(), "12345")
    for command in Self.commands {
      let outcome = try home.run(command.map { $0 == "CODE" ? code : $0 } + (command[0] == "init" ? ["--no-passphrase", "--replica", home.file("x")] : []))
      #expect(outcome.status != 64, "\(command): \(outcome)")
    }
  }

  @Test func `flags that are easily missed stand in the manual`() throws {
    let manual = Self.text("man/mujawara.1")
    for flag in ["role", "listen", "no-authors", "consent", "contact-privacy", "on", "map", "rebuild", "own-place", "number", "author", "by", "since", "until", "kind", "record", "space", "at", "change", "list"] {
      #expect(manual.contains("Fl -\(flag)"), "\(flag)")
    }
    for words in ["Fl o Ar file", "offer promise", "item Cm done | drop", "place rename", "device rename"] {
      #expect(manual.contains(words), "\(words)")
    }
  }

  @Test(arguments: [("event", "le 5 de chaque mois"), ("dir", "--contact-privacy"), ("offer", "--delivery"), ("item", "Courses")])
  func `the help of add has examples`(noun: String, words: String) throws {
    let help = try Home().must(noun, "add", "--help").output
    #expect(help.contains(words) && help.contains("USAGE: mujawara \(noun) add"))
    #expect(help.split(separator: "\n").allSatisfy { !$0.hasPrefix("  mujawara ") || $0.count <= 80 })
  }
}
