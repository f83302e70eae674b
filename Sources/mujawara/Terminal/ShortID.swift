// SPDX-License-Identifier: AGPL-3.0-or-later

/// Ids of 16 bytes in a few letters and digits that read aloud, never spell a word, and sort like the bytes.
///
/// The bytes, taken as a fraction of 1 with the most significant first, are written in base 27: digits that
/// look like no letter, then consonants. So the order of texts is the order of bytes, and all ids that begin
/// with the same symbols lie side by side in an index. 27 symbols tell any two ids apart.
enum ShortID {
  /// In ASCII order; without 0, 1, l and the vowels, y among them.
  static let alphabet = Array("23456789bcdfghjkmnpqrstvwxz".utf8)
  static let shortest = 4
  static let longest = 27

  /// The first `length` symbols of an id.
  static func text(_ id: [UInt8], length: Int) -> String {
    precondition((1...longest).contains(length), "ShortID: length outside 1…27")
    var fraction = number(id)
    var symbols: [UInt8] = []
    for _ in 0..<length {
      let (digit, rest) = fraction.multipliedFullWidth(by: base)
      symbols.append(alphabet[Int(digit)])
      fraction = rest
    }
    return String(decoding: symbols, as: UTF8.self)
  }

  /// The least and the greatest id whose text begins with `prefix`; nil if the prefix holds other symbols, is
  /// longer than 27, or no id begins so. Capital letters and Arabic-Indic digits are read too.
  static func range(_ prefix: String) -> (low: [UInt8], high: [UInt8])? {
    guard let digits = digits(prefix), digits.count <= longest else { return nil }
    var (low, high) = (UInt128.min, UInt128.max)
    for digit in digits.reversed() {
      let (quotient, remainder) = base.dividingFullWidth((digit, low))
      low = remainder == 0 ? quotient : quotient + 1
      high = base.dividingFullWidth((digit, high)).quotient
    }
    return low <= high ? (bytes(low), bytes(high)) : nil
  }

  /// How many symbols tell an id from its neighbours in the order of all ids; at least `shortest`.
  static func uniqueLength(_ id: [UInt8], previous: [UInt8]?, next: [UInt8]?) -> Int {
    let whole = text(id, length: longest)
    let shared = [previous, next].compactMap(\.self).map { neighbour in
      zip(whole.utf8, text(neighbour, length: longest).utf8).prefix { $0 == $1 }.count
    }
    return min(longest, max(shortest, (shared.max() ?? 0) + 1))
  }

  private static let base: UInt128 = 27

  private static func digits(_ text: String) -> [UInt128]? {
    var digits: [UInt128] = []
    for scalar in text.unicodeScalars {
      guard let symbol = symbol(scalar), let digit = alphabet.firstIndex(of: symbol) else { return nil }
      digits.append(UInt128(digit))
    }
    return digits
  }

  private static func symbol(_ scalar: Unicode.Scalar) -> UInt8? {
    switch scalar.value {
    case 0x41...0x5A: UInt8(scalar.value + 0x20)
    case 0..<0x80: UInt8(scalar.value)
    case 0x660...0x669: UInt8(scalar.value - 0x660 + 0x30)
    case 0x6F0...0x6F9: UInt8(scalar.value - 0x6F0 + 0x30)
    default: nil
    }
  }

  private static func number(_ id: [UInt8]) -> UInt128 {
    precondition(id.count == 16, "ShortID: an id has 16 bytes")
    return id.reduce(0) { $0 << 8 | UInt128($1) }
  }

  private static func bytes(_ number: UInt128) -> [UInt8] {
    (0..<16).map { UInt8(truncatingIfNeeded: number >> UInt128(8 * (15 - $0))) }
  }
}
