// SPDX-License-Identifier: AGPL-3.0-or-later

import Foundation
import Glibc
import SyncEngine
import Testing
import Transport

@Suite("A server") struct ServerTests {
  @Test func `is alone on its folder, whatever the port`() throws {
    let a = try Place.founding()
    let host = try Host(a)
    #expect(throws: ServeError.alreadyServing) { try Host(a) }
    #expect(throws: ServeError.alreadyServing) { try Host(a, at: host.address) }
    #expect(Nudge.send(folder: a.folder), "the refused one has left the first one's socket alone")
    #expect(host.stop())
    let again = try Host(a)
    #expect(again.stop())
  }

  @Test func `started many times at once runs once`() async throws {
    let a = try Place.founding()
    let hosts = await withTaskGroup(of: Host?.self, returning: [Host].self) { group in
      for _ in 0..<6 { group.addTask { try? Host(a) } }
      var hosts: [Host] = []
      for await case let host? in group { hosts.append(host) }
      return hosts
    }
    #expect(hosts.count == 1)
    #expect(Nudge.send(folder: a.folder))
    for host in hosts { #expect(host.stop()) }
  }

  @Test func `beside one that runs can wait for a newcomer`() throws {
    let a = try Place.founding()
    let host = try Host(a)
    let waiting = try Host(a) { $0.callsNeighbours = false }
    #expect(waiting.stop())
    #expect(Nudge.send(folder: a.folder))
    #expect(host.stop())
  }

  @Test func `replaces a socket that a crash left behind`() throws {
    let a = try Place.founding()
    let path = a.folder + "/" + Nudge.fileName
    try #require(Sockets.leaveStale(path))
    #expect(access(path, F_OK) == 0)
    #expect(!Nudge.send(folder: a.folder))
    let host = try Host(a)
    #expect(Nudge.send(folder: a.folder))
    #expect(host.stop())
  }

  @Test func `keeps its socket to its owner, and takes it away at the end`() throws {
    let a = try Place.founding()
    let path = a.folder + "/" + Nudge.fileName
    let host = try Host(a)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(host.stop())
    #expect(access(path, F_OK) != 0)
    #expect(!Nudge.send(folder: a.folder))
  }

  @Test func `says when its folder's path is too long for a socket`() throws {
    let a = try Place.founding(beneath: "/" + String(repeating: "d", count: 100))
    #expect(throws: ServeError.pathTooLong(limit: 107)) { try Host(a) }
    #expect(!Nudge.send(folder: a.folder))
  }

  @Test func `leaves no socket behind where it can't listen`() throws {
    let a = try Place.founding()
    let (descriptor, port) = Sockets.listen()
    defer { Sockets.shut(descriptor) }
    #expect(throws: (any Error).self) { try Host(a, at: .init(host: "127.0.0.1", port: port)) }
    #expect(access(a.folder + "/" + Nudge.fileName, F_OK) != 0)
    let again = try Host(a)
    #expect(again.stop())
  }

  @Test func `brings what is new to its neighbours when it is nudged`() throws {
    let a = try Place.founding()
    let b = try a.admitting()
    let listening = try Host(b)
    let neighbour = Neighbour(name: "b", address: listening.address, device: nil)
    let host = try Host(a, neighbours: [neighbour])
    #expect(wait { host.sessions.contains { $0.neighbour == "b" && $0.report.converged } })
    try a.write(1)
    #expect(try !a.isEqual(to: b), "nobody has been told yet")
    #expect(Nudge.send(folder: a.folder))
    #expect(try wait { try a.isEqual(to: b) })
    #expect(host.stop() && listening.stop())
  }

  @Test func `makes one call of many nudges`() throws {
    let a = try Place.founding()
    let b = try a.admitting()
    let listening = try Host(b)
    let neighbour = Neighbour(name: "b", address: listening.address, device: b.keys.card.device)
    let host = try Host(a, neighbours: [neighbour])
    #expect(wait { host.sessions.count == 1 })
    for _ in 0..<20 {
      try a.write(1)
      #expect(Nudge.send(folder: a.folder))
    }
    #expect(try wait { try a.isEqual(to: b) })
    #expect(host.sessions.count < 15, "\(host.sessions.count) sessions")
    #expect(host.stop() && listening.stop())
  }

  @Test func `tells of neighbours who can't be reached, and serves on`() throws {
    let a = try Place.founding()
    let b = try a.admitting()
    let (descriptor, port) = Sockets.listen()
    Sockets.shut(descriptor)
    let neighbours = [
      Neighbour(name: "gone", address: .init(host: "127.0.0.1", port: port), device: nil),
      Neighbour(name: "nameless", address: .init(host: "nowhere.invalid"), device: nil),
    ]
    let host = try Host(a, neighbours: neighbours)
    #expect(wait { host.unreachable.sorted() == ["gone", "nameless"] })
    #expect(try call(b, host.address).converged)
    #expect(host.stop())
  }

  @Test func `ends a call that is on its way, and a session that is going on, when it stops`() throws {
    let a = try Place.founding()
    let b = try a.admitting()
    try a.write(50, bytes: 20_000)
    let listening = try Host(b)
    let proxy = Proxy(to: listening.address)
    proxy.freeze(after: 100_000)
    let neighbour = Neighbour(name: "b", address: proxy.address, device: nil)
    let host = try Host(a, neighbours: [neighbour])
    #expect(wait { proxy.isFrozen })
    #expect(host.stop())
    #expect(host.sessions.map(\.neighbour) == ["b"], "the broken session is told of")
    proxy.stop()
    #expect(listening.stop())
    #expect(try a.damage() == [] && b.damage() == [])
  }

  @Test func `gives its port back at once`() throws {
    let a = try Place.founding()
    let host = try Host(a)
    let address = host.address
    let stranger = Stranger(at: address)
    #expect(host.stop())
    stranger.listen(1)
    #expect(stranger.isHungUp && stranger.heard == [])
    let again = try Host(a, at: address)
    #expect(again.stop())
  }

  @Test func `can be stopped twice, and before it runs`() throws {
    let a = try Place.founding()
    let host = try Host(a)
    #expect(host.stop() && host.stop())
    var settings = Server.Settings(address: .init(host: "127.0.0.1", port: 0))
    settings.obeysSignals = false
    let server = Server(try a.open(), settings: settings, program: "early", event: { _ in })
    server.stop()
    try server.run()
  }
}
