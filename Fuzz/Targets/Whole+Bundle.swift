// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

extension FuzzTarget {
  /// A bundle's file for `b`: by its first byte as it stands, or frames that are sealed first, so that what is
  /// inside is reached.
  static func bundle(_ bytes: [UInt8]) throws -> Bool {
    var input = Input(bytes)
    let how = input.byte()
    let place = try FuzzPlace(.b)
    let code = InvitationCode(secret: SecretBytes(copying: [UInt8](repeating: 1, count: 12)))
    let isJoining = how & 7 >= 4
    let key = isJoining ? BundleKey(code) : try BundleKey.current(of: place.replica.id(of: .commons), in: place.replica)
    let file = try self.file(input.remainder(), how & 3, key)
    do {
      switch how & 7 {
      case 4, 5: _ = try BundleReader.request(file, keys: [key])
      case 6, 7: _ = try BundleReader.admission(file, code: code, card: Member.b.keys.card)
      default: try read(file, into: place, takingIntactPart: how & 0x80 != 0)
      }
    } catch is BundleError {
      try place.requireSound()
      return false
    } catch is SessionProblem where isJoining { return false }
    try place.requireSound()
    return true
  }

  /// Reading twice is reading once.
  private static func read(_ file: ByteBuffer, into place: FuzzPlace, takingIntactPart: Bool) throws {
    _ = try BundleReader.read(
      file, into: place.replica, keys: nil, takingIntactPart: takingIntactPart, progress: { _ in })
    let holdings = try place.holdings()
    let again = try BundleReader.read(
      file, into: place.replica, keys: nil, takingIntactPart: takingIntactPart, progress: { _ in })
    try require(again.received.new == 0, "taken twice: \(again.received)")
    try require(try place.holdings() == holdings, "what came again changed the replica")
  }

  /// 0 the bytes themselves; 1 sealed as frames, whatever they are; 2 sealed, padded and ended as they should
  /// be; 3 the same, and cut.
  private static func file(_ bytes: [UInt8], _ how: UInt8, _ key: BundleKey) throws -> ByteBuffer {
    if how == 0 { return ByteBuffer(bytes) }
    let buffer = ByteBuffer()
    if how == 1 {
      let (header, streamKey) = BundleHeader.make(slotKey: key.secret)
      let stream = SecretStream.Sealer(key: streamKey)
      buffer.write(header + stream.header + stream.push(bytes))
      return buffer
    }
    var sealer = try BundleSealer(key: key.secret, sink: buffer)
    try sealer.write(bytes)
    _ = try sealer.finish(changes: changes(in: bytes))
    return how == 2 ? buffer : ByteBuffer(Array(buffer.bytes.dropLast(100)))
  }

  /// What END has to say.
  private static func changes(in bytes: [UInt8]) -> UInt64 {
    var decoder = FrameDecoder()
    decoder.feed(bytes)
    var count: UInt64 = 0
    while let frame = try? decoder.next() {
      if case .changes(let run) = frame { count += UInt64(run.entries.count) }
    }
    return count
  }
}
