// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc

/// The editor as a child in the foreground: it shares our terminal and our process group.
enum EditorProcess {
  /// Runs `command path` by the shell, for a command may have arguments. Returns its status, or 128 + the
  /// signal that ended it.
  static func run(
    _ command: String, path: String, environment: [String: String], mask: sigset_t
  ) throws(EditorError) -> Int32 {
    let arguments = ["sh", "-c", command + " \"$1\"", "mujawara", path]
    let variables = environment.map { "\($0)=\($1)" }.sorted()
    var child: pid_t = 0
    let error = withAttributes(mask) { attributes in
      withCStrings(arguments) { arguments in
        withCStrings(variables) { posix_spawn(&child, "/bin/sh", nil, attributes, arguments, $0) }
      }
    }
    guard error == 0 else { throw .notStarted(error) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw .notStarted(errno) }
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  /// The child meets signals as the program itself found them, not as we hold or ignore them.
  private static func withAttributes(
    _ mask: sigset_t, _ body: (UnsafePointer<posix_spawnattr_t>) -> Int32
  ) -> Int32 {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (mask, usual) = (mask, sigset_t())
    sigemptyset(&usual)
    for signal in [SIGINT, SIGQUIT, SIGPIPE] { sigaddset(&usual, signal) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    return body(&attributes)
  }

  private static func withCStrings(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> Int32 {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}

/// Keeps signals from ending the program while a text lies on disk: those of the keyboard are the editor's,
/// those that mean the end wait until the text is removed.
struct HeldSignals {
  let previous: sigset_t
  private let onInterrupt = signal(SIGINT, SIG_IGN)
  private let onQuit = signal(SIGQUIT, SIG_IGN)

  init() {
    var (held, previous) = (sigset_t(), sigset_t())
    sigemptyset(&held)
    sigaddset(&held, SIGTERM)
    sigaddset(&held, SIGHUP)
    pthread_sigmask(SIG_BLOCK, &held, &previous)
    self.previous = previous
  }

  func release() {
    signal(SIGINT, onInterrupt)
    signal(SIGQUIT, onQuit)
    var mask = previous
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }
}
