// SPDX-License-Identifier: AGPL-3.0-or-later

/// Cuts a byte stream into frames.
///
/// It holds at most one frame that isn't whole (5 + 1,048,576 bytes) beside what was fed since `next` last
/// gave nil: a length beyond the limit is refused before its payload comes.
public struct FrameDecoder: Sendable {
  private var buffer: [UInt8] = []
  /// Where the next frame starts.
  private var start = 0

  public init() {}

  public mutating func feed(_ bytes: some Collection<UInt8>) {
    if start > 0 {
      buffer.removeSubrange(..<start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The bytes that were fed and have not come out as frames.
  public var waiting: Int { buffer.count - start }

  /// The next whole frame; nil if more bytes are needed. After an error the stream is useless.
  public mutating func next() throws(DecodingError) -> Frame? {
    guard let raw = try nextRaw() else { return nil }
    return try Frame(type: raw.type, payload: raw.payload)
  }

  /// The next whole frame without a look at its payload.
  public mutating func nextRaw() throws(DecodingError) -> (type: UInt8, payload: [UInt8])? {
    guard waiting >= Frame.headSize else { return nil }
    let length = (1..<Frame.headSize).reduce(0) { $0 << 8 | Int(buffer[start + $1]) }
    guard length <= Limits.frame else { throw .limit(at: 1, "a frame's payload has at most 1,048,576 bytes") }
    guard waiting >= Frame.headSize + length else { return nil }
    let type = buffer[start]
    let first = start + Frame.headSize
    let payload = Array(buffer[first..<first + length])
    start = first + length
    return (type, payload)
  }

  /// Refuses a stream that ends within a frame.
  public func finish() throws(DecodingError) {
    guard waiting == 0 else { throw .truncated(at: 0) }
  }
}
