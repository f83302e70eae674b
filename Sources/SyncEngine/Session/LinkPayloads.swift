// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// What the handshake's messages carry (protocol.md section 11): the versions spoken, and the one chosen.
public enum LinkPayloads {
  /// From this version on, logs may have several branches in a session.
  public static let branches: UInt64 = 2
  static let versions: [UInt64] = [1, branches]

  static func first() -> [UInt8] {
    var writer = CBORWriter()
    writer.map(count: 1)
    writer.uint(1)
    writer.uints(versions)
    return packed(writer.bytes, message: 0)
  }

  static func second(_ version: UInt64) -> [UInt8] {
    var writer = CBORWriter()
    writer.map(count: 1)
    writer.uint(1)
    writer.uint(version)
    return packed(writer.bytes, message: 1)
  }

  static func third() -> [UInt8] {
    var writer = CBORWriter()
    writer.map(count: 0)
    return packed(writer.bytes, message: 2)
  }

  /// The greatest version that both speak; nil if there is none, or the payload isn't one.
  static func chosen(from payload: [UInt8]) -> UInt64? {
    read(payload, message: 0) { (reader) throws(DecodingError) in
      var offered: [UInt64] = []
      for _ in 0..<(try reader.readArrayHeader()) { offered.append(try reader.readUInt()) }
      return offered.filter(versions.contains).max()
    } ?? nil
  }

  /// The version that the responder chose; nil if it isn't one of ours.
  static func version(from payload: [UInt8]) -> UInt64? {
    read(payload, message: 1) { (reader) throws(DecodingError) in try reader.readUInt() }
      .flatMap { versions.contains($0) ? $0 : nil }
  }

  /// Whether the third message says what it may.
  static func isThird(_ payload: [UInt8]) -> Bool {
    guard let bytes = try? TransportKeys.unpackPayload(payload, message: 2) else { return false }
    var reader = CBORReader(bytes)
    guard reader.next == .map, (try? reader.pass()) != nil else { return false }
    return reader.isAtEnd
  }

  /// The value of key 1.
  private static func read<T>(
    _ payload: [UInt8], message: Int, _ body: (inout CBORReader) throws(DecodingError) -> T
  ) -> T? {
    guard let bytes = try? TransportKeys.unpackPayload(payload, message: message) else { return nil }
    var reader = CBORReader(bytes)
    do throws(DecodingError) {
      var map = try MapReader(&reader, known: 1...1, inside: 0)
      var value: T?
      while try map.next(&reader) != nil { value = try body(&reader) }
      try reader.finish()
      return value
    } catch { return nil }
  }

  private static func packed(_ bytes: [UInt8], message: Int) -> [UInt8] {
    do { return try TransportKeys.packPayload(bytes, message: message) } catch {
      preconditionFailure("the handshake's payloads are small")
    }
  }
}
