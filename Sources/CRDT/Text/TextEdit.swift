// SPDX-License-Identifier: AGPL-3.0-or-later

/// One step that changes a text. Positions and counts are in Unicode scalars.
public enum TextEdit: Hashable, Sendable {
  /// Puts the string before the scalar at this position; at the length of the text, behind its end.
  case insert(at: Int, String)
  /// Takes away so many scalars from this position on.
  case delete(at: Int, count: Int)
}

/// One op of a change on a text.
public struct TextOp: Hashable, Sendable {
  /// Its index among all ops of its change.
  public let index: UInt32
  public let edit: TextEdit

  public init(index: UInt32, edit: TextEdit) {
    self.index = index
    self.edit = edit
  }
}

/// The ops of one change on one text, in order. The first finds the text as everything in `past` made it,
/// each other one as the op before it left it.
public struct TextChange: Hashable, Sendable {
  public let dot: Dot
  /// Everything that the change had seen, closed under the past. Whether itself and what stands before it in
  /// its log are in it makes no difference: a change has seen those.
  public let past: VersionVector
  /// Strictly ascending by index.
  public let ops: [TextOp]

  public init(dot: Dot, past: VersionVector, ops: [TextOp]) {
    self.dot = dot
    self.past = past
    self.ops = ops
  }

  /// Itself, its ops, and the scalars that they insert, also those of ops that turn out void.
  public var weight: Int {
    ops.reduce(1) { sum, op in
      if case .insert(_, let string) = op.edit { return sum + 1 + string.unicodeScalars.count }
      return sum + 1
    }
  }
}

/// The order of logs that decides between insertions at one place by people who didn't know of each other.
///
/// It has to be the same on every replica: by the logs' ids, never by their local numbers.
public protocol LogOrder {
  /// A strict total order.
  func log(_ one: UInt32, precedes other: UInt32) -> Bool
}

/// Why a text can't be changed or read.
public enum TextError: Error, Hashable, Sendable {
  /// The change comes after one that had seen it. The text has to be built again from all its changes.
  case late(Dot)
  /// The changes claim to have seen each other.
  case circular(Dot)
  /// The text's history holds more changes, ops and scalars than can be numbered: 2^30.
  case historyTooLarge
  /// The edit doesn't fit the text that it is applied to.
  case misfit(TextEdit)
  /// The bytes of a packed history are damaged, at this place.
  case damaged(at: Int)
  /// The packed history is of a version that this program doesn't know.
  case unknownVersion(UInt8)
}
