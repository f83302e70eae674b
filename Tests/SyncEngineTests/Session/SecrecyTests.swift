// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import SyncEngine
import Testing

/// Everything about a network that nobody else may find in bytes: names, ids, keys, in each of their forms.
func secrets(of places: [TestPlace], texts: [String]) throws -> [[UInt8]] {
  var secrets = texts.map { Array($0.utf8) }
  for place in places {
    let card = place.replica.keys.card
    secrets += [place.replica.network.bytes, card.sign, card.noise, card.agree, place.replica.deviceID.bytes]
    secrets += [try place.replica.placeID()!.bytes, place.commons.bytes, place.home.bytes]
    for space in [.zero, place.commons, place.home] {
      secrets += try place.frontier(space).entries.flatMap { [$0.log.bytes, $0.tip.bytes] }
      for secret in try place.replica.epochSecrets(of: space) { secret.withArray { secrets.append($0) } }
    }
  }
  return secrets + secrets.map { Array(Hex.encode($0).utf8) }
}

func contains(_ bytes: [UInt8], _ secret: [UInt8]) -> Bool {
  Data(bytes).range(of: Data(secret)) != nil
}

@Suite("A captured session") struct SecrecyTests {
  @Test func `shows no id, key or name`() throws {
    let (a, b) = try neighbours()
    try a.write("the key hangs behind the oven")
    try b.write("Tuesday's delivery")
    let cable = Cable(a.replica, b.replica).run()
    #expect(cable.callerReport?.converged == true)
    let captured = cable.toAnswerer + cable.toCaller
    let texts = ["behind the oven", "Tuesday", "Ahl el-Hara", "Backerei", "mujawara", "test", "Noise"]
    for secret in try secrets(of: [a, b], texts: texts) { #expect(!contains(captured, secret)) }
  }

  @Test func `of the same two is never the same twice`() throws {
    let (a, b) = try neighbours()
    let first = Cable(a.replica, b.replica).run()
    let second = Cable(a.replica, b.replica).run()
    #expect(first.toAnswerer.count == second.toAnswerer.count)
    for start in stride(from: 0, to: first.toAnswerer.count - 16, by: 16) {
      #expect(!contains(second.toAnswerer, Array(first.toAnswerer[start..<start + 16])))
    }
  }
}
