// SPDX-License-Identifier: AGPL-3.0-or-later

import MujawaraCrypto
import SyncEngine

/// Two links and the bytes between them, in this process.
final class Cable {
  let caller: Link
  let answerer: Link
  private(set) var callerReport: SessionReport?
  private(set) var answererReport: SessionReport?
  private(set) var progress: [SessionProgress] = []
  /// Everything that went over the cable.
  private(set) var toAnswerer: [UInt8] = []
  private(set) var toCaller: [UInt8] = []
  /// The sizes of the pieces that bytes come in.
  var pieces: () -> Int = { .max }
  /// After so many bytes in both directions together the cable breaks.
  var cutAfter = Int.max
  /// Called after each batch that either side stored.
  var onStored: () -> Void = {}
  var now: UInt64 = 0

  private var waitingForAnswerer: [UInt8] = []
  private var waitingForCaller: [UInt8] = []

  init(_ caller: Link, _ answerer: Link) {
    self.caller = caller
    self.answerer = answerer
  }

  /// A member calls another.
  convenience init(_ caller: any SessionStore, _ answerer: any SessionStore, by key: Link.Key = .group) {
    self.init(
      .calling(caller, by: key, program: "test", now: 0),
      .answering(Doorkeeper(store: answerer), program: "test", now: 0))
  }

  var isOver: Bool { caller.isOver && answerer.isOver }
  var count: Int { toAnswerer.count + toCaller.count }
  private var isCut: Bool { count >= cutAfter }

  /// Lets all bytes flow until nobody has anything to say, or the cable is cut.
  @discardableResult
  func run() -> Cable {
    take(caller.handle(.start, now: now), fromCaller: true)
    take(answerer.handle(.start, now: now), fromCaller: false)
    flow()
    return self
  }

  func flow() {
    while !isCut && !(waitingForAnswerer.isEmpty && waitingForCaller.isEmpty) {
      deliver(toAnswerer: true)
      deliver(toAnswerer: false)
    }
    if isCut || caller.isOver != answerer.isOver { hangUp() }
  }

  func hangUp() {
    take(caller.handle(.ended, now: now), fromCaller: true)
    take(answerer.handle(.ended, now: now), fromCaller: false)
  }

  /// Time goes by in steps of half a second.
  func wait(_ milliseconds: UInt64) {
    let end = now + milliseconds
    while now < end {
      now += 500
      take(caller.handle(.tick, now: now), fromCaller: true)
      take(answerer.handle(.tick, now: now), fromCaller: false)
      flow()
    }
  }

  private func deliver(toAnswerer isAnswerer: Bool) {
    let size = min(pieces(), isAnswerer ? waitingForAnswerer.count : waitingForCaller.count, cutAfter - count)
    guard size > 0 else { return }
    if isAnswerer {
      let bytes = Array(waitingForAnswerer.prefix(size))
      waitingForAnswerer.removeFirst(size)
      toAnswerer += bytes
      take(caller.handle(.sent(size), now: now), fromCaller: true)
      take(answerer.handle(.received(bytes), now: now), fromCaller: false)
    } else {
      let bytes = Array(waitingForCaller.prefix(size))
      waitingForCaller.removeFirst(size)
      toCaller += bytes
      take(answerer.handle(.sent(size), now: now), fromCaller: false)
      take(caller.handle(.received(bytes), now: now), fromCaller: true)
    }
  }

  private func take(_ effects: [LinkEffect], fromCaller: Bool) {
    for effect in effects {
      switch effect {
      case .send(let bytes):
        if fromCaller { waitingForAnswerer += bytes } else { waitingForCaller += bytes }
      case .progress(let one):
        progress.append(one)
        if case .stored = one { onStored() }
      case .finished(let report): if fromCaller { callerReport = report } else { answererReport = report }
      }
    }
  }
}

/// One whole session: what the caller says of it.
@discardableResult
func sync(_ one: TestPlace, _ other: TestPlace, by key: Link.Key = .group) -> SessionReport {
  Cable(one.replica, other.replica, by: key).run().callerReport!
}
