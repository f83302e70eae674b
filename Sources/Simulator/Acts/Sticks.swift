// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

/// A bundle that is carried about.
struct Stick {
  var bytes: [UInt8]
  let space: SpaceID
  var isDamaged = false
}

/// Bundles, and what happens to them on their way.
extension World {
  /// Sticks that lie about, at most.
  private static let drawer = 12

  /// Writes all, or what someone else is not known to hold.
  func writeStick(_ host: Host, _ dice: inout Dice) throws {
    guard let store = host.store, let replica = host.replica else { return }
    let spaces = try replica.readableSpaces()
    guard let space = dice.pick(spaces) else { return }
    let reader = hosts[dice.below(hosts.count)].device
    let held = dice.once(in: 3) ? Held() : try replica.known(of: reader).held
    do {
      let file = ByteBuffer()
      _ = try BundleWriter.write(
        to: file, from: store, spaces: [space], held: held, key: try BundleKey.current(of: space, in: store))
      sticks.append(Stick(bytes: file.bytes, space: space))
      if sticks.count > Self.drawer { sticks.removeFirst() }
      trace.note("\(host.name) writes a stick of \(file.bytes.count) bytes")
    } catch BundleError.noOwnKey { trace.note("\(host.name) has no key for a stick") }
  }

  /// Reads one that lies about; it stays, and may be read again.
  func readStick(_ host: Host, _ dice: inout Dice) throws {
    guard let store = host.store, let stick = dice.pick(sticks) else { return }
    do {
      let report = try BundleReader.read(
        ByteBuffer(stick.bytes), into: store, keys: nil, takingIntactPart: dice.once(in: 3)) { _ in }
      tally.sticks += 1
      trace.note("\(host.name) reads \(report.received.new) new from a stick")
      try settle(host)
    } catch let error as BundleError {
      guard stick.isDamaged || error == .noKey else { throw error }
      trace.note("\(host.name) can't read a stick: \(error)")
    }
  }

  func damageStick(_ dice: inout Dice) {
    guard !sticks.isEmpty else { return }
    let place = dice.below(sticks.count)
    let count = sticks[place].bytes.count
    sticks[place].isDamaged = true
    if dice.once(in: 2) {
      sticks[place].bytes[dice.below(count)] ^= 1 << UInt8(dice.below(8))
      tally.fault("stick: flip")
    } else {
      sticks[place].bytes.removeLast(1 + dice.below(count - 1))
      tally.fault("stick: cut")
    }
  }

  func loseStick(_ dice: inout Dice) {
    guard !sticks.isEmpty else { return }
    sticks.remove(at: dice.below(sticks.count))
    tally.fault("stick: lost")
  }
}
