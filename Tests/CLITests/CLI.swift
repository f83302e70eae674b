// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Foundation
import Glibc
import Testing

/// The program itself, as people run it: `MUJAWARA_BINARY`, or the one that was built beside these tests.
enum Program {
  static let path: String = {
    if let named = ProcessInfo.processInfo.environment["MUJAWARA_BINARY"] { return named }
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (tests as NSString).deletingLastPathComponent + "/mujawara"
  }()
}

/// What a command that has ended left behind.
struct Outcome: Sendable, CustomStringConvertible {
  /// The exit code, or 128 and the signal that ended it.
  let status: Int32
  let output: String
  let errors: String

  var description: String { "exit \(status)\n\(output)\(errors)" }
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// The output of `--json`, a value a line.
  var json: [JSONValue] {
    get throws { try lines.map { try JSONValue(parsing: Array($0.utf8)) } }
  }

  /// Whether it failed as every command should: this code, and one line for people, which `--json` repeats as an
  /// object.
  func isFailure(_ status: Int32, saying words: String = "") -> Bool {
    var said = errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard self.status == status, said.popLast() == "", let line = said.first, line.hasPrefix("mujawara: ") else {
      return false
    }
    let sentence = line.dropFirst("mujawara: ".count)
    guard words.isEmpty || sentence.contains(words), said.count <= 2 else { return false }
    guard said.count == 2 else { return true }
    guard let object = try? JSONValue(parsing: Array(said[1].utf8)) else { return false }
    return object["exit"] == .int(Int64(status)) && object["message"]?.string == String(sentence)
  }
}

/// A replica's folder of its own, where commands run in processes of their own. All is gone with the value.
final class Home: Sendable {
  /// Holds the replica and whatever else a test puts beside it.
  let base: String
  let folder: String

  /// - Parameter folder: where the replica is, if not in the temporary folder.
  init(in folder: String? = nil) {
    base = NSTemporaryDirectory() + "mujawara-cli-" + UUID().uuidString
    self.folder = folder ?? base + "/replica"
    mkdir(base, 0o700)
  }

  deinit { try? FileManager.default.removeItem(atPath: base) }

  func file(_ name: String) -> String { base + "/" + name }

  /// Runs a command to its end. One that takes longer than `limit` seconds is killed.
  @discardableResult
  func run(_ arguments: [String], environment: [String: String] = [:], limit: Double = 60) throws -> Outcome {
    try start(arguments, environment: environment).end(within: limit)
  }

  @discardableResult
  func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  /// Runs a command that must succeed.
  @discardableResult
  func must(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> Outcome {
    let outcome = try run(arguments)
    try #require(outcome.status == 0, "\(arguments): \(outcome)", sourceLocation: sourceLocation)
    return outcome
  }

  /// Starts a command and leaves it running.
  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Running {
    var all = surroundings
    all.merge(environment) { $1 }
    return try Running(arguments, environment: all, scratch: base)
  }

  /// Starts lines of a shell, in which `mujawara` is the program.
  func startShell(_ script: String) throws -> Running {
    let whole = "mujawara() { \"$MUJAWARA\" \"$@\"; }\n" + script
    return try Running(
      ["-c", whole], of: "/bin/bash", environment: surroundings.merging(["MUJAWARA": Program.path]) { $1 }, scratch: base)
  }

  private var surroundings: [String: String] {
    ["MUJAWARA_HOME": folder, "HOME": base, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"]
  }

  func start(_ arguments: String...) throws -> Running { try start(arguments) }
}

/// A command that runs, as the leader of a process group of its own. It doesn't outlive the value.
final class Running: @unchecked Sendable {
  let arguments: [String]
  private let pid: pid_t
  private let outputPath: String
  private let errorsPath: String
  private var status: Int32?

  init(
    _ arguments: [String], of program: String = Program.path, environment: [String: String], scratch: String
  ) throws {
    self.arguments = arguments
    let name = scratch + "/" + UUID().uuidString
    (outputPath, errorsPath) = (name + ".out", name + ".err")
    pid = try Self.spawn(
      [program] + arguments, environment.map { "\($0)=\($1)" }.sorted(), outputPath, errorsPath)
  }

  deinit {
    if status == nil {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
  }

  private static func spawn(
    _ arguments: [String], _ environment: [String], _ output: String, _ errors: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    let argv = arguments.map { strdup($0) } + [nil]
    let envp = environment.map { strdup($0) } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var pid = pid_t()
    let code = posix_spawn(&pid, arguments[0], &actions, &attributes, argv, envp)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    return pid
  }

  var output: String { Self.text(outputPath) }
  var errors: String { Self.text(errorsPath) }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  /// Whether it is still there.
  var isRunning: Bool {
    if status != nil { return false }
    var code: Int32 = 0
    guard waitpid(pid, &code, WNOHANG) == pid else { return true }
    status = code & 0x7f == 0 ? code >> 8 & 0xff : 128 + code & 0x7f
    return false
  }

  func send(_ signal: Int32) { if isRunning { kill(pid, signal) } }

  /// Kills it and all that it started, at once.
  func killAll() throws {
    kill(-pid, SIGKILL)
    _ = try end()
  }

  /// Waits for its end. One that takes too long is killed, and that is a failure.
  @discardableResult
  func end(within seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation) throws -> Outcome {
    if !wait(seconds, until: { !isRunning }) {
      send(SIGKILL)
      _ = wait(10, until: { !isRunning })
      Issue.record("\(arguments) didn't end within \(seconds) s: \(output)\(errors)", sourceLocation: sourceLocation)
    }
    return Outcome(status: status ?? -1, output: output, errors: errors)
  }

  /// Waits until it has said something, and gives the first line of its output that holds `words`.
  func line(_ words: String, within seconds: Double = 30, sourceLocation: SourceLocation = #_sourceLocation) throws
    -> String
  {
    var found: String?
    _ = wait(seconds) {
      found = output.split(separator: "\n").first { $0.contains(words) }.map(String.init)
      return found != nil || !isRunning
    }
    return try #require(found, "\(arguments) never said '\(words)': \(output)\(errors)", sourceLocation: sourceLocation)
  }

  /// Ends it as a person would.
  @discardableResult
  func stop(_ signal: Int32 = SIGTERM) throws -> Outcome {
    send(signal)
    return try end()
  }
}

/// Looks every few milliseconds whether something has come true; false if it hasn't in time.
func wait(_ seconds: Double, until condition: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    if ContinuousClock.now > deadline { return false }
    usleep(3_000)
  }
  return true
}
