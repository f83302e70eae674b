// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Glibc
import MujawaraCrypto
import SyncEngine

/// The exit codes, the same for every command.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case failed = 1
  case partly = 3
  case notFound = 4
  case noReplica = 10
  case busy = 11
  case wrongPassphrase = 12
  case notAllowed = 13
  case unreachable = 14
  case wrongCode = 15
  case damaged = 20
  case usage = 64
  case unreadable = 65
  case otherNetwork = 66
  case newerVersion = 67
  case disk = 74
  case interrupted = 130

  var meaning: String {
    switch self {
    case .done: "done, or nothing to do"
    case .failed: "failed"
    case .partly: "done in part"
    case .notFound: "no such record, place, device or peer"
    case .noReplica: "no replica here"
    case .busy: "another process is at work on the replica"
    case .wrongPassphrase: "no passphrase, or a wrong one"
    case .notAllowed: "this device's role doesn't allow it"
    case .unreachable: "the peer can't be reached or broke off"
    case .wrongCode: "a key or code doesn't match, is spent or has expired"
    case .damaged: "damage was found"
    case .usage: "wrong usage"
    case .unreadable: "input can't be read: a CSV, a date, no bundle, truncated, damaged"
    case .otherNetwork: "of another network"
    case .newerVersion: "from a newer version of the program"
    case .disk: "the disk is full, read-only or failing"
    case .interrupted: "interrupted"
    }
  }
}

/// One sentence about what went wrong, and the code that scripts see.
struct Failure: Error {
  let status: ExitStatus
  let sentence: String

  init(_ status: ExitStatus, _ sentence: String) {
    self.status = status
    self.sentence = sentence
  }

  /// Says what went wrong and ends the process.
  static func exit(with error: any Error) -> Never {
    Sink.standardOutput.flush()
    guard let failure = failure(for: error) else { exit(withParsers: error) }
    Output.current(.init()).fail(failure.sentence)
    if isJSON { printJSON(failure.status.rawValue, failure.sentence) }
    Glibc.exit(failure.status.rawValue)
  }

  /// Help, and mistakes in what was typed, in the argument parser's words.
  private static func exit(withParsers error: any Error) -> Never {
    let code = Mujawara.exitCode(for: error).rawValue
    guard code != 0, isJSON else { Mujawara.exit(withError: error) }
    Sink.standardError.write(Mujawara.fullMessage(for: error) + "\n")
    printJSON(code, Mujawara.message(for: error))
    Glibc.exit(code)
  }

  private static var isJSON: Bool { CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json") }

  private static func printJSON(_ exit: Int32, _ message: String) {
    let value = JSONValue.object([
      JSONMember("schema", "mujawara/error/1"), JSONMember("exit", .int(Int64(exit))),
      JSONMember("message", .string(message)),
    ])
    Sink.standardError.write(value.text + "\n")
  }

  /// Nil for what the argument parser says itself: usage errors, help, exits.
  static func failure(for error: any Error) -> Failure? {
    switch error {
    case let failure as Failure: failure
    case let error as StoreError: Failure(error)
    case let error as CryptoError: Failure(error)
    case let error as ReplicaError: Failure(error)
    case let error as PromptError: Failure(error)
    default: OtherFailures.failure(for: error)
    }
  }

  /// What to do with a replica that can't be mended here.
  static let afterDamage =
    "Keep this folder as it is; a neighbour's copy is whole. Ask a member for an invitation, and join again in another folder: mujawara join CODE --at HOST:PORT --replica DIR"

  init(_ error: StoreError) {
    switch error {
    case .missing(let folder):
      self.init(.noReplica, "There is no replica at \(folder). Make one with init or join, or name another with --replica.")
    case .exists(let folder): self.init(.failed, "There is a replica at \(folder) already. Nothing was changed.")
    case .cannotOpen(let what): self.init(.noReplica, "The replica can't be opened: \(what).")
    case .readOnly(let what): self.init(.disk, "The replica can't be written, it is read-only: \(what). Nothing was changed.")
    case .full: self.init(.disk, "The disk is full. Nothing was changed; free some room and try again.")
    case .io(let what): self.init(.disk, "The disk failed: \(what). Nothing was changed.")
    case .damaged(let what): self.init(.damaged, "The replica is damaged: \(what). \(Self.afterDamage)")
    case .busy: self.init(.busy, "Another process has been writing to this replica for too long. Nothing was changed; try again.")
    case .newer(let version):
      self.init(.newerVersion, "This replica was made by a newer version of the program (format \(version)). Update mujawara; nothing was changed.")
    case .statement(let what): self.init(.failed, "The database refused a statement: \(what). Nothing was changed.")
    }
  }

  init(_ error: CryptoError) {
    switch error {
    case .wrongPassphrase: self.init(.wrongPassphrase, "That passphrase doesn't open this replica.")
    case .passphraseNeeded: self.init(.wrongPassphrase, "This replica has a passphrase: give --passphrase-file or --passphrase-fd.")
    case .noTerminal, .inputClosed: self.init(.wrongPassphrase, "No passphrase was given.")
    case .inputTooLong: self.init(.wrongPassphrase, "The passphrase is longer than 1,024 bytes.")
    case .interrupted: self.init(.interrupted, "Interrupted. Nothing was changed.")
    case .damaged: self.init(.damaged, "The key file is damaged. Without it this device can't be used; join again with a new one.")
    case .newerVersion: self.init(.newerVersion, "The key file was made by a newer version of the program. Update mujawara.")
    case .codeWrongLength(let count): self.init(.wrongCode, "An invitation has 35 digits, this one has \(count).")
    case .codeMistyped: self.init(.wrongCode, "That invitation is mistyped: its check digits don't fit. Compare it group by group.")
    case .codeUnknownVersion: self.init(.newerVersion, "That invitation is of a newer version of the program. Update mujawara.")
    case .outOfMemory: self.init(.failed, "There isn't enough memory to open the keys.")
    case .notAuthentic, .wrongSize, .weakKey, .badPadding, .notCanonical, .outOfTurn, .tooLong, .streamCut:
      self.init(.damaged, "Something sealed can't be opened: \(error).")
    }
  }

  init(_ error: ReplicaError) {
    switch error {
    case .foreignKeys: self.init(.damaged, "The key file and the database in this folder belong to different devices.")
    case .notMember: self.init(.notAllowed, "This device isn't part of the network (any more), so it can't write.")
    case .notAllowed(let needs):
      self.init(.notAllowed, "This device may not do that: it needs to be \(needs == .writer ? "a writer" : needs == .admin ? "an admin" : needs == .steward ? "a steward" : "a reader").")
    case .frozen: self.init(.newerVersion, "The network's membership uses what a newer version of the program knows. Until mujawara is updated here, it writes nothing.")
    case .unknownChange(let id): self.init(.notFound, "\(id.hex.prefix(10)) is no change of records that this replica holds.")
    case .noKey: self.init(.notAllowed, "The key of this space hasn't arrived yet. Sync with a place that has it, then try again.")
    case .quota: self.init(.notAllowed, "This device has written as much here as the network allows.")
    case .textChanged: self.init(.failed, "Somebody else changed the text at this very moment. Nothing was written: do it again.")
    case .tooLarge(let what): self.init(.unreadable, "That is too large: \(what). Nothing was written.")
    case .ineffective(let objection): self.init(.notAllowed, "That would have no effect: \(RefusalWords.reason(objection)).")
    case .badAdmission(let what): self.init(.wrongCode, "The admission doesn't hold together: \(what).")
    }
  }

  init(_ error: PromptError) {
    switch error {
    case .cannotAsk(let flag): self.init(.usage, "Something must be answered, and nobody can be asked here: give \(flag).")
    case .ended: self.init(.interrupted, "No answer. Nothing was changed.")
    case .unclear: self.init(.usage, "That was neither yes nor no. Nothing was changed.")
    }
  }
}
