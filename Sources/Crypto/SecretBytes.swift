// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// Bytes that must not leak: guarded pages, locked in memory where the system lets it, read-only once
/// filled, wiped when freed. Compared in constant time, never printed.
///
/// Making one costs some 30 microseconds and four mappings: it is for keys that live, not for every message.
/// It is safe to share between threads because nothing can change it after `init`.
@safe
public final class SecretBytes: @unchecked Sendable {
  /// The number of bytes.
  public let count: Int
  private let memory: UnsafeMutableRawPointer

  /// Makes `count` zero bytes and lets `fill` write them; read-only from then on.
  /// If `fill` throws, the memory is wiped and its error passed on.
  @safe
  public init<E: Error>(
    count: Int, fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    self.count = count
    unsafe memory = GuardedMemory.allocate(count)
    try unsafe fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
    let isProtected = unsafe sodium_mprotect_readonly(memory) == 0
    precondition(isProtected, "SecretBytes: the pages can't be made read-only")
  }

  /// `random` bytes from the system.
  public convenience init(random count: Int) {
    self.init(count: count) { unsafe randombytes_buf($0.baseAddress!, count) }
  }

  /// Copies bytes that already lie in ordinary memory. Only for tests and for decoders of sealed
  /// structures, whose caller wipes the source: a secret that was never in an array is better.
  public convenience init(copying bytes: [UInt8]) {
    self.init(count: bytes.count) { unsafe $0.copyBytes(from: bytes) }
  }

  deinit { unsafe sodium_free(memory) }

  /// Lends the bytes for reading. The pointer must not outlive the call.
  @safe @inline(__always)
  public func withBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(start: memory, count: count))
  }

  /// Lends a copy in an ordinary array, for a decoder that takes no pointer, and wipes that copy afterwards.
  /// What `body` keeps of it is `body`'s to wipe.
  public func withArray<R, E: Error>(_ body: ([UInt8]) throws(E) -> R) throws(E) -> R {
    var copy = withBytes { unsafe [UInt8]($0) }
    defer { copy.wipe() }
    return try body(copy)
  }

  /// A part of the bytes as a secret of its own.
  public func slice(_ range: Range<Int>) -> SecretBytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "SecretBytes: slice out of range")
    return withBytes { all in
      SecretBytes(count: range.count) {
        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: all[range]))
      }
    }
  }
}

extension SecretBytes: Equatable {
  /// Whether both hold the same bytes; takes the same time wherever they differ.
  public static func == (a: SecretBytes, b: SecretBytes) -> Bool {
    guard a.count == b.count else { return false }
    guard a.count > 0 else { return true }
    return a.withBytes { x in
      b.withBytes { y in unsafe sodium_memcmp(x.baseAddress!, y.baseAddress!, x.count) == 0 }
    }
  }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The size alone.
  public var description: String { "SecretBytes(\(count))" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension [UInt8] {
  /// Overwrites the array with zero bytes in a way that the compiler keeps, and empties it.
  /// It wipes this copy alone: an array that is shared is copied first.
  public mutating func wipe() {
    unsafe withUnsafeMutableBytes { bytes in
      if bytes.count > 0 { unsafe sodium_memzero(bytes.baseAddress!, bytes.count) }
    }
    removeAll()
  }
}

/// Guarded memory that stays writable, for states that change with every message.
@safe
final class SecretScratch {
  let count: Int
  private let memory: UnsafeMutableRawPointer

  /// `count` zero bytes.
  init(_ count: Int) {
    self.count = count
    unsafe memory = GuardedMemory.allocate(count)
  }

  deinit { unsafe sodium_free(memory) }

  @safe @inline(__always)
  func withBytes<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) -> R {
    unsafe body(UnsafeMutableRawBufferPointer(start: memory, count: count))
  }
}

private enum GuardedMemory {
  static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
    precondition(count >= 0, "SecretBytes: negative size")
    Sodium.initialize()
    guard let memory = unsafe sodium_malloc(count) else {
      preconditionFailure("SecretBytes: no guarded memory left")
    }
    unsafe sodium_memzero(memory, count)
    return unsafe memory
  }
}
