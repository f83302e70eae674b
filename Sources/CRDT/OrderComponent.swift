// SPDX-License-Identifier: AGPL-3.0-or-later

/// One level of an order key: a fraction, whose run, and the item's number in the run.
struct OrderComponent: Hashable, Sendable {
  var fraction: OrderFraction
  var tag: RunTag
  var counter: Int64

  func append(to bytes: inout [UInt8]) {
    OrderedInteger.append(fraction.int, to: &bytes)
    bytes += fraction.digits
    bytes.append(0)
    bytes += tag.bytes
    OrderedInteger.append(counter, to: &bytes)
  }

  /// The components of a whole key; nil if the bytes are none.
  static func parse(_ bytes: [UInt8]) -> [OrderComponent]? {
    var rest = bytes[...]
    var components: [OrderComponent] = []
    repeat {
      guard let component = take(from: &rest) else { return nil }
      components.append(component)
    } while !rest.isEmpty
    return components
  }

  private static func take(from bytes: inout ArraySlice<UInt8>) -> OrderComponent? {
    guard let int = OrderedInteger.take(from: &bytes) else { return nil }
    guard let end = bytes.firstIndex(of: 0) else { return nil }
    let fraction = OrderFraction(int: int, digits: Array(bytes[..<end]))
    bytes = bytes[(end + 1)...]
    guard fraction.isCanonical else { return nil }
    guard let tag = RunTag(bytes.prefix(RunTag.byteCount)) else { return nil }
    bytes = bytes.dropFirst(RunTag.byteCount)
    guard let counter = OrderedInteger.take(from: &bytes) else { return nil }
    return OrderComponent(fraction: fraction, tag: tag, counter: counter)
  }
}

/// Signed integers whose encodings sort as they do, in 1 to 9 bytes.
///
/// From -64 to 63 it is the byte 0x80 plus the integer. Above, the byte 0xBF plus the number of bytes that
/// follow, big-endian and without leading zeros. Below, the same of the integer's complement, with all bits
/// inverted.
enum OrderedInteger {
  static func append(_ integer: Int64, to bytes: inout [UInt8]) {
    if (-64...63).contains(integer) {
      bytes.append(UInt8(0x80 + integer))
      return
    }
    let mask: UInt8 = integer < 0 ? 0xFF : 0
    let magnitude = UInt64(bitPattern: integer < 0 ? ~integer : integer)
    let length = (64 - magnitude.leadingZeroBitCount + 7) / 8
    bytes.append(UInt8(0xBF + length) ^ mask)
    for place in (0..<length).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: magnitude >> UInt64(8 * place)) ^ mask)
    }
  }

  /// Nil if the bytes don't begin with an integer in its shortest form.
  static func take(from bytes: inout ArraySlice<UInt8>) -> Int64? {
    guard let first = bytes.popFirst() else { return nil }
    if (0x40...0xBF).contains(first) { return Int64(first) - 0x80 }
    let mask: UInt8 = first < 0x40 ? 0xFF : 0
    let length = Int(first ^ mask) - 0xBF
    guard (1...8).contains(length), bytes.count >= length, bytes.first != mask else { return nil }
    let magnitude = bytes.prefix(length).reduce(UInt64(0)) { $0 << 8 | UInt64($1 ^ mask) }
    bytes = bytes.dropFirst(length)
    guard magnitude >= 64, let integer = Int64(exactly: magnitude) else { return nil }
    return mask == 0 ? integer : ~integer
  }
}
