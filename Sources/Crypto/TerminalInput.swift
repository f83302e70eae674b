// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc

extension SecretBytes {
  /// Asks for a passphrase at the terminal of this process, whatever its input and output are.
  /// Throws `noTerminal`, `inputClosed`, `inputTooLong` or `interrupted`.
  public static func readPassphraseFromTerminal(prompt: String) throws(CryptoError) -> SecretBytes {
    let fd = unsafe open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard fd >= 0 else { throw .noTerminal }
    defer { close(fd) }
    return try readPassphrase(terminal: fd, prompt: prompt)
  }

  /// Asks for a passphrase at a terminal, with echo off. Echo is put back in every case, also when a signal
  /// comes (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP); that signal is then raised again, so that the
  /// program ends or stops as it would have, and `interrupted` is thrown if it goes on. A signal that the
  /// program ignores stays ignored.
  public static func readPassphrase(terminal fd: Int32, prompt: String) throws(CryptoError) -> SecretBytes {
    guard isatty(fd) == 1 else { throw .noTerminal }
    let line = SecretScratch(inputLimit + 1)
    let signals = CaughtSignals()
    defer { signals.restoreAndRaise() }
    guard let echo = QuietTerminal(fd) else { throw .noTerminal }
    defer { echo.restore() }
    print(prompt, to: fd)
    defer { print("\n", to: fd) }
    let count = try fill(line, from: fd) { waitForInput(fd) }
    return secret(line, count)
  }

  /// Waits for a byte, looking ten times a second whether a signal came, on whichever thread.
  private static func waitForInput(_ fd: Int32) -> Wait {
    while unsafe CaughtSignals.last == 0 {
      var wanted = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&wanted, 1, 100) > 0 { return .goOn }
    }
    return .stop
  }

  private static func print(_ text: String, to fd: Int32) {
    let bytes = Array(text.utf8)
    _ = unsafe write(fd, bytes, bytes.count)
  }
}

/// A terminal whose echo is off until `restore`.
private struct QuietTerminal {
  private let fd: Int32
  private let before: termios

  init?(_ fd: Int32) {
    self.fd = fd
    var settings = termios()
    guard unsafe tcgetattr(fd, &settings) == 0 else { return nil }
    before = settings
    settings.c_lflag &= ~tcflag_t(ECHO | ECHOE | ECHOK | ECHONL)
    guard unsafe tcsetattr(fd, TCSAFLUSH, &settings) == 0 else { return nil }
  }

  func restore() {
    var settings = before
    while unsafe tcsetattr(fd, TCSAFLUSH, &settings) != 0 && errno == EINTR {}
  }
}

/// Notes the signals that would end or stop the program, until the terminal is as it was.
private struct CaughtSignals {
  private static let watched = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]
  /// The last signal that came, 0 if none. Written by the handler alone, one machine word.
  nonisolated(unsafe) private(set) static var last: Int32 = 0

  private let before: [(Int32, sigaction)]

  init() {
    unsafe Self.last = 0
    before = Self.watched.compactMap { number in
      var (old, action) = (sigaction(), sigaction())
      guard unsafe sigaction(number, nil, &old) == 0, !Self.isIgnored(old) else { return nil }
      unsafe action.__sigaction_handler.sa_handler = { unsafe CaughtSignals.last = $0 }
      return unsafe sigaction(number, &action, nil) == 0 ? (number, old) : nil
    }
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  func restoreAndRaise() {
    for (number, action) in before {
      var old = action
      _ = unsafe sigaction(number, &old, nil)
    }
    if unsafe Self.last != 0 { unsafe kill(getpid(), Self.last) }
  }
}
