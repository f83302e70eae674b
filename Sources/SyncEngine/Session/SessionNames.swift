// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// The keyed names of protocol.md section 12: they mean something within one session alone.
struct SessionNames: Sendable {
  /// sk, 32 bytes.
  private let key: [UInt8]

  init(key: [UInt8]) { self.key = key }

  /// How HELLO calls a space.
  func hello(_ space: SpaceID) -> UInt64 { short("hello", space.bytes) }

  /// How LIST calls a log.
  func log(_ log: LogID) -> UInt64 { short("log", log.bytes) }

  /// How LIST calls a log's last change.
  func tip(_ tip: ChangeID) -> UInt64 { short("tip", tip.bytes) }

  /// What is held and what is merely stored are kept apart, so that the one never passes for the other.
  func root(_ snapshot: SpaceSnapshot) -> ID16 {
    var hasher = Hash.Hasher("root", key: key, count: ID16.byteCount)
    for entry in snapshot.frontier.entries { hasher.update(Self.bytes(of: entry)) }
    if !snapshot.beyond.entries.isEmpty { hasher.update([UInt8](repeating: 0, count: Self.entrySize)) }
    for entry in snapshot.beyond.entries { hasher.update(Self.bytes(of: entry)) }
    return ID16(hasher.finish(), at: 0)
  }

  private static let entrySize = 56

  private static func bytes(of entry: Frontier.Entry) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entrySize)
    entry.log.append(to: &bytes)
    appendBigEndian(entry.seq, to: &bytes)
    entry.tip.append(to: &bytes)
    return bytes
  }

  func digest(_ digest: [UInt8], anchorID: ID32) -> ID16 {
    ID16(Hash.keyed("digest", key: key, digest, anchorID.bytes, count: ID16.byteCount), at: 0)
  }

  func list(_ frontier: Frontier) -> [Frame.List.Entry] {
    frontier.entries.map { Frame.List.Entry(log: log($0.log), seq: $0.seq, tip: tip($0.tip)) }
  }

  private func short(_ label: String, _ bytes: [UInt8]) -> UInt64 {
    readBigEndian(Hash.keyed(label, key: key, bytes, count: 8), at: 0)
  }
}
