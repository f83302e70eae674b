// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// A declared kind of record (protocol.md, section 16). Merging never asks it: what it doesn't know is kept.
public struct Kind: Sendable {
  public let name: String
  public let number: UInt64
  /// Who reads a new record of the kind, unless its author says otherwise.
  public let privacy: Privacy
  /// Whether an edit by somebody who hadn't seen its deletion keeps a record.
  public let presence: PresencePolicy
  /// Common fields, then its own; by ascending number.
  public let fields: [Field]

  public init(
    _ name: String, _ number: UInt64, privacy: Privacy = .network, presence: PresencePolicy = .editWins,
    _ own: [Field]
  ) {
    self.name = name
    self.number = number
    self.privacy = privacy
    self.presence = presence
    fields = (Field.common + own).sorted { $0.number < $1.number }
    precondition(Set(fields.map(\.number)).count == fields.count, "a number of \(name) stands twice")
    precondition(Set(fields.map(\.name)).count == fields.count, "a name of \(name) stands twice")
  }

  /// What the cell `kind` of its records holds.
  public var value: Value { .int(Int64(number)) }
  public var ref: KindRef { .number(number) }

  public func field(_ number: UInt64) -> Field? { fields.first { $0.number == number } }

  /// By its name; `-` and `_` are the same.
  public func field(named name: String) -> Field? {
    let name = String(name.map { $0 == "-" ? "_" : $0 })
    return fields.first { $0.name == name }
  }

  /// All kinds that this version knows, by number.
  public static let all: [Kind] = [
    .place, .device, .list, .item, .need, .offer, .event, .thing, .claim, .stock, .movement, .note,
    .organisation, .venue, .medium, .person, .contact,
  ]

  public static func named(_ name: String) -> Kind? { all.first { $0.name == name } }
  public static func numbered(_ number: UInt64) -> Kind? { all.first { $0.number == number } }

  /// The kind that a cell `kind` names; nil if this version doesn't know it.
  public init?(_ value: Value) {
    guard case .int(let number) = value, let kind = Self.all.first(where: { $0.value == .int(number) }) else {
      return nil
    }
    self = kind
  }
}

extension Kind: Hashable {
  public static func == (one: Kind, other: Kind) -> Bool { one.number == other.number }
  public func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// Who reads a record. It chooses the space, and so the keys, that the record is written under.
public enum Privacy: String, CaseIterable, Hashable, Sendable {
  /// The devices of one's own place.
  case place
  /// All places of the network.
  case network
  /// As `network`, with a mark that lets it into feeds and posters.
  case `public`
}
