// SPDX-License-Identifier: AGPL-3.0-or-later

extension TextTip {
  static let packedVersion: UInt8 = 1

  /// For the database.
  public var packed: [UInt8] {
    var packing = TextPacking()
    packing.write(self)
    return packing.bytes
  }

  /// Reads what `packed` has written.
  /// - Throws: `unknownVersion` or `damaged` unless these bytes are the packed form of a tip that a history
  ///   can have.
  public init(packed bytes: [UInt8]) throws(TextError) {
    var reader = TextByteReader(bytes)
    let version = try reader.byte()
    guard version == Self.packedVersion else { throw .unknownVersion(version) }
    let seen = try Self.readSeen(&reader)
    let limit = UInt64(TextBounds.historyMax)
    let changeCount = Int(try reader.number(upTo: limit))
    let size = Int(try reader.number(upTo: limit))
    let length = Int(try reader.number(upTo: UInt64(size)))
    let tips = try Self.readHeads(&reader)
    self.init(seen: seen, changeCount: changeCount, tips: tips, length: length, size: size)
    guard reader.rest == 0, isSound else { throw reader.damaged }
  }

  private var isSound: Bool {
    guard let last = tips.last else { return self == TextTip() }
    guard Int(last.number) == changeCount - 1, changeCount <= size else { return false }
    return tips.allSatisfy { seen.covers($0.dot) }
  }

  private static func readSeen(_ reader: inout TextByteReader) throws(TextError) -> VersionVector {
    var result = VersionVector()
    for _ in 0..<(try reader.count()) {
      let dot = try reader.dot()
      if let last = result.dots.last, last.log >= dot.log { throw reader.damaged }
      result.include(dot)
    }
    return result
  }

  private static func readHeads(_ reader: inout TextByteReader) throws(TextError) -> [Head] {
    var result: [Head] = []
    for _ in 0..<(try reader.count()) {
      let number = Int32(try reader.number(upTo: UInt64(TextBounds.historyMax)))
      if let last = result.last, last.number >= number { throw reader.damaged }
      result.append(Head(number: number, dot: try reader.dot()))
    }
    return result
  }
}
