// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc

/// Everything that the program says, in the form that its reader can use: a person at a terminal, a screen
/// reader, or another program.
struct Output: Sendable {
  /// What the user asked for.
  struct Options: Sendable, Equatable {
    var json = false
    /// One record a line, no marks, nothing cut.
    var plain = false
    var noColor = false
    /// Labelled lines instead of tables.
    var accessible = false
  }

  /// What is known of the other end.
  struct Surroundings: Sendable {
    /// TERM, COLUMNS and NO_COLOR are looked at.
    var environment: [String: String] = [:]
    var outputIsTerminal = false
    /// The window's width in cells, where it can be asked.
    var windowColumns: Int?
  }

  let options: Options
  let isTerminal: Bool
  /// Whether bold, dim and colours are written.
  let hasStyles: Bool
  /// Whether user text is wrapped in U+2068…U+2069, so that its direction stays its own.
  let hasIsolates: Bool
  /// Whether tables become labelled lines.
  let isAccessible: Bool
  /// Cells that a line may take; nil: as many as it likes.
  let columns: Int?
  private let standard: Sink
  private let errors: Sink

  init(
    options: Options, surroundings: Surroundings, standard: Sink = .standardOutput,
    errors: Sink = .standardError
  ) {
    let environment = surroundings.environment
    let isForPeople = surroundings.outputIsTerminal && !options.json && !options.plain
    let isDumb = environment["TERM"] == "dumb"
    let refusesColor = options.noColor || !(environment["NO_COLOR"] ?? "").isEmpty
    self.options = options
    isTerminal = surroundings.outputIsTerminal
    hasStyles = isForPeople && !refusesColor && !isDumb
    hasIsolates = isForPeople
    isAccessible = options.accessible || isDumb
    columns = Self.columns(surroundings)
    self.standard = standard
    self.errors = errors
  }

  /// The program's own standard output and error.
  static func current(_ options: Options) -> Output {
    var surroundings = Surroundings(outputIsTerminal: isatty(STDOUT_FILENO) != 0)
    for name in ["TERM", "COLUMNS", "NO_COLOR"] {
      surroundings.environment[name] = getenv(name).map { String(cString: $0) }
    }
    var window = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0 {
      surroundings.windowColumns = Int(window.ws_col)
    }
    return Output(options: options, surroundings: surroundings)
  }

  private static func columns(_ surroundings: Surroundings) -> Int? {
    if let said = surroundings.environment["COLUMNS"].flatMap(Int.init), said > 0 { return said }
    guard surroundings.outputIsTerminal else { return nil }
    return surroundings.windowColumns.flatMap { $0 > 0 ? $0 : nil } ?? 80
  }

  /// One line to standard output. Text of records goes through `user(_:)` first.
  func print(_ line: String = "") { standard.write(line + "\n") }

  /// Text to standard output as it is.
  func write(_ text: String) { standard.write(text) }

  func flush() { standard.flush() }

  /// One sentence to standard error, `mujawara: ` before it. Whatever it quotes is made harmless here.
  func fail(_ sentence: String) {
    standard.flush()
    errors.write("mujawara: " + SafeText.line(sentence) + "\n")
  }

  /// Text of a record for print, on one line.
  func user(_ text: String) -> String { isolated(SafeText.line(text)) }

  /// Text of a record for print, as many lines as it has.
  func userBlock(_ text: String) -> String {
    SafeText.block(text).split(separator: "\n", omittingEmptySubsequences: false)
      .map { isolated(String($0)) }.joined(separator: "\n")
  }

  func styled(_ text: String, _ styles: Style...) -> String { styled(text, styles) }

  func styled(_ text: String, _ styles: [Style]) -> String {
    guard hasStyles, !styles.isEmpty, !text.isEmpty else { return text }
    let codes = styles.map { String($0.rawValue) }.joined(separator: ";")
    return "\u{1B}[\(codes)m\(text)\u{1B}[0m"
  }

  private func isolated(_ text: String) -> String {
    hasIsolates && !text.isEmpty ? "\u{2068}\(text)\u{2069}" : text
  }
}
