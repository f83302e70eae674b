// SPDX-License-Identifier: AGPL-3.0-or-later

import Foundation
import MujawaraCrypto
import SyncEngine
import Testing
import Transport

/// Whatever comes in, a stranger hears nothing and members are served.
@Suite("A server among strangers") struct StrangerTests {
  let a: Place
  let b: Place
  let host: Host

  init() throws {
    a = try Place.founding()
    b = try a.admitting()
    try a.write(3)
    host = try Host(a)
  }

  /// Goes to the end of a test: nobody has heard anything, and b is served.
  private func conclude(_ strangers: [Stranger]) throws {
    try b.write(1)
    #expect(try call(b, host.address).converged)
    usleep(50_000)
    for stranger in strangers {
      stranger.listen()
      #expect(stranger.heard == [])
    }
    #expect(host.stop())
    #expect(try a.isEqual(to: b))
  }

  @Test(arguments: [1, 127, 128, 129, 1_000, 100_000])
  func `answers garbage with silence`(count: Int) throws {
    var seeds = Seeded(UInt64(count))
    let strangers = (0..<3).map { _ in Stranger(at: host.address) }
    for stranger in strangers { stranger.say(seeds.bytes(count)) }
    usleep(100_000)
    for stranger in strangers { stranger.listen() }
    #expect(strangers.allSatisfy { !$0.isHungUp }, "silence, and not a slammed door")
    try conclude(strangers)
  }

  @Test(arguments: [
    Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
    [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03],
    Array("SSH-2.0-OpenSSH_9.2\r\n".utf8),
    [UInt8](repeating: 0xFF, count: 4_096),
    [UInt8](repeating: 0, count: 4_096),
    [0x07, 0xFF, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0x9B, count: 300),
    [0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0x7F, count: 300),
  ] as [[UInt8]])
  func `answers other protocols and huge lengths with silence`(bytes: [UInt8]) throws {
    let stranger = Stranger(at: host.address)
    stranger.say(bytes)
    stranger.listen(0.1)
    #expect(!stranger.isHungUp)
    try conclude([stranger])
  }

  @Test func `waits for slow ones without making others wait`() throws {
    let strangers = (0..<3).map { _ in Stranger(at: host.address) }
    for round in 0..<20 {
      for stranger in strangers { stranger.say([UInt8(round)]) }
      if round.isMultiple(of: 5) { #expect(try call(b, host.address).converged) }
    }
    try conclude(strangers)
  }

  @Test func `bears those who hang up at once`() throws {
    for round in 0..<200 {
      let stranger = Stranger(at: host.address)
      if round.isMultiple(of: 2) { stranger.say([1, 2, 3]) }
      stranger.hangUp()
    }
    try conclude([])
  }

  @Test func `has room for members beside a hundred half-open connections of one address`() throws {
    let strangers = (0..<100).map { _ in Stranger(at: host.address) }
    for stranger in strangers.prefix(50) { stranger.say([UInt8](repeating: 7, count: 200)) }
    try conclude(strangers)
  }

  @Test func `has room for members beside a hundred half-open connections of many addresses`() throws {
    let strangers = (0..<100).map { Stranger(at: host.address, from: "127.0.1.\(1 + $0 / 4)") }
    for stranger in strangers where stranger.descriptor.isMultiple(of: 2) { stranger.say([UInt8](repeating: 7, count: 200)) }
    let isFull = wait(5) {
      for stranger in strangers { stranger.listen() }
      return strangers.count(where: \.isHungUp) == 36
    }
    #expect(isFull, "64 are kept, and the oldest of the others went")
    try conclude(strangers)
  }

  @Test func `doesn't end a member's handshake for strangers`() throws {
    let slow = Stranger(at: host.address)
    let handshake = try Insider.handshake(b)
    slow.say(try handshake.writeMessage(try Insider.offer()))
    let answer = try #require(slow.take(TransportKeys.messageSizes[1]))
    let strangers = (0..<50).map { _ in Stranger(at: host.address) }
    for stranger in strangers { stranger.say([UInt8](repeating: 7, count: 200)) }
    _ = try handshake.readMessage(answer)
    slow.say(try handshake.writeMessage(try TransportKeys.packPayload([0xA0], message: 2)))
    #expect(slow.take(1) != nil, "the session begins")
    slow.hangUp()
    try conclude(strangers)
  }

  @Test func `doesn't answer a first message twice`() throws {
    let message = try Insider.handshake(b).writeMessage(try Insider.offer())
    let first = Stranger(at: host.address)
    first.say(message)
    #expect(first.take(TransportKeys.messageSizes[1]) != nil)
    let replay = Stranger(at: host.address)
    replay.say(message)
    replay.listen(0.2)
    first.hangUp()
    try conclude([replay])
  }

  @Test func `doesn't answer a first message with a changed bit, anywhere`() throws {
    let message = try Insider.handshake(b).writeMessage(try Insider.offer())
    var strangers: [Stranger] = []
    for place in stride(from: 0, to: message.count, by: 9) {
      var changed = message
      changed[place] ^= 1 << UInt8(place % 8)
      // The top bit of a key's last byte is masked by X25519 but not by the handshake's hash.
      let stranger = Stranger(at: host.address, from: "127.0.2.\(1 + place)")
      stranger.say(changed)
      strangers.append(stranger)
    }
    usleep(100_000)
    for stranger in strangers { stranger.listen() }
    #expect(strangers.allSatisfy { !$0.isHungUp })
    try conclude(strangers)
  }

  @Test func `of another network is silent to this one's members`() throws {
    let other = try Place.founding("Elsewhere")
    let stranger = Stranger(at: host.address)
    stranger.say(try Insider.handshake(other).writeMessage(try Insider.offer()))
    stranger.listen(0.2)
    #expect(!stranger.isHungUp)
    try conclude([stranger])
  }

  @Test(arguments: [
    [0x07, 0xFF, 0xFF, 0xFF, 0xFF],
    [0x01, 0x00, 0x10, 0x00, 0x01],
    [0xFE, 0x00, 0x00, 0x00, 0x00],
    [0x01, 0x00, 0x00, 0x00, 0x00],
    [0x07, 0x00, 0x00, 0x00, 0x01, 0x80],
    [0x01, 0x00, 0x00, 0x00, 0x09, 0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
  ] as [[UInt8]])
  func `hangs up on a member who breaks the protocol`(bytes: [UInt8]) throws {
    let insider = try Insider(b, at: host.address)
    try insider.say(bytes)
    #expect(insider.isHungUp(within: 10))
    #expect(wait { host.sessions.contains { if case .malformed? = $0.report.problem { true } else { false } } })
    try conclude([])
  }

  @Test func `hangs up on a member whose records are garbage`() throws {
    let insider = try Insider(b, at: host.address)
    insider.stranger.say([UInt8](repeating: 9, count: 70_000))
    #expect(insider.isHungUp(within: 10))
    try conclude([])
  }

  @Test func `serves others while members sit there and say nothing`() throws {
    let insiders = try (0..<8).map { _ in try Insider(b, at: host.address) }
    #expect(insiders.count == 8)
    try conclude([])
  }

  @Test func `stops although a member takes nothing of what it is sent`() throws {
    try a.write(100, bytes: 60_000)
    let proxy = Proxy(to: host.address)
    let (place, address) = (b, proxy.address)
    proxy.freeze(after: 200_000)
    Thread { _ = try? call(place, address) }.start()
    #expect(wait { proxy.isFrozen })
    #expect(host.stop())
    proxy.stop()
  }
}
