// SPDX-License-Identifier: AGPL-3.0-or-later

/// The sizes that padded things take: at most 12 % more, and few sizes (protocol.md, section 1;
/// Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019).
public enum Padme {
  /// The padded size of `length` bytes; `length` is 2 to 2^56.
  public static func size(_ length: Int) -> Int {
    precondition(length >= 2 && length <= 1 << 56, "Padme: length out of range")
    let exponent = floorLog2(length)
    let digits = floorLog2(exponent) + 1
    let lowBits = exponent - digits
    guard lowBits > 0 else { return length }
    let mask = (1 << lowBits) - 1
    return (length + mask) & ~mask
  }

  private static func floorLog2(_ n: Int) -> Int {
    n < 1 ? 0 : Int.bitWidth - 1 - n.leadingZeroBitCount
  }
}

/// `pad` and `unpad` of protocol.md, section 1.
public enum Padding {
  /// The least padded size.
  public static let least = 64

  /// The size that `pad` gives to a plaintext of `count` bytes.
  public static func paddedSize(_ count: Int) -> Int { Padme.size(max(least, count + 1)) }

  /// The bytes, then 0x80, then zero bytes up to the padded size.
  public static func pad(_ bytes: [UInt8]) -> [UInt8] {
    var padded = bytes
    let size = paddedSize(bytes.count)
    padded.reserveCapacity(size)
    padded.append(0x80)
    padded.append(contentsOf: repeatElement(0, count: size - padded.count))
    return padded
  }

  /// What `pad` was given. Throws `badPadding` for anything that `pad` doesn't give.
  public static func unpad(_ padded: [UInt8]) throws(CryptoError) -> [UInt8] {
    Array(padded[..<(try unpaddedCount(padded))])
  }

  /// The number of bytes before the padding.
  static func unpaddedCount(_ padded: [UInt8]) throws(CryptoError) -> Int {
    guard let mark = padded.lastIndex(where: { $0 != 0 }), padded[mark] == 0x80,
      paddedSize(mark) == padded.count
    else { throw .badPadding }
    return mark
  }
}
