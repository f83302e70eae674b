// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Glibc
import MujawaraCrypto
import SyncEngine

/// What a command works with: where the replica is, how to print, whom to ask.
struct Context {
  let global: GlobalOptions
  let output: Output
  let folder: String

  init(_ global: GlobalOptions) {
    self.global = global
    output = Output.current(.init(json: global.json, plain: global.plain, noColor: global.noColor))
    folder = global.folder
  }

  var isJSON: Bool { global.json }
  var prompt: Prompt { Prompt(output: output, noInput: global.noInput || global.json) }
  var hasReplica: Bool { access(folder + "/keys", F_OK) == 0 && Replica.isMade(in: folder) }

  /// Opens the replica, asking for its passphrase if it has one.
  func open() throws -> Replica {
    try Replica.open(folder, passphrase: passphrase, clock: Self.wallClock)
  }

  /// The wall clock in milliseconds since 1970.
  static let wallClock: @Sendable () -> UInt64 = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(0, time.tv_sec)) * 1000 + UInt64(time.tv_nsec) / 1_000_000
  }

  /// The passphrase: from a descriptor, a file, or the terminal; never from an argument.
  func passphrase() throws -> SecretBytes {
    if let given = try givenPassphrase() { return given }
    guard !global.noInput, isatty(STDIN_FILENO) != 0 else {
      throw Failure(.wrongPassphrase, "This replica has a passphrase: give --passphrase-file or --passphrase-fd.")
    }
    return try SecretBytes.readPassphraseFromTerminal(prompt: "Passphrase: ")
  }

  /// The passphrase that a file or a descriptor gives; nil if neither was named.
  func givenPassphrase() throws -> SecretBytes? {
    if let descriptor = global.passphraseFd { return try SecretBytes.readLine(from: descriptor) }
    guard let path = global.passphraseFile ?? GlobalOptions.environment("MUJAWARA_PASSPHRASE_FILE") else { return nil }
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure(.wrongPassphrase, "The passphrase file \(path) can't be read: \(String(cString: strerror(errno))).")
    }
    defer { close(descriptor) }
    return try SecretBytes.readLine(from: descriptor)
  }

  /// A new passphrase, typed twice or given; nil if the person chose to have none.
  func newPassphrase(none: Bool) throws -> SecretBytes? {
    if none { return nil }
    if let given = try givenPassphrase() {
      guard given.count > 0 else { throw Failure(.usage, "The passphrase is empty. To have none, say --no-passphrase.") }
      return given
    }
    guard !global.noInput, isatty(STDIN_FILENO) != 0 else {
      throw Failure(
        .usage, "Say how the keys are protected: --passphrase-file FILE, --passphrase-fd N, or --no-passphrase.")
    }
    let first = try SecretBytes.readPassphraseFromTerminal(prompt: "A passphrase for this replica (five words are good): ")
    guard first.count > 0 else { throw Failure(.usage, "The passphrase is empty. To have none, say --no-passphrase.") }
    let second = try SecretBytes.readPassphraseFromTerminal(prompt: "Once more: ")
    guard first == second else { throw Failure(.usage, "The two passphrases differ. Nothing was made.") }
    return first
  }

  /// Prints one JSON line.
  func emit(_ schema: String, _ members: [JSONMember]) {
    output.print(JSONValue.object([JSONMember("schema", .string("mujawara/" + schema))] + members).text)
  }
}
