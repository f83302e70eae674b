// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// A value as a body holds it: it may refer to a record that the same body makes.
public enum WireValue: Hashable, Sendable {
  case value(Value)
  /// The record made by the `new` at this op index.
  case local(UInt32)
  /// A group in which something is `local`. Without any, the group is a `value`.
  case tuple(UInt64, [WireValue])

  /// The value once local references are known; nil where one names no `new`.
  public func resolved(_ record: (UInt32) -> RecordID?) -> Value? {
    switch self {
    case .value(let value): return value
    case .local(let index): return record(index).map(Value.reference)
    case .tuple(let tag, let items):
      var values: [Value] = []
      values.reserveCapacity(items.count)
      for item in items {
        guard let value = item.resolved(record) else { return nil }
        values.append(value)
      }
      return .tuple(tag, values)
    }
  }

  /// The same with other numbers for local references.
  func renumbered<E: Error>(_ number: (UInt32) throws(E) -> UInt32) throws(E) -> WireValue {
    switch self {
    case .value: return self
    case .local(let index): return .local(try number(index))
    case .tuple(let tag, let items):
      var renumbered: [WireValue] = []
      for item in items { renumbered.append(try item.renumbered(number)) }
      return .tuple(tag, renumbered)
    }
  }

  /// Calls back with the op index of every local reference.
  func forEachLocal<E: Error>(_ body: (UInt32) throws(E) -> Void) throws(E) {
    switch self {
    case .value: return
    case .local(let index): try body(index)
    case .tuple(_, let items): for item in items { try item.forEachLocal(body) }
    }
  }

  public func encoded() -> [UInt8] {
    var writer = CBORWriter()
    writer.value(self)
    return writer.bytes
  }
}

extension Value {
  /// Writes the value as protocol.md section 6 has it.
  public func encode(into writer: inout CBORWriter) { writer.value(self) }

  /// Takes a value without local references off the front.
  /// - Parameter depth: the number of arrays and maps that it stands in.
  public init(decoding reader: inout CBORReader, inside depth: Int = 0) throws(DecodingError) {
    let start = reader.offset
    guard case .value(let value) = try reader.readValue(inside: depth) else {
      throw .invalid(at: start, "a reference by op index stands only in a content body")
    }
    self = value
  }

  public func encoded() -> [UInt8] {
    var writer = CBORWriter()
    writer.value(self)
    return writer.bytes
  }
}

extension CBORWriter {
  mutating func value(_ value: Value) {
    switch value {
    case .null: null()
    case .bool(let bool): self.bool(bool)
    case .int(let int): self.int(int)
    case .text(let text): self.text(text)
    case .bytes(let bytes): self.bytes(bytes)
    case .reference(let record):
      array(count: 2)
      uint(0)
      id(ID16(record))
    case .tuple(let tag, let values):
      array(count: 1 + values.count)
      uint(tag)
      for value in values { self.value(value) }
    }
  }

  mutating func value(_ value: WireValue) {
    switch value {
    case .value(let value): self.value(value)
    case .local(let index):
      array(count: 2)
      uint(0)
      uint(UInt64(index))
    case .tuple(let tag, let items):
      array(count: 1 + items.count)
      uint(tag)
      for item in items { self.value(item) }
    }
  }
}

extension CBORReader {
  /// Takes a value off the front.
  mutating func readValue(inside depth: Int) throws(DecodingError) -> WireValue {
    let start = offset
    let value = try readValueUnbounded(inside: depth)
    guard offset - start <= Limits.value else { throw .limit(at: start, "a value has at most 65,536 bytes") }
    return value
  }

  /// Takes the key of a cell off the front.
  mutating func readCellKey(inside depth: Int) throws(DecodingError) -> WireValue {
    let start = offset
    let key = try readValue(inside: depth)
    switch key {
    case .local: return key
    case .value(let value) where CellKey.allows(value): return key
    default: throw .unexpected(at: start, expected: "a text, bytes, an integer or a reference as key")
    }
  }

  private mutating func readValueUnbounded(inside depth: Int) throws(DecodingError) -> WireValue {
    switch next {
    case .null:
      try readNull()
      return .value(.null)
    case .bool: return .value(.bool(try readBool()))
    case .uint, .nint: return .value(.int(try readInt()))
    case .text: return .value(.text(try readText()))
    case .bytes: return .value(.bytes(try readBytes()))
    case .array: return try readGroup(inside: depth)
    default: throw mismatch("a value")
    }
  }

  private mutating func readGroup(inside depth: Int) throws(DecodingError) -> WireValue {
    let start = offset
    let count = try readArrayHeader()
    guard depth < Self.maxDepth else { throw .tooDeep(at: start) }
    guard count > 0 else { throw .unexpected(at: start, expected: "a tag") }
    let tag = try readUInt(upTo: Limits.tag, "a tag is at most 2^32")
    guard tag > 0 else {
      guard count == 2 else { throw .unexpected(at: start, expected: "a reference of two") }
      return try readReference()
    }
    var values: [Value] = []
    var mixed: [WireValue] = []
    for _ in 1..<count {
      let item = try readValueUnbounded(inside: depth + 1)
      if mixed.isEmpty, case .value(let value) = item {
        values.append(value)
      } else {
        if mixed.isEmpty { mixed = values.map(WireValue.value) }
        mixed.append(item)
      }
    }
    return mixed.isEmpty ? .value(.tuple(tag, values)) : .tuple(tag, mixed)
  }

  private mutating func readReference() throws(DecodingError) -> WireValue {
    guard next == .uint else { return .value(.reference(RecordID(try readID16()))) }
    return .local(UInt32(try readUInt(upTo: UInt64(Limits.ops) - 1, "op indexes are below 4,096")))
  }
}
