// SPDX-License-Identifier: AGPL-3.0-or-later

/// HMAC over BLAKE2b-512 with its 128-byte block, as Noise wants it (RFC 2104; Noise revision 34,
/// section 4.3). It is not BLAKE2b's own keyed mode.
enum HMAC {
  static let block = 128
  static let size = 64

  /// HMAC(key, a ‖ b) into 64 bytes; keys of at most 128 bytes. `out` may be the memory of an input.
  static func blake2b(
    key: UnsafeRawBufferPointer, _ a: UnsafeRawBufferPointer,
    _ b: UnsafeRawBufferPointer = unsafe UnsafeRawBufferPointer(start: nil, count: 0),
    into out: UnsafeMutableRawBufferPointer
  ) {
    precondition(key.count <= block, "HMAC: a key has at most 128 bytes")
    unsafe withStackSecret(HashState.size + block + size, alignment: HashState.alignment) { memory in
      let state = unsafe HashState(memory.part(0..<HashState.size))
      let pad = unsafe memory.part(HashState.size..<HashState.size + block)
      let inner = unsafe memory.part(HashState.size + block..<memory.count)
      unsafe fill(pad, key, 0x36)
      unsafe state.startPlain()
      unsafe state.update(pad.readOnly)
      unsafe state.update(a)
      unsafe state.update(b)
      unsafe state.finish(into: inner)
      unsafe fill(pad, key, 0x5c)
      unsafe state.startPlain()
      unsafe state.update(pad.readOnly)
      unsafe state.update(inner.readOnly)
      unsafe state.finish(into: out)
    }
  }

  private static func fill(
    _ pad: UnsafeMutableRawBufferPointer, _ key: UnsafeRawBufferPointer, _ byte: UInt8
  ) {
    for i in 0..<block { unsafe pad[i] = byte ^ (i < key.count ? key[i] : 0) }
  }

  /// Noise's HKDF: `outputs` joined, 64 bytes each, 2 or 3 of them. `out` must not overlap the inputs.
  static func derive(
    chainingKey: UnsafeRawBufferPointer, input: UnsafeRawBufferPointer,
    into out: UnsafeMutableRawBufferPointer
  ) {
    let outputs = out.count / size
    precondition(out.count == outputs * size && (2...3).contains(outputs), "HKDF: 2 or 3 outputs")
    withStackSecret(size + 1) { memory in
      let (temp, counter) = unsafe (memory.part(0..<size), memory.part(size..<size + 1))
      unsafe blake2b(key: chainingKey, input, into: temp)
      for i in 0..<outputs {
        unsafe counter[0] = UInt8(i + 1)
        let last = unsafe i == 0 ? out.part(0..<0) : out.part((i - 1) * size..<i * size)
        unsafe blake2b(
          key: temp.readOnly, last.readOnly, counter.readOnly, into: out.part(i * size..<(i + 1) * size))
      }
    }
  }
}
