// SPDX-License-Identifier: AGPL-3.0-or-later

import SQLite

/// A neighbour as this replica's people noted it: where to call, and how the last calls went. Local, never sent.
public struct PeerNote: Sendable, Equatable {
  public var name: String
  /// `host:port`
  public var address: String
  /// Known once a session with it has begun.
  public var device: DeviceID?
  /// When it was last called, reached, and found equal, in milliseconds since 1970.
  public var tried: UInt64?
  public var reached: UInt64?
  public var converged: UInt64?
  /// Why the last call failed; nil if it didn't.
  public var problem: String?

  public init(name: String, address: String, device: DeviceID? = nil) {
    self.name = name
    self.address = address
    self.device = device
  }
}

extension Replica {
  /// All neighbours noted, by name.
  public func peers() throws -> [PeerNote] {
    try database.read {
      let query = try database.connection.statement(
        "SELECT name, address, device, tried, reached, converged, said FROM peer ORDER BY name")
      defer { query.reset() }
      var peers: [PeerNote] = []
      while try query.step() {
        var peer = PeerNote(
          name: query.text(0), address: query.text(1), device: query.optionalBytes(2).flatMap { DeviceID($0) })
        peer.tried = query.optionalInt(3).map(UInt64.init)
        peer.reached = query.optionalInt(4).map(UInt64.init)
        peer.converged = query.optionalInt(5).map(UInt64.init)
        peer.problem = query.isNull(6) ? nil : query.text(6)
        peers.append(peer)
      }
      return peers
    }
  }

  /// Notes a neighbour, or notes anew the one of this name.
  public func note(_ peer: PeerNote) throws {
    try database.write {
      let insert = try database.connection.statement(
        "INSERT OR REPLACE INTO peer(name, address, device, tried, reached, converged, said) VALUES(?,?,?,?,?,?,?)")
      insert.bind(1, peer.name).bind(2, peer.address).bind(3, peer.device?.bytes)
        .bind(4, peer.tried.map(Int64.init)).bind(5, peer.reached.map(Int64.init))
        .bind(6, peer.converged.map(Int64.init))
      if let problem = peer.problem { insert.bind(7, problem) }
      try insert.run()
    }
  }

  /// Forgets a neighbour. False if there was none of this name.
  public func forgetPeer(_ name: String) throws -> Bool {
    try database.write {
      try database.connection.statement("DELETE FROM peer WHERE name=?").bind(1, name).run()
      return database.connection.changes > 0
    }
  }
}
