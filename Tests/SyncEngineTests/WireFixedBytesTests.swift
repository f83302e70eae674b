// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

@testable import SyncEngine

@Suite("Wire: ids") struct WireFixedBytesTests {
  @Test("Ids keep their bytes, as bytes, as hexadecimal and as records")
  func keeping() {
    var seeded = WireSeeded(5)
    for _ in 0..<200 {
      let (short, long) = (seeded.bytes(16), seeded.bytes(32))
      #expect(ID16(short)?.bytes == short)
      #expect(ID32(long)?.bytes == long)
      #expect(ID16(hex: ID16(short)!.hex.uppercased())?.bytes == short)
      #expect(ID32(hex: Hex.encode(long))?.bytes == long)
      #expect(RecordID(ID16(short)!).bytes == short)
      #expect(ID16(RecordID(short)!).bytes == short)
    }
  }

  @Test("Their order is that of their bytes")
  func order() {
    var seeded = WireSeeded(6)
    for _ in 0..<500 {
      var one = seeded.bytes(32)
      var other = one
      other[seeded.below(32)] = UInt8(truncatingIfNeeded: seeded.next())
      #expect((ID32(one)! < ID32(other)!) == one.lexicographicallyPrecedes(other))
      (one, other) = (Array(one[..<16]), Array(other[..<16]))
      #expect((ID16(one)! < ID16(other)!) == one.lexicographicallyPrecedes(other))
      #expect((RecordID(one)! < RecordID(other)!) == (ID16(one)! < ID16(other)!))
    }
  }

  @Test("Other lengths and other digits are no ids")
  func refusing() {
    for count in [0, 15, 17, 31, 33] {
      #expect(ID16([UInt8](repeating: 1, count: count)) == nil)
      #expect(ID32([UInt8](repeating: 1, count: count)) == nil)
    }
    #expect(ID16(hex: "abc") == nil)
    #expect(ID16(hex: String(repeating: "0g", count: 16)) == nil)
    #expect(ID16(hex: "") == nil)
    #expect(Hex.decode("é") == nil)
    #expect(Hex.decode("") == [])
  }
}
