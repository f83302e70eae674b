// SPDX-License-Identifier: AGPL-3.0-or-later

/// Where a bundle is read from.
package protocol ByteSource {
  var count: Int { get }
  /// Exactly `size` bytes from `start`, which are there.
  func read(at start: Int, _ size: Int) throws -> [UInt8]
}

/// Where a bundle is written to, from its front to its end.
package protocol ByteSink {
  func write(_ bytes: [UInt8]) throws
}

/// A bundle in memory.
package final class ByteBuffer: ByteSource, ByteSink {
  package private(set) var bytes: [UInt8]

  package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  package var count: Int { bytes.count }
  package func read(at start: Int, _ size: Int) -> [UInt8] { Array(bytes[start..<start + size]) }
  package func write(_ bytes: [UInt8]) { self.bytes += bytes }
}
