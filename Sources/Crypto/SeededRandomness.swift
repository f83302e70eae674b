// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium
import Glibc

/// Randomness that can be repeated, for the simulator: on one thread, all of libsodium's randomness comes from a
/// seed, so that the same seed makes the same keys, nonces and ids. Other threads keep the system's.
///
/// Only who imports this room with `@_spi(Simulation)` sees it; the program doesn't, and keys made under it are
/// worth nothing.
@_spi(Simulation)
public enum SeededRandomness {
  /// Draws this thread's randomness from `seed` while `body` runs. It may be nested: what was drawn from before
  /// goes on where it was.
  public static func draw<R, E: Error>(from seed: UInt64, _ body: () throws(E) -> R) throws(E) -> R {
    SeededSource.install()
    let before = unsafe pthread_getspecific(SeededSource.key)
    let state = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    unsafe state.initialize(to: seed)
    _ = unsafe pthread_setspecific(SeededSource.key, state)
    defer {
      _ = unsafe pthread_setspecific(SeededSource.key, before)
      unsafe state.deallocate()
    }
    return try body()
  }

  /// Goes on from another seed. Only within `draw`.
  public static func reseed(_ seed: UInt64) {
    guard let state = unsafe SeededSource.state else {
      preconditionFailure("SeededRandomness: a seed is set where one is drawn from")
    }
    unsafe state.pointee = seed
  }
}

/// The thread's generator, SplitMix64, as libsodium asks it.
private enum SeededSource {
  static let key: pthread_key_t = {
    var key = pthread_key_t()
    let isMade = unsafe pthread_key_create(&key, nil) == 0
    precondition(isMade, "SeededRandomness: no thread-specific storage is left")
    return key
  }()

  static var state: UnsafeMutablePointer<UInt64>? {
    unsafe pthread_getspecific(key)?.assumingMemoryBound(to: UInt64.self)
  }

  /// Puts this source in front of the system's, once and for good.
  static func install() {
    Sodium.initialize()
    precondition(isInstalled, "SeededRandomness: libsodium takes another source of randomness")
  }

  private static let isInstalled: Bool = {
    let source = UnsafeMutablePointer<randombytes_implementation>.allocate(capacity: 1)
    unsafe source.initialize(
      to: randombytes_implementation(
        implementation_name: { unsafe UnsafePointer(strdup("mujawara")) },
        random: { SeededSource.word() },
        stir: nil, uniform: nil,
        buf: { memory, count in unsafe SeededSource.fill(memory, count) },
        close: nil))
    return unsafe randombytes_set_implementation(source) == 0
  }()

  static func word() -> UInt32 {
    var word: UInt32 = 0
    unsafe withUnsafeMutableBytes(of: &word) { unsafe fill($0.baseAddress, $0.count) }
    return word
  }

  static func fill(_ memory: UnsafeMutableRawPointer?, _ count: Int) {
    guard let memory = unsafe memory, count > 0 else { return }
    guard let state = unsafe state else { return unsafe fillFromSystem(memory, count) }
    var word: UInt64 = 0
    for place in 0..<count {
      if place % 8 == 0 { word = unsafe next(&state.pointee) }
      unsafe memory.storeBytes(of: UInt8(truncatingIfNeeded: word), toByteOffset: place, as: UInt8.self)
      word >>= 8
    }
  }

  private static func next(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  private static func fillFromSystem(_ memory: UnsafeMutableRawPointer, _ count: Int) {
    var system = SystemRandomNumberGenerator()
    for place in 0..<count {
      unsafe memory.storeBytes(of: UInt8(truncatingIfNeeded: system.next()), toByteOffset: place, as: UInt8.self)
    }
  }
}
