// SPDX-License-Identifier: AGPL-3.0-or-later

import MujawaraCrypto
import SyncEngine
import Testing
import Transport

@Suite("Over a socket") struct SyncTests {
  @Test func `two replicas become equal, and both say so`() throws {
    let a = try Place.founding()
    let b = try a.admitting()
    try a.write(30)
    try b.write(20)
    let host = try Host(a)
    let report = try call(b, host.address)
    #expect(report.converged && report.problem == nil)
    #expect(report.peer == a.keys.card.device)
    #expect(report.received.new >= 30 && report.sent >= 20)
    #expect(report.bytesIn > 0 && report.bytesOut > 0)
    #expect(wait { host.sessions.count == 1 })
    let other = host.sessions[0].report
    #expect(other.converged && other.peer == b.keys.card.device)
    #expect(other.bytesIn == report.bytesOut && other.bytesOut == report.bytesIn)
    #expect(other.sent == report.received.new + report.received.known)
    #expect(host.stop())
    #expect(try a.isEqual(to: b))
    #expect(try a.damage() == [] && b.damage() == [])
  }

  @Test func `more than a megabyte goes both ways at once`() throws {
    let a = try Place.founding()
    let b = try a.admitting()
    try a.write(40, bytes: 60_000)
    try b.write(40, bytes: 60_000)
    let host = try Host(a)
    let report = try call(b, host.address)
    #expect(report.converged)
    #expect(report.bytesIn > 2_000_000 && report.bytesOut > 2_000_000)
    #expect(host.stop())
    #expect(try a.isEqual(to: b))
  }

  @Test func `a neighbour is called by its own key`() throws {
    let a = try Place.founding()
    let b = try a.admitting()
    let host = try Host(a)
    let report = try call(b, host.address, device: a.keys.card.device)
    #expect(report.converged)
    #expect(wait { host.sessions.count == 1 })
    #expect(host.stop())
  }

  @Test func `where another member answers than was called, the network's key serves`() throws {
    let a = try Place.founding()
    let b = try a.admitting("Buffalo")
    let c = try a.admitting("Cormorant")
    let host = try Host(c)
    let report = try call(b, host.address, device: a.keys.card.device)
    #expect(report.converged)
    #expect(report.peer == c.keys.card.device)
    #expect(host.stop())
  }

  @Test func `many call one at the same time`() async throws {
    let a = try Place.founding()
    let others = try (0..<4).map { try a.admitting("Place \($0)") }
    for other in others { try other.write(10) }
    let host = try Host(a)
    let address = host.address
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for other in others { group.addTask { try call(other, address).peer != nil } }
      for try await isDone in group { #expect(isDone) }
    }
    for _ in 0..<3 { for other in others { try call(other, address) } }
    #expect(host.stop())
    for other in others { #expect(try a.isEqual(to: other)) }
  }

  @Test func `nobody there is said in a word`() throws {
    let a = try Place.founding()
    let (descriptor, port) = Sockets.listen()
    Sockets.shut(descriptor)
    let address = Address(host: "127.0.0.1", port: port)
    #expect(throws: DialError.unreachable(address, "Connection refused")) { try call(a, address) }
  }

  @Test func `a name that doesn't exist is said in a word`() throws {
    let a = try Place.founding()
    #expect(throws: DialError.self) { try call(a, Address(host: "nowhere.invalid")) }
  }

  @Test func `a port that is taken is said in a word`() throws {
    let a = try Place.founding()
    let (descriptor, port) = Sockets.listen()
    let address = Address(host: "127.0.0.1", port: port)
    #expect(throws: ListenError.cannotBind(address, "Address already in use")) { try Host(a, at: address) }
    Sockets.shut(descriptor)
    let host = try Host(a, at: address)
    #expect(host.address == address)
    #expect(host.stop())
  }

  @Test func `a newcomer joins by its code, fetches all there is, and that ends who waited for it`() throws {
    let a = try Place.founding()
    try a.write(3)
    let code = try a.invite()
    let host = try Host(a) {
      $0.stopsAfterAdmission = true
      $0.callsNeighbours = false
      $0.newcomerPatience.further = 200
    }
    let b = try Place.unborn()
    let report = try Dialer.join(code, keys: b.keys, name: "Buffalo", at: host.address, program: "joiner")
    let joined = try b.join(try #require(report.joined))
    #expect(try call(b, host.address, device: a.keys.card.device).converged)
    #expect(wait { host.isOver })
    #expect(try a.isEqual(to: b))
    let newcomers = host.sessions.compactMap(\.report.admitted)
    #expect(newcomers.map(\.device) == [b.keys.card.device])
    #expect(newcomers.map(\.name) == ["Buffalo"])
    #expect(try joined.membership().isPresent(b.keys.card.device))
    #expect(host.stop())
  }

  @Test func `a newcomer who doesn't come back is waited for a while`() throws {
    let a = try Place.founding()
    let code = try a.invite()
    let host = try Host(a) {
      $0.stopsAfterAdmission = true
      $0.newcomerPatience.first = 300
    }
    let b = try Place.unborn()
    let report = try Dialer.join(code, keys: b.keys, name: "B", at: host.address, program: "joiner")
    #expect(report.joined != nil)
    #expect(wait { host.isOver })
    #expect(host.stop())
  }

  @Test func `a code serves once`() throws {
    let a = try Place.founding()
    let code = try a.invite()
    let host = try Host(a)
    for (device, isIn) in [(try Place.unborn(), true), (try Place.unborn(), false)] {
      let report = try Dialer.join(code, keys: device.keys, name: "B", at: host.address, program: "joiner")
      #expect((report.joined != nil) == isIn)
      if !isIn, case .refused(let reason)? = report.problem { #expect(reason == .spent) } else { #expect(isIn) }
    }
    #expect(host.stop())
  }
}
