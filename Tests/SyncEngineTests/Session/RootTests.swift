// SPDX-License-Identifier: AGPL-3.0-or-later

import Testing

@testable import SyncEngine

@Suite("A root") struct RootTests {
  /// Found by the simulator: what one held, at the end of its frontier, the other had stored without its body.
  @Test func `tells what is held from what is stored without its body`() {
    let names = SessionNames(key: [UInt8](repeating: 7, count: 32))
    let entries = (1...3 as ClosedRange<UInt64>).map {
      Frontier.Entry(log: LogID(high: 0, low: $0), author: .zero, seq: $0, tip: .zero)
    }
    let roots = (0...3).map { held in
      names.root(
        SpaceSnapshot(frontier: Frontier(Array(entries[..<held])), beyond: Frontier(Array(entries[held...])), digest: nil))
    }
    #expect(Set(roots).count == roots.count)
  }
}
