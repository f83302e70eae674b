// SPDX-License-Identifier: AGPL-3.0-or-later

import SQLite

/// Small facts of the replica itself, by name.
struct MetaStore {
  let connection: Connection

  func get(_ key: String) throws -> [UInt8]? {
    let query = try connection.statement("SELECT value FROM meta WHERE key=?").bind(1, key)
    defer { query.reset() }
    return try query.step() ? query.bytes(0) : nil
  }

  func set(_ key: String, _ value: [UInt8]) throws {
    try connection.statement("INSERT OR REPLACE INTO meta(key, value) VALUES(?,?)").bind(1, key).bind(2, value).run()
  }

  func remove(_ key: String) throws {
    try connection.statement("DELETE FROM meta WHERE key=?").bind(1, key).run()
  }
}
