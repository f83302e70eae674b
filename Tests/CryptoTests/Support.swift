// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import MujawaraCrypto
import Testing

/// A small seeded generator, so that a failing history can be run again.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}

/// The bytes of a hexadecimal string; other characters than digits are skipped.
func hex(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func secret(_ text: String) -> SecretBytes { SecretBytes(copying: hex(text)) }

extension SecretBytes {
  var array: [UInt8] { withArray { $0 } }
}

enum Vectors {
  static func json(_ name: String) throws -> Any {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Vectors/\(name)")
    return try JSONSerialization.jsonObject(with: Data(contentsOf: url))
  }

  /// The examples made by the second program.
  static func structures() throws -> Structures {
    Structures(values: try #require(try json("structures.json") as? [String: String]))
  }
}

struct Structures {
  let values: [String: String]

  func text(_ key: String) throws -> String { try #require(values[key]) }
  func bytes(_ key: String) throws -> [UInt8] { hex(try text(key)) }
  func secret(_ key: String) throws -> SecretBytes { SecretBytes(copying: try bytes(key)) }

  func device() throws -> DeviceKeys {
    DeviceKeys(
      sign: SigningKey(seed: try secret("sign_seed")),
      noise: AgreementKey(secret: try secret("noise_secret")),
      agree: AgreementKey(secret: try secret("agree_secret")))
  }
}

/// The bytes with one bit of one byte turned.
func flipped(_ bytes: [UInt8], at index: Int, mask: UInt8 = 0x01) -> [UInt8] {
  var changed = bytes
  changed[index] ^= mask
  return changed
}

/// Runs `body` on every copy of the bytes with one byte changed, and on every shorter beginning.
func forEachDamage(_ bytes: [UInt8], _ body: ([UInt8]) throws -> Void) rethrows {
  for index in bytes.indices {
    for mask in [UInt8(0x01), 0x80] { try body(flipped(bytes, at: index, mask: mask)) }
    try body(Array(bytes[..<index]))
  }
}
