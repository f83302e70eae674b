// SPDX-License-Identifier: AGPL-3.0-or-later

/// What a device may do (protocol.md, section 7). A device holds its roles as a device of one place.
public struct Roles: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Reads commons and the place's space, and admits who brings a good invitation.
  public static let reader = Roles(rawValue: 1)
  /// Writes content.
  public static let writer = Roles(rawValue: 2)
  /// Admits places and invites them.
  public static let admin = Roles(rawValue: 4)
  /// Admits devices of its place and invites them.
  public static let steward = Roles(rawValue: 8)

  /// A founder's.
  static let founder: Roles = [.reader, .writer, .admin, .steward]

  /// What a place.admit gives the place's first device; nil for a role that there isn't.
  static func ofPlace(_ role: UInt64) -> Roles? {
    switch role {
    case 1: [.reader, .steward]
    case 2: [.reader, .writer, .steward]
    case 3: .founder
    default: nil
    }
  }

  /// What a device.admit gives; nil for a role that it can't give.
  static func ofDevice(_ role: UInt64) -> Roles? {
    switch role {
    case 1: .reader
    case 2: [.reader, .writer]
    default: nil
    }
  }
}
