// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

/// The connections that are open.
final class Network {
  private(set) var cables: [Cable] = []

  func add(_ cable: Cable) { cables.append(cable) }

  /// Drops those that are over.
  func sweep() { cables.removeAll(where: \.isOver) }

  /// A device is gone: the others notice that nobody is there any more.
  func hangUp(all host: Host) {
    for cable in cables where cable.isAt(host) { cable.lose(host) }
    sweep()
  }

  func hangUpAll() {
    for cable in cables { cable.hangUp() }
    cables = []
  }
}

/// What a bad network does to bytes on their way.
enum Harm: CaseIterable {
  case flip, drop, double, swap, cut
}

/// A connection between two devices, with the bytes that are on their way.
final class Cable {
  /// One end.
  private final class End {
    let host: Host
    var link: Link?
    /// Pieces that are on their way to it.
    var inbox: [[UInt8]] = []

    init(_ host: Host, _ link: Link) {
      self.host = host
      self.link = link
    }
  }

  /// Bytes of a piece, at most: what one packet may carry.
  private static let piece = 1_400

  private let ends: [End]
  private unowned let world: World
  /// What went wrong beneath a session: a demand that wasn't met, or the store's own error.
  private(set) var failure: (any Error)?
  private(set) var reports: [Int: SessionReport] = [:]

  init(_ caller: Host, _ answerer: Host, byDevice: Bool, in world: World) {
    guard let store = caller.store, let door = answerer.door else {
      preconditionFailure("a cable connects running devices")
    }
    self.world = world
    let key: Link.Key = byDevice ? .device(answerer.device) : .group
    ends = [
      End(caller, .calling(store, by: key, program: "simulator", now: world.now)),
      End(answerer, .answering(door, program: "simulator", now: world.now)),
    ]
    for place in [0, 1] { hand(.start, to: place) }
  }

  var isOver: Bool { ends.allSatisfy { $0.link?.isOver ?? true } }
  var hasConverged: Bool { reports.count == 2 && reports.values.allSatisfy(\.converged) }

  /// Whether the two came to know each other.
  var hasTalked: Bool { reports.values.contains { $0.rounds > 0 } }

  func isAt(_ host: Host) -> Bool { ends.contains { $0.host === host } }

  var hosts: [Host] { ends.map(\.host) }

  /// Lets up to so many pieces arrive, in turns. True if there were any.
  @discardableResult
  func deliver(_ count: Int = .max) throws -> Bool {
    var left = count
    while left > 0, let place = [0, 1].first(where: { !ends[$0].inbox.isEmpty }) {
      for end in [place, 1 - place] where left > 0 && !ends[end].inbox.isEmpty {
        hand(.received(ends[end].inbox.removeFirst()), to: end)
        left -= 1
      }
    }
    if ends[0].inbox.isEmpty, ends[1].inbox.isEmpty, ends.contains(where: { $0.link?.isOver ?? true }) { hangUp() }
    if let failure { throw failure }
    return left < count
  }

  /// Both ends notice that the other is gone, and bytes on their way are.
  func hangUp() {
    for place in [0, 1] {
      ends[place].inbox = []
      hand(.ended, to: place)
    }
  }

  /// A device has lost its process and everything in it.
  func lose(_ host: Host) {
    for place in [0, 1] where ends[place].host === host { ends[place].link = nil }
    for place in [0, 1] where ends[place].link != nil {
      ends[place].inbox = []
      hand(.ended, to: place)
    }
  }

  /// Time goes by, so that patience ends.
  func tick() { for place in [0, 1] { hand(.tick, to: place) } }

  /// Does harm to what is on its way. False if nothing is.
  func damage(_ harm: Harm, _ dice: inout Dice) -> Bool {
    guard let end = ends.filter({ !$0.inbox.isEmpty }).first else { return false }
    let place = dice.below(end.inbox.count)
    switch harm {
    case .flip:
      let byte = dice.below(end.inbox[place].count)
      end.inbox[place][byte] ^= 1 << UInt8(dice.below(8))
    case .drop: end.inbox.remove(at: place)
    case .double: end.inbox.insert(end.inbox[place], at: place)
    case .swap:
      guard end.inbox.count > 1 else { return false }
      end.inbox.swapAt(place, (place + 1) % end.inbox.count)
    case .cut: end.inbox[place].removeLast(1 + dice.below(end.inbox[place].count - 1))
    }
    return true
  }

  private func hand(_ event: LinkEvent, to place: Int) {
    guard let link = ends[place].link, !link.isOver else { return }
    for effect in link.handle(event, now: world.now) {
      switch effect {
      case .send(let bytes): send(bytes, from: place)
      case .progress: break
      case .finished(let report): note(report, of: place)
      }
    }
  }

  private func send(_ bytes: [UInt8], from place: Int) {
    if ends[1 - place].link != nil {
      for start in stride(from: 0, to: bytes.count, by: Self.piece) {
        ends[1 - place].inbox.append(Array(bytes[start..<min(start + Self.piece, bytes.count)]))
      }
    }
    hand(.sent(bytes.count), to: place)
  }

  private func note(_ report: SessionReport, of place: Int) {
    reports[place] = report
    if case .store(let error) = report.problem, !(ends[place].host.hasBadDisk && error is StoreError) { failure = error }
    if case .digestsDiffer(let spaces) = report.problem {
      failure = Failure(
        .convergence, "\(ends[0].host.name) and \(ends[1].host.name) make different records of the same changes of \(spaces)")
    }
  }
}
