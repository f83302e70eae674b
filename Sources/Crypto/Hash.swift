// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// BLAKE2b under a label: H and HK of protocol.md, section 1.
public enum Hash {
  /// Bytes of H.
  public static let size = 32

  /// H(label, bytes): 32 bytes.
  public static func H(_ label: String, _ bytes: [UInt8]) -> [UInt8] {
    unsafe bytes.withUnsafeBytes { unsafe H(label, raw: $0) }
  }

  /// H over the parts, joined: 32 bytes.
  public static func H(_ label: String, _ parts: [UInt8]...) -> [UInt8] {
    unsafe keyed(label, rawKey: UnsafeRawBufferPointer(start: nil, count: 0), parts, count: size)
  }

  /// H over bytes that lie elsewhere, without a copy.
  public static func H(_ label: String, _ bytes: Span<UInt8>) -> [UInt8] {
    unsafe bytes.withUnsafeBytes { unsafe H(label, raw: $0) }
  }

  /// H over bytes that lie elsewhere, without a copy.
  public static func H(_ label: String, raw bytes: UnsafeRawBufferPointer) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: size) { out, filled in
      unsafe digestOne(label, bytes, into: UnsafeMutableRawBufferPointer(out).part(0..<size))
      filled = size
    }
  }

  /// H of one piece into memory of 32 bytes.
  static func digestOne(
    _ label: String, _ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer
  ) {
    Sodium.initialize()
    withPersonalisation(label) { personal in
      let status = unsafe crypto_generichash_blake2b_salt_personal(
        out.u8, out.count, bytes.u8, UInt64(bytes.count), nil, 0, nil, personal)
      precondition(status == 0, "Hash: impossible result size")
    }
  }

  /// HK(label, key, parts joined, count). The key has 1 to 64 bytes, the result 1 to 64.
  public static func keyed(
    _ label: String, key: SecretBytes, _ parts: [UInt8]..., count: Int = 32
  ) -> [UInt8] {
    key.withBytes { unsafe keyed(label, rawKey: $0, parts, count: count) }
  }

  /// HK under a key that is no secret of its own, such as a session key that names are hidden by.
  public static func keyed(_ label: String, key: [UInt8], _ parts: [UInt8]..., count: Int = 32) -> [UInt8] {
    unsafe key.withUnsafeBytes { unsafe keyed(label, rawKey: $0, parts, count: count) }
  }

  private static func keyed(
    _ label: String, rawKey key: UnsafeRawBufferPointer, _ parts: [[UInt8]], count: Int
  ) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { out, filled in
      unsafe digest(label, key: key, parts, into: UnsafeMutableRawBufferPointer(out).part(0..<count))
      filled = count
    }
  }

  /// HK of the parts, joined, into memory of the result's size.
  static func digest(
    _ label: String, key: UnsafeRawBufferPointer, _ parts: [[UInt8]],
    into out: UnsafeMutableRawBufferPointer
  ) {
    Sodium.initialize()
    unsafe withStackSecret(HashState.size, alignment: HashState.alignment) { memory in
      let state = unsafe HashState(memory)
      unsafe state.start(label, key: key, count: out.count)
      for part in parts { unsafe part.withUnsafeBytes { unsafe state.update($0) } }
      unsafe state.finish(into: out)
    }
  }

  /// "mjw1." as the low bytes of a little-endian integer.
  private static let prefix: UInt64 = 0x2e_31_77_6a_6d

  /// "mjw1." and the label, zero-padded to 16 bytes.
  @safe @inline(__always)
  static func withPersonalisation(_ label: String, _ body: (UnsafePointer<UInt8>) -> Void) {
    unsafe withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { memory in
      unsafe memory.storeBytes(of: prefix.littleEndian, as: UInt64.self)
      unsafe memory.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
      var at = 5
      for byte in label.utf8 {
        precondition(at < 16, "Hash: a label has at most 11 bytes")
        unsafe memory[at] = byte
        at += 1
      }
      unsafe body(memory.u8)
    }
  }
}
