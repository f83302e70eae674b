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

  func root(_ snapshot: SpaceSnapshot) -> ID16 {
    var hasher = Hash.Hasher("root", key: key, count: ID16.byteCount)
    for entry in snapshot.frontier.entries + snapshot.beyond.entries {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(56)
      entry.log.append(to: &bytes)
      appendBigEndian(entry.seq, to: &bytes)
      entry.tip.append(to: &bytes)
      hasher.update(bytes)
    }
    return ID16(hasher.finish(), at: 0)
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
