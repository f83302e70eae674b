// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// libsodium's BLAKE2b state in memory that someone lends: 384 bytes at an address divisible by 64.
/// (The C type's alignment keeps Swift from importing it as a value.)
@unsafe
struct HashState {
  static let size = 384
  static let alignment = 64

  private let state: OpaquePointer
  private let memory: UnsafeMutableRawBufferPointer

  init(_ memory: UnsafeMutableRawBufferPointer) {
    unsafe precondition(memory.count == Self.size, "HashState: wrong size")
    unsafe self.memory = memory
    unsafe state = OpaquePointer(memory.baseAddress!)
  }

  /// Begins a labelled hash; an empty key means none.
  func start(_ label: String, key: UnsafeRawBufferPointer, count: Int) {
    Hash.withPersonalisation(label) { personal in
      let status = unsafe crypto_generichash_blake2b_init_salt_personal(
        state, key.u8, key.count, count, nil, personal)
      precondition(status == 0, "Hash: impossible key or result size")
    }
  }

  /// Begins a plain hash of 64 bytes, without label, for Noise.
  func startPlain() {
    let status = unsafe crypto_generichash_blake2b_init(state, nil, 0, 64)
    precondition(status == 0, "Hash: impossible result size")
  }

  func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    _ = unsafe crypto_generichash_blake2b_update(state, bytes.start, UInt64(bytes.count))
  }

  /// Ends the hash. `out` has the size that was announced at the start.
  func finish(into out: UnsafeMutableRawBufferPointer) {
    let status = unsafe crypto_generichash_blake2b_final(state, out.u8, out.count)
    precondition(status == 0, "Hash: a state was finished twice")
  }
}
