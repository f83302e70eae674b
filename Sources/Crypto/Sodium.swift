// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// The one place where libsodium is started. Every entry point of this room calls `initialize()`.
public enum Sodium {
  private static let isReady: Bool = sodium_init() >= 0

  /// Starts libsodium, once. Without it there is no randomness and no program: a failure traps.
  @inline(__always)
  public static func initialize() {
    precondition(isReady, "Sodium: libsodium doesn't start")
  }
}

extension UnsafeRawBufferPointer {
  /// The start as libsodium wants it; nil for an empty buffer that has no address.
  @inline(__always)
  var u8: UnsafePointer<UInt8>? { unsafe baseAddress?.assumingMemoryBound(to: UInt8.self) }

  /// The start of a buffer that isn't empty.
  @inline(__always)
  var start: UnsafePointer<UInt8> { unsafe baseAddress!.assumingMemoryBound(to: UInt8.self) }
}

extension UnsafeMutableRawBufferPointer {
  @inline(__always)
  var u8: UnsafeMutablePointer<UInt8> { unsafe baseAddress!.assumingMemoryBound(to: UInt8.self) }

  @inline(__always)
  var readOnly: UnsafeRawBufferPointer { UnsafeRawBufferPointer(self) }

  /// The bytes of a range, as a buffer of their own.
  @inline(__always)
  func part(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(rebasing: self[range])
  }
}

/// Lends `count` bytes of the stack for a secret that lives only during the call, and wipes them after it.
@safe @inline(__always)
func withStackSecret<R>(
  _ count: Int, alignment: Int = 16, _ body: (UnsafeMutableRawBufferPointer) -> R
) -> R {
  unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: alignment) { memory in
    defer { unsafe sodium_memzero(memory.baseAddress!, memory.count) }
    return unsafe body(memory)
  }
}
