// SPDX-License-Identifier: AGPL-3.0-or-later

/// A handshake pattern of Noise revision 34: XX or IK, with any of the modifiers psk0 to psk3.
public struct NoisePattern: Equatable, Sendable {
  /// The interactive patterns that this room knows.
  public enum Base: String, Sendable { case XX, IK }

  enum Token { case e, s, ee, es, se, ss, psk }

  let base: Base
  /// Positions of the PSKs, ascending and distinct: 0 is before the first message, n after the nth.
  let psks: [Int]

  /// The pattern of mujawara's transport.
  public static let transport = NoisePattern(.XX, psks: [0])

  /// A pattern. The positions ascend and lie within the pattern's messages.
  public init(_ base: Base, psks: [Int] = []) {
    let last = Self.plainMessages(base).count
    precondition(
      zip(psks, psks.dropFirst()).allSatisfy(<) && psks.allSatisfy { (0...last).contains($0) },
      "NoisePattern: impossible PSK positions")
    self.base = base
    self.psks = psks
  }

  /// The name that the handshake hash begins with.
  public var name: String {
    let modifiers = psks.map { "psk\($0)" }.joined(separator: "+")
    return "Noise_\(base.rawValue)\(modifiers)_25519_ChaChaPoly_BLAKE2b"
  }

  /// Whether the initiator knows the responder's static key beforehand.
  var knowsResponder: Bool { base == .IK }

  /// The tokens of each message, PSKs put in.
  var messages: [[Token]] {
    var all = Self.plainMessages(base)
    for position in psks {
      if position == 0 { all[0].insert(.psk, at: 0) } else { all[position - 1].append(.psk) }
    }
    return all
  }

  private static func plainMessages(_ base: Base) -> [[Token]] {
    switch base {
    case .XX: [[.e], [.e, .ee, .s, .es], [.s, .se]]
    case .IK: [[.e, .es, .s, .ss], [.e, .ee, .se]]
    }
  }
}
