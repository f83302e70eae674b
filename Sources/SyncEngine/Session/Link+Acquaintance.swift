// SPDX-License-Identifier: AGPL-3.0-or-later

extension Link {
  /// What the other side of a link that answers has shown of itself so far; ascending.
  public enum Acquaintance: Int, Comparable, Sendable {
    /// It brought what fits no key here.
    case stranger
    /// Nothing whole has come yet.
    case unknown
    /// Its first message was made under a key of ours.
    case recognised
    /// The handshake is through.
    case talking

    public static func < (one: Acquaintance, other: Acquaintance) -> Bool { one.rawValue < other.rawValue }
  }

  public var acquaintance: Acquaintance {
    switch phase {
    case .deaf, .over: .stranger
    case .idle, .listening, .calling: .unknown
    case .answering: .recognised
    case .talking: .talking
    }
  }
}
