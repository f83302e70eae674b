// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine
import Testing

/// Places that write apart, and others that hear the same changes, each in an order of its own.
struct Orders {
  let writers: [TestPlace]
  let hearers: [TestPlace]

  init(writers count: Int = 3, hearers: Int = 3) throws {
    let founder = try TestPlace(named: "A")
    let names = ["B", "C", "D"]
    writers = try [founder] + (0..<count - 1).map { try TestPlace(joining: founder, named: names[$0]) }
    self.hearers = try (0..<hearers).map { try TestPlace(joining: founder, named: "E\($0)") }
    for place in writers { for other in writers where other !== place { try place.take(from: other) } }
    for place in writers + self.hearers { try place.take(from: founder) }
  }

  subscript(number: Int) -> TestPlace { writers[number] }

  func exchange() throws {
    for _ in 0..<10 {
      var new = 0
      for one in writers { for other in writers where one !== other { new += try one.take(from: other) } }
      for place in writers where try place.replica.settle() { new += 1 }
      if new == 0 { return }
    }
  }

  /// Gives each hearer every change of commons that any writer holds, one at a time and shuffled. What builds on
  /// others waits for them there.
  func spread(seed: UInt64) throws {
    var changes: [ChangeID: Change] = [:]
    for writer in writers { for change in try writer.changes(in: .commons) { changes[change.id] = change } }
    var random = Seeded(seed)
    for hearer in hearers {
      _ = try hearer.replica.ingest(try writers[0].changes(in: .governance))
      let sorted = changes.values.sorted { $0.id < $1.id }
      for change in sorted.shuffled(using: &random) { _ = try hearer.replica.ingest([change]) }
    }
  }

  /// Lets all hear all, and checks that everybody reads the same.
  func settle<T: Equatable>(
    seed: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation, _ read: (TestPlace) throws -> T
  ) throws -> T {
    try exchange()
    try spread(seed: seed)
    let here = try read(writers[0])
    for place in writers.dropFirst() + hearers {
      #expect(try read(place) == here, "seed \(seed)", sourceLocation: sourceLocation)
    }
    return here
  }
}

extension Seeded {
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
