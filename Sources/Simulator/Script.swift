// SPDX-License-Identifier: AGPL-3.0-or-later

/// A run as bytes: what a seed grows into, and what a failure is shrunk to. Every byte string is one.
///
/// The first byte says how many replicas and hostile members there are; each eight bytes after it are an action.
/// An action means the same wherever it stands, so that taking one away leaves the others what they are.
struct Script: Equatable {
  static let size = 8
  /// Actions of a run that comes from a seed, at most.
  static let longest = 120

  var cast: UInt8
  var actions: [Action]

  init(cast: UInt8, actions: [Action]) {
    self.cast = cast
    self.actions = actions
  }

  /// The bytes as they are; the last action is filled up with zeros.
  init(_ bytes: [UInt8]) {
    cast = bytes.first ?? 0
    actions = stride(from: 1, to: bytes.count, by: Self.size).map { start in
      let piece = Array(bytes[start..<min(start + Self.size, bytes.count)])
      return Action(bytes: piece + [UInt8](repeating: 0, count: Self.size - piece.count))
    }
  }

  init(seed: UInt64) {
    var dice = Dice(seed)
    cast = UInt8(dice.below(256))
    let count = 20 + dice.below(Self.longest - 19)
    actions = (0..<count).map { _ in Action(bytes: dice.bytes(Self.size)) }
  }

  var bytes: [UInt8] { [cast] + actions.flatMap(\.bytes) }

  /// Honest replicas, 2 to 8.
  var replicas: Int { 2 + Int(cast) % 7 }
  /// Members that do harm, 0 to 2.
  var villains: Int { Int(cast) / 7 % 3 }
}

/// One thing that happens.
struct Action: Equatable {
  /// Eight of them.
  let bytes: [UInt8]

  var act: Act { Act.all[Int(bytes[0])] }

  /// Whom it is about, out of so many.
  func who(_ count: Int) -> Int { Int(bytes[1]) % count }

  /// A second one, another than `who` if there are two.
  func other(_ count: Int) -> Int {
    let who = who(count)
    return count < 2 ? who : (who + 1 + Int(bytes[2]) % (count - 1)) % count
  }

  /// Everything else about it.
  var dice: Dice { Dice(bytes) }
}

/// What can happen.
enum Act: String, CaseIterable {
  case edit, undo, redact, changeAudience, writeAsNewer
  case sync, syncBadly, call, deliver, hangUp
  case writeStick, readStick, damageStick, loseStick
  case part, reunite
  case crash, crashWriting, failDisk, backUp, restore
  case jumpClock, wait
  case wake, admit
  case misbehave, equivocate
  case inspect

  /// How many of the 256 first bytes mean this one.
  private var weight: Int {
    switch self {
    case .edit: 66
    case .sync: 34
    case .misbehave: 18
    case .undo, .deliver: 12
    case .syncBadly, .changeAudience, .writeAsNewer, .readStick: 10
    case .writeStick: 8
    case .call, .crash, .crashWriting, .failDisk: 6
    case .backUp, .redact, .equivocate, .jumpClock, .wait: 4
    case .restore, .hangUp, .damageStick, .part: 3
    case .loseStick, .reunite, .inspect: 2
    case .wake, .admit: 2
    }
  }

  /// By first byte.
  static let all: [Act] = {
    let table = allCases.flatMap { Array(repeating: $0, count: $0.weight) }
    precondition(table.count == 256, "the weights are of 256 bytes")
    return table
  }()
}
