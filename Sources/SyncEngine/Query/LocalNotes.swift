// SPDX-License-Identifier: AGPL-3.0-or-later

/// What a replica remembers for its people and shares with nobody.
extension Replica {
  /// How a spreadsheet's columns were mapped to fields under this name; nil if nothing is remembered.
  public func mapping(named name: String) throws -> String? {
    try database.read {
      let query = try database.connection.statement("SELECT json FROM mapping WHERE name=?").bind(1, name)
      defer { query.reset() }
      return try query.step() ? query.text(0) : nil
    }
  }

  /// Remembers a mapping under a name, in place of an earlier one.
  public func remember(mapping json: String, named name: String) throws {
    try database.write {
      try database.connection.statement("INSERT OR REPLACE INTO mapping(name, json) VALUES(?,?)")
        .bind(1, name).bind(2, json).run()
    }
  }
}
