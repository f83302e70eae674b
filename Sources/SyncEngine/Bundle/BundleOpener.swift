// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// The frames of a bundle's file, each chunk authenticated before anything of it is looked at.
struct BundleOpener {
  private static let chunk = SecretStream.pieceSize + SecretStream.overhead

  let origin: BundleKey.Origin
  private let source: any ByteSource
  private let stream: SecretStream.Opener
  private var decoder = FrameDecoder()
  /// Where the next chunk starts.
  private(set) var offset = BundleSealer.headSize
  /// Chunks from here on are not looked at.
  private let end: Int

  /// - Parameter end: how much of the file to read; all of it if nil.
  init(_ source: any ByteSource, keys: [BundleKey], upTo end: Int? = nil) throws {
    self.source = source
    self.end = end ?? source.count
    let isPossible = BundleSealer.isPossible(size: source.count)
    guard source.count >= BundleSealer.headSize else { throw BundleError.notABundle }
    let header = try source.read(at: 0, BundleSealer.headSize)
    let opened: (index: Int, streamKey: SecretBytes)?
    do throws(CryptoError) {
      opened = try BundleHeader.open(Array(header[..<BundleHeader.size]), candidates: keys.map(\.secret))
    } catch { throw BundleError.damaged(at: 0) }
    guard let opened else { throw isPossible ? BundleError.noKey : BundleError.notABundle }
    origin = keys[opened.index].origin
    stream = try SecretStream.Opener(key: opened.streamKey, header: Array(header[BundleHeader.size...]))
  }

  /// The next frame's type and payload; nil at the end.
  mutating func next() throws -> (type: UInt8, payload: [UInt8])? {
    while true {
      do throws(DecodingError) {
        if let raw = try decoder.nextRaw() { return raw }
      } catch { throw BundleError.malformed("a frame's length") }
      guard offset < end else { return nil }
      decoder.feed(try pull())
    }
  }

  /// Throws unless the file ends where its stream does, after a whole frame.
  func finish() throws {
    guard stream.isFinished else { throw BundleError.truncated }
    guard decoder.waiting == 0 else { throw BundleError.malformed("the last frame is cut") }
  }

  private mutating func pull() throws -> [UInt8] {
    let chunk = try source.read(at: offset, min(Self.chunk, source.count - offset))
    do throws(CryptoError) {
      let piece = try stream.pull(chunk)
      offset += chunk.count
      return piece
    } catch {
      let isCut = offset + chunk.count == source.count && !BundleSealer.isPossible(size: source.count)
      throw isCut && !stream.isFinished ? BundleError.truncated : .damaged(at: offset)
    }
  }
}
