// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc

/// Why a question got no answer.
enum PromptError: Error, Equatable {
  /// Nobody is there to be asked: the flag says it instead (exit 64).
  case cannotAsk(flag: String)
  /// The input ended.
  case ended
  /// Three answers that weren't yes or no.
  case unclear
}

/// Asks the person at the terminal; never a pipe, and never under `--no-input`.
struct Prompt {
  let output: Output
  let canAsk: Bool
  private let answer: () -> String?

  init(output: Output, canAsk: Bool, answer: @escaping () -> String?) {
    self.output = output
    self.canAsk = canAsk
    self.answer = answer
  }

  /// Asks on standard output and reads standard input, if both are terminals.
  init(output: Output, noInput: Bool) {
    let canAsk = !noInput && output.isTerminal && isatty(STDIN_FILENO) != 0
    self.init(output: output, canAsk: canAsk) { readLine() }
  }

  /// The answer without white space around it and without control characters; it may be empty.
  func line(_ question: String, flag: String) throws(PromptError) -> String {
    guard canAsk else { throw .cannotAsk(flag: flag) }
    output.write(question + " ")
    output.flush()
    guard let typed = answer() else {
      output.print()
      throw .ended
    }
    let trimmed = typed.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    return SafeText.line(String(trimmed))
  }

  /// Yes or no, in any of the program's languages. Return alone means `standard`.
  func confirms(_ question: String, standard: Bool, flag: String) throws(PromptError) -> Bool {
    let hint = standard ? "[Y/n]" : "[y/N]"
    for _ in 0..<3 {
      let answer = try line("\(question) \(hint)", flag: flag).lowercased()
      if answer.isEmpty { return standard }
      if Self.yes.contains(answer) { return true }
      if Self.no.contains(answer) { return false }
    }
    throw .unclear
  }

  /// Whether a name was typed exactly, for what can't be undone.
  func confirms(_ question: String, typing name: String, flag: String) throws(PromptError) -> Bool {
    try line(question, flag: flag) == SafeText.line(name)
  }

  private static let yes: Set<String> = ["y", "yes", "o", "oui", "s", "si", "sí", "ن", "نعم"]
  private static let no: Set<String> = ["n", "no", "non", "ل", "لا"]
}
