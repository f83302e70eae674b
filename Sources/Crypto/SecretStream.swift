// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

/// The sealed chunks of a bundle (protocol.md, section 14): pieces of 65,536 bytes, each 17 longer sealed,
/// the last one shorter and marked final. Associated data is empty.
public enum SecretStream {
  /// Bytes of the stream's header.
  public static let headerSize = 24
  /// Plaintext bytes of every chunk but the last.
  public static let pieceSize = 65_536
  /// Bytes that sealing adds to a piece.
  public static let overhead = 17

  /// Bytes of all chunks for so many bytes of plaintext.
  public static func sealedSize(_ plaintext: Int) -> Int {
    plaintext + overhead * (plaintext / pieceSize + 1)
  }

  /// Bytes of plaintext whose chunks have exactly this size; nil if no plaintext gives it.
  public static func plaintextSize(sealed: Int) -> Int? {
    let plaintext = sealed - overhead * (sealed / (pieceSize + overhead) + 1)
    return plaintext >= 0 && sealedSize(plaintext) == sealed ? plaintext : nil
  }

  /// Seals a stream, piece by piece.
  public final class Sealer {
    /// What goes before the chunks, 24 bytes.
    public let header: [UInt8]
    private let state = StreamState()
    private var isDone = false

    /// Begins a stream under a 32-byte key.
    public init(key: SecretBytes) {
      precondition(key.count == 32, "SecretStream: a key has 32 bytes")
      var bytes = [UInt8](repeating: 0, count: headerSize)
      state.with { s in
        key.withBytes { k in
          _ = unsafe crypto_secretstream_xchacha20poly1305_init_push(s, &bytes, k.start)
        }
      }
      header = bytes
    }

    /// Seals a full piece; the last one is shorter and closes the stream. A piece of another size, or one
    /// after the last, breaks a promise and traps.
    public func push(_ piece: [UInt8]) -> [UInt8] {
      precondition(!isDone, "SecretStream: a piece after the last")
      precondition(piece.count <= pieceSize, "SecretStream: a piece has at most 65,536 bytes")
      isDone = piece.count < pieceSize
      return push(piece, tag: isDone ? StreamState.final : StreamState.message)
    }

    /// Seals a piece with any tag, right or wrong.
    func push(_ piece: [UInt8], tag: UInt8) -> [UInt8] {
      var chunk = [UInt8](repeating: 0, count: piece.count + overhead)
      state.with { s in
        _ = unsafe crypto_secretstream_xchacha20poly1305_push(
          s, &chunk, nil, piece, UInt64(piece.count), nil, 0, tag)
      }
      return chunk
    }

    /// Whether the last piece was sealed.
    public var isFinished: Bool { isDone }
  }

  /// Opens a stream, chunk by chunk.
  public final class Opener {
    private let state = StreamState()
    private var isDone = false
    private var isBroken = false

    /// Begins with the stream's key and header. Throws `wrongSize`.
    public init(key: SecretBytes, header: [UInt8]) throws(CryptoError) {
      precondition(key.count == 32, "SecretStream: a key has 32 bytes")
      guard header.count == headerSize else { throw .wrongSize }
      state.with { s in
        key.withBytes { k in
          _ = unsafe crypto_secretstream_xchacha20poly1305_init_pull(s, header, k.start)
        }
      }
    }

    /// Whether the final piece came. An end of input before that is a cut stream.
    public var isFinished: Bool { isDone }

    /// The piece of a chunk: of 65,553 bytes, or fewer for the last. Throws `notAuthentic` for a chunk that
    /// is changed, cut, out of place or of another stream, `streamCut` for one after the last,
    /// `wrongSize` for an impossible size.
    public func pull(_ chunk: [UInt8]) throws(CryptoError) -> [UInt8] {
      guard !isBroken else { throw .outOfTurn }
      guard !isDone else { throw .streamCut }
      isBroken = true
      guard (overhead...pieceSize + overhead).contains(chunk.count) else { throw .wrongSize }
      var piece = [UInt8](repeating: 0, count: chunk.count - overhead)
      var tag: UInt8 = 0xff
      let status = state.with { s in
        unsafe crypto_secretstream_xchacha20poly1305_pull(
          s, &piece, nil, &tag, chunk, UInt64(chunk.count), nil, 0)
      }
      let isLast = piece.count < pieceSize
      guard status == 0, tag == (isLast ? StreamState.final : StreamState.message)
      else { throw .notAuthentic }
      isDone = isLast
      isBroken = false
      return piece
    }

    /// Throws `streamCut` unless the final piece came.
    public func finish() throws(CryptoError) {
      guard isDone, !isBroken else { throw .streamCut }
    }
  }
}

/// libsodium's stream state in guarded memory.
final class StreamState {
  static let message = UInt8(crypto_secretstream_xchacha20poly1305_tag_message())
  static let final = UInt8(crypto_secretstream_xchacha20poly1305_tag_final())

  private let memory = SecretScratch(MemoryLayout<crypto_secretstream_xchacha20poly1305_state>.size)

  @safe
  func with<R>(_ body: (UnsafeMutablePointer<crypto_secretstream_xchacha20poly1305_state>) -> R) -> R {
    memory.withBytes { bytes in
      unsafe bytes.baseAddress!.withMemoryRebound(
        to: crypto_secretstream_xchacha20poly1305_state.self, capacity: 1, body)
    }
  }
}
