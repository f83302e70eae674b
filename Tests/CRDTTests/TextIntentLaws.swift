// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Testing

/// What people meant is what they find.
@Suite("Text: intentions") struct TextIntentLaws {
  @Test func `an insertion stands between the neighbours that its author saw, in one piece`() throws {
    for seed in UInt64(1)...150 {
      var devices = TextDevices(seed: seed)
      var stretches: [[Unicode.Scalar]] = []
      for _ in 0..<30 {
        let device = devices.random.below(devices.count)
        if devices.random.chance(40) { devices.sync(device, from: devices.random.below(devices.count)) }
        let seen = Array(devices.text(on: device).unicodeScalars)
        if seen.count > 3, devices.random.chance(25) {
          devices.write(device, [.delete(at: devices.random.below(seen.count - 2), count: 2)])
          continue
        }
        let position = devices.random.below(seen.count + 1)
        let string = devices.fresh(3)
        devices.write(device, [.insert(at: position, string)])
        var stretch = Array(seen.prefix(position).suffix(1))
        stretch += string.unicodeScalars
        stretch += seen.dropFirst(position).prefix(1)
        stretches.append(stretch)
      }
      let text = try merged(&devices)
      for stretch in stretches {
        let places = stretch.compactMap { text.firstIndex(of: $0) }
        #expect(places == places.sorted(), "seed \(seed)")
      }
    }
  }

  @Test func `a deletion takes the scalars that its author saw, and nothing else`() throws {
    for seed in UInt64(1)...150 {
      var devices = TextDevices(seed: seed)
      var inserted: Set<Unicode.Scalar> = []
      var deleted: Set<Unicode.Scalar> = []
      for _ in 0..<30 {
        let device = devices.random.below(devices.count)
        if devices.random.chance(40) { devices.sync(device, from: devices.random.below(devices.count)) }
        let seen = Array(devices.text(on: device).unicodeScalars)
        let position = devices.random.below(seen.count + 1)
        if devices.random.chance(40), position < seen.count {
          let count = 1 + devices.random.below(min(4, seen.count - position))
          deleted.formUnion(seen[position..<position + count])
          devices.write(device, [.delete(at: position, count: count)])
        } else {
          let string = devices.fresh(2)
          inserted.formUnion(string.unicodeScalars)
          devices.write(device, [.insert(at: position, string)])
        }
      }
      let text = try merged(&devices)
      #expect(Set(text) == inserted.subtracting(deleted), "seed \(seed)")
      #expect(text.count == Set(text).count, "seed \(seed)")
    }
  }

  /// Each person writes in sessions, forwards or backwards, at one place of a text that all had; they know
  /// nothing of each other before they are done.
  @Test func `what several people write at one place is never mixed`() throws {
    for seed in UInt64(1)...200 {
      var devices = TextDevices(seed: seed)
      let before = devices.fresh(2)
      let behind = devices.fresh(2)
      devices.write(0, [.insert(at: 0, before + behind)])
      devices.syncAll()
      var written = Array(repeating: "", count: devices.count)
      for _ in 0..<4 * devices.count {
        let device = devices.random.below(devices.count)
        let isForwards = devices.random.chance(50)
        let length = written[device].unicodeScalars.count
        var position = isForwards ? 2 + length : 2
        var edits: [TextEdit] = []
        for _ in 0..<1 + devices.random.below(5) {
          let string = devices.fresh(1 + devices.random.below(2))
          edits.append(.insert(at: position, string))
          if isForwards { position += string.unicodeScalars.count }
          written[device] = isForwards ? written[device] + string : string + written[device]
        }
        devices.write(device, edits)
      }
      let text = String(String.UnicodeScalarView(try merged(&devices)))
      for part in [before, behind] + written { #expect(contains(text, part), "seed \(seed)") }
    }
  }

  private func contains(_ text: String, _ part: String) -> Bool {
    let (text, part) = (Array(text.unicodeScalars), Array(part.unicodeScalars))
    guard let first = part.first, let start = text.firstIndex(of: first) else { return part.isEmpty }
    return text[start...].starts(with: part)
  }

  private func merged(_ devices: inout TextDevices) throws -> [Unicode.Scalar] {
    var replica = TextReplica(order: devices.order)
    for batch in devices.deliveries() { try replica.merge(batch) }
    return Array(replica.text.unicodeScalars)
  }
}
