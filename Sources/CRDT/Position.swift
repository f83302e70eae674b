// SPDX-License-Identifier: AGPL-3.0-or-later

/// Where a record stands: which list, and where in it. One value of one cell (`SystemField.at`), so that a
/// move is one write: it cannot tear, and concurrent moves leave the record in one place, the winner's.
public struct Position: Hashable, Sendable {
  /// The tag of the group on the wire.
  public static let tag: UInt64 = 17

  public let list: RecordID
  public let key: OrderKey

  public init(list: RecordID, key: OrderKey) {
    self.list = list
    self.key = key
  }

  /// Nil unless the value is a group of a list and a well-formed order key.
  public init?(_ value: Value) {
    guard case .tuple(Self.tag, let members) = value, members.count == 2 else { return nil }
    guard case .reference(let list) = members[0], case .bytes(let bytes) = members[1] else { return nil }
    guard let key = OrderKey(bytes: bytes) else { return nil }
    self.init(list: list, key: key)
  }

  public var value: Value {
    .tuple(Self.tag, [.reference(list), .bytes(key.bytes)])
  }
}
