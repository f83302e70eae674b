// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// Frames in, the bytes of a bundle's file out (protocol.md section 14), one piece in memory at a time.
package struct BundleSealer {
  /// The least size of a file.
  package static let least = 65_536
  /// Bytes before the first chunk.
  package static let headSize = BundleHeader.size + SecretStream.headerSize

  private let sink: any ByteSink
  private let stream: SecretStream.Sealer
  private var piece: [UInt8] = []
  private var count = 0

  /// - Parameter key: the slot's: K(ES, 3), or an invitation's file key.
  package init(key: SecretBytes, sink: any ByteSink) throws {
    let (header, streamKey) = BundleHeader.make(slotKey: key)
    self.sink = sink
    stream = SecretStream.Sealer(key: streamKey)
    piece.reserveCapacity(2 * SecretStream.pieceSize)
    try sink.write(header + stream.header)
  }

  package mutating func write(_ frame: Frame) throws { try write(frame.encoded()) }

  /// Writes the bytes of frames.
  package mutating func write(_ bytes: [UInt8]) throws {
    piece += bytes
    count += bytes.count
    while piece.count >= SecretStream.pieceSize {
      try sink.write(stream.push(Array(piece[..<SecretStream.pieceSize])))
      piece.removeFirst(SecretStream.pieceSize)
    }
  }

  /// Pads, and closes the stream. Returns the file's size.
  package mutating func finish(changes: UInt64) throws -> Int {
    let end = Frame.end(changes: changes).encoded()
    let plaintext = Self.paddedPlaintext(count + end.count)
    for size in Self.paddingFrames(plaintext - count - end.count) { try write(.pad(size)) }
    try write(end)
    precondition(count == plaintext, "a bundle is as long as it was meant to be")
    try sink.write(stream.push(piece))
    return Self.headSize + SecretStream.sealedSize(plaintext)
  }

  /// Whether a bundle can have this size.
  package static func isPossible(size: Int) -> Bool {
    size >= least && Padme.size(size) == size && SecretStream.plaintextSize(sealed: size - headSize) != nil
  }

  /// The least plaintext from `needed` bytes on that makes the file's size a Padmé value and leaves room for
  /// either no padding or a whole frame of it.
  package static func paddedPlaintext(_ needed: Int) -> Int {
    var size = max(least, headSize + SecretStream.sealedSize(needed))
    while true {
      size = Padme.size(size)
      if let plaintext = SecretStream.plaintextSize(sealed: size - headSize),
        plaintext == needed || plaintext >= needed + Frame.headSize
      {
        return plaintext
      }
      size += 1
    }
  }

  /// The payloads' sizes of PAD frames that take so many bytes together, heads included.
  package static func paddingFrames(_ bytes: Int) -> [Int] {
    var sizes: [Int] = []
    var left = bytes
    while left > 0 {
      var frame = min(left, Frame.headSize + Limits.frame)
      if (1..<Frame.headSize).contains(left - frame) { frame -= Frame.headSize }
      sizes.append(frame - Frame.headSize)
      left -= frame
    }
    return sizes
  }
}
