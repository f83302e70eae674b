// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Synchronization
import Testing

@testable import mujawara

struct Captured {
  let output: Output
  let standard = Sink(.memory, isBuffered: false)
  let errors = Sink(.memory, isBuffered: false)

  init(terminal: Bool, _ environment: [String: String] = [:], _ options: Output.Options = .init()) {
    let surroundings = Output.Surroundings(
      environment: environment, outputIsTerminal: terminal, windowColumns: 100)
    output = Output(options: options, surroundings: surroundings, standard: standard, errors: errors)
  }
}

@Suite("Output takes the form that its reader can use")
struct TerminalOutputTests {
  @Test("user text is harmless everywhere and isolated only on a terminal")
  func user() {
    #expect(Captured(terminal: true).output.user("أرز\n") == "\u{2068}أرز \u{2069}")
    #expect(Captured(terminal: false).output.user("\u{1B}[2J\u{202E}x") == "␛[2Jx")
    for options in [Output.Options(json: true), Output.Options(plain: true)] {
      #expect(Captured(terminal: true, [:], options).output.user("أرز") == "أرز")
    }
    #expect(Captured(terminal: true).output.userBlock("a\n\nb") == "\u{2068}a\u{2069}\n\n\u{2068}b\u{2069}")
  }

  @Test("styles only on a terminal that wants them")
  func styles() {
    #expect(Captured(terminal: true).output.styled("x", .bold, .red) == "\u{1B}[1;31mx\u{1B}[0m")
    #expect(Captured(terminal: true, ["NO_COLOR": ""]).output.hasStyles)
    let without = [
      Captured(terminal: false), Captured(terminal: true, ["NO_COLOR": "1"]),
      Captured(terminal: true, ["TERM": "dumb"]), Captured(terminal: true, [:], .init(json: true)),
      Captured(terminal: true, [:], .init(plain: true)), Captured(terminal: true, [:], .init(noColor: true)),
    ]
    for captured in without { #expect(captured.output.styled("x", .bold) == "x") }
  }

  @Test("width: COLUMNS, else the window, else 80; no limit in a pipe")
  func columns() {
    #expect(Captured(terminal: true, ["COLUMNS": "40"]).output.columns == 40)
    #expect(Captured(terminal: false, ["COLUMNS": "40"]).output.columns == 40)
    #expect(Captured(terminal: true, ["COLUMNS": "wide"]).output.columns == 100)
    #expect(Captured(terminal: false).output.columns == nil)
    let unknown = Output.Surroundings(outputIsTerminal: true, windowColumns: 0)
    #expect(Output(options: .init(), surroundings: unknown).columns == 80)
  }

  @Test("errors go to standard error, one sentence on one line with the program's name")
  func errors() {
    let captured = Captured(terminal: true)
    captured.output.print("done")
    captured.output.fail("No record \u{1B}[1m\nmujawara: all well.")
    #expect(captured.standard.contents == "done\n")
    #expect(captured.errors.contents == "mujawara: No record ␛[1m mujawara: all well.\n")
  }

  @Test("a reader that has gone away is told to the handler as EPIPE, and nothing traps")
  func brokenPipe() throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    let seen = Seen()
    let sink = Sink(.descriptor(ends[1]), isBuffered: true) { error in
      seen.errors.withLock { $0.append(error) }
    }
    sink.write("x")
    #expect(seen.errors.withLock { $0 } == [])
    sink.flush()
    sink.write(String(repeating: "y", count: 40_000))
    #expect(seen.errors.withLock { $0 } == [EPIPE, EPIPE])
  }

  private final class Seen: Sendable { let errors = Mutex<[Int32]>([]) }
}

@Suite("Tables fit, or become lines")
struct TerminalTableTests {
  private func table() -> Table {
    var table = Table([
      .init("id"), .init("qty", .trailing), .init("title", minimum: 8), .init("where", minimum: 6),
    ])
    table.add(.own("b4nz", .dim), .own("12"), .user("Assemblée ouverte"), .user("Caracas"))
    table.add(.own("kd7q"), .own("3"), .user("日本 أرز\nx"), .user(""))
    return table
  }

  @Test("columns are aligned by cells")
  func aligned() {
    #expect(table().lines(for: Captured(terminal: false).output) == [
      "id    qty  title              where", "b4nz   12  Assemblée ouverte  Caracas",
      "kd7q    3  日本 أرز x         ",
    ])
  }

  @Test("on a terminal no line is wider than it, and user text is isolated", arguments: 29...60)
  func fits(width: Int) {
    let output = Captured(terminal: true, ["COLUMNS": "\(width)", "NO_COLOR": "1"]).output
    let lines = table().lines(for: output)
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { CellWidth.of($0) <= width })
    #expect(lines[1].contains("\u{2068}Assem"))
    #expect(lines[1].contains("…") == (width < 37))
  }

  @Test("labelled lines for a dumb terminal, on request, and where nothing fits")
  func labelled() {
    let expected = [
      "id: b4nz", "qty: 12", "title: Assemblée ouverte", "where: Caracas", "", "id: kd7q", "qty: 3",
      "title: 日本 أرز x",
    ]
    for captured in [
      Captured(terminal: false, ["TERM": "dumb"]), Captured(terminal: false, [:], .init(accessible: true)),
      Captured(terminal: false, ["COLUMNS": "20"]),
    ] { #expect(table().lines(for: captured.output) == expected) }
  }

  @Test("plain: one record a line, fields between tabs, nothing cut")
  func plain() {
    let captured = Captured(terminal: true, ["COLUMNS": "10"], .init(plain: true))
    #expect(table().lines(for: captured.output) == [
      "b4nz\t12\tAssemblée ouverte\tCaracas", "kd7q\t3\t日本 أرز x\t",
    ])
  }
}
