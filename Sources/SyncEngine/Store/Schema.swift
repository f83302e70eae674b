// SPDX-License-Identifier: AGPL-3.0-or-later

import SQLite

/// The tables. `change` is immutable; everything below "derived" can be dropped and rebuilt from it.
///
/// A *dot* is `log << 40 | seq` with local numbers for logs, so that a log lies together on disk.
enum Schema {
  static var version: Int64 { Int64(steps.count) }

  /// What makes each version out of the one before. A step that was released is never changed.
  private static let steps = [first, second, third, fourth, fifth]

  static func migrate(_ connection: Connection) throws {
    for step in steps[Int(try connection.scalar("PRAGMA user_version"))...] { try connection.execute(step) }
    try connection.execute("PRAGMA user_version=\(version)")
  }

  private static let first = """
    -- What belongs to the replica itself.
    CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE peer(name TEXT PRIMARY KEY, address TEXT NOT NULL, device BLOB,
      tried INTEGER, reached INTEGER, converged INTEGER, said TEXT) WITHOUT ROWID;
    -- The last seq of each log that a device has shown to hold, and when it did.
    CREATE TABLE held(device BLOB, log BLOB, seq INTEGER NOT NULL, seen INTEGER NOT NULL,
      PRIMARY KEY(device, log)) WITHOUT ROWID;
    CREATE TABLE mapping(name TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;

    -- The log of changes.
    CREATE TABLE space(space INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE);
    CREATE TABLE log(log INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, space INTEGER NOT NULL,
      author BLOB NOT NULL, incarnation BLOB NOT NULL);
    CREATE TABLE govset(gov INTEGER PRIMARY KEY, ids BLOB NOT NULL UNIQUE);
    CREATE TABLE change(dot INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL,
      stamp INTEGER NOT NULL, others INTEGER NOT NULL, cum INTEGER NOT NULL, flags INTEGER NOT NULL,
      state INTEGER NOT NULL, vector INTEGER NOT NULL, heads BLOB, gov INTEGER, epoch INTEGER, nonce BLOB,
      extra BLOB, body BLOB NOT NULL, signature BLOB NOT NULL);
    CREATE INDEX change_unreadable ON change(epoch) WHERE state=2;
    CREATE TABLE head(space INTEGER, dot INTEGER, PRIMARY KEY(space, dot)) WITHOUT ROWID;
    CREATE TABLE vector(dot INTEGER PRIMARY KEY, dots BLOB NOT NULL);
    CREATE TABLE pending(id BLOB PRIMARY KEY, author BLOB NOT NULL, space BLOB NOT NULL,
      size INTEGER NOT NULL, log BLOB NOT NULL, seq INTEGER NOT NULL, envelope BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE want(missing BLOB, id BLOB, PRIMARY KEY(missing, id)) WITHOUT ROWID;
    CREATE TABLE fork(id BLOB PRIMARY KEY, log INTEGER NOT NULL, seq INTEGER NOT NULL,
      envelope BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE epoch(epoch INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, space INTEGER NOT NULL,
      stamp INTEGER NOT NULL, sealed BLOB, superseded INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE roster(epoch INTEGER, device BLOB, PRIMARY KEY(epoch, device)) WITHOUT ROWID;

    -- Derived from the log.
    CREATE TABLE standing(log INTEGER, gov INTEGER, kind INTEGER, counts INTEGER NOT NULL,
      PRIMARY KEY(log, gov, kind)) WITHOUT ROWID;
    CREATE TABLE identity(rid INTEGER PRIMARY KEY, space INTEGER NOT NULL, id BLOB NOT NULL,
      shelf BLOB NOT NULL, UNIQUE(id, space));
    CREATE TABLE record(space INTEGER, shelf BLOB, rid INTEGER, state BLOB NOT NULL,
      PRIMARY KEY(space, shelf, rid)) WITHOUT ROWID;
    -- The records of which some cell has several heads, or that only an edit keeps from being deleted.
    CREATE TABLE rivalry(space INTEGER, rid INTEGER, PRIMARY KEY(space, rid)) WITHOUT ROWID;
    CREATE TABLE touch(rid INTEGER, dot INTEGER, PRIMARY KEY(rid, dot)) WITHOUT ROWID;
    CREATE TABLE tally(space INTEGER, shelf BLOB, visible INTEGER NOT NULL,
      PRIMARY KEY(space, shelf)) WITHOUT ROWID;
    CREATE TABLE digest(space INTEGER PRIMARY KEY, sum BLOB NOT NULL);
    """

  private static let second = """
    -- What a waiting change still waits for.
    CREATE INDEX want_id ON want(id);
    """

  private static let third = """
    -- The changes whose bodies aren't held, and the redactions, which take bodies away.
    CREATE INDEX change_bodyless ON change(dot) WHERE flags & 8;
    CREATE INDEX change_redaction ON change(dot) WHERE kind=3;
    -- Derived: the changes that are taken back, and by which redactions.
    CREATE TABLE redaction(target INTEGER, dot INTEGER, PRIMARY KEY(target, dot)) WITHOUT ROWID;
    -- Changes that the program before didn't understand may be understood now.
    INSERT OR REPLACE INTO meta(key, value) SELECT 'rebuild', x'01' WHERE EXISTS (SELECT 1 FROM change);
    """

  private static let fourth = """
    -- Derived from the log: the texts that several people write, plain, and what the end of each one's history is.
    CREATE TABLE text(text INTEGER PRIMARY KEY, rid INTEGER NOT NULL, field INTEGER NOT NULL, key BLOB NOT NULL,
      weight INTEGER NOT NULL, tip BLOB NOT NULL, plain BLOB NOT NULL, UNIQUE(rid, field, key));
    -- Their histories, packed: each row goes on where the one before it ends.
    CREATE TABLE texthistory(text INTEGER, first INTEGER, changes BLOB NOT NULL,
      PRIMARY KEY(text, first)) WITHOUT ROWID;
    -- Texts that came while the program didn't know them stand in the log.
    INSERT OR REPLACE INTO meta(key, value) SELECT 'rebuild', x'01' WHERE EXISTS (SELECT 1 FROM change);
    """

  private static let fifth = """
    -- The logs that are branches of others, under ids of their own in `log`.
    CREATE TABLE branch(log INTEGER PRIMARY KEY, follows INTEGER NOT NULL, first BLOB NOT NULL);
    -- Derived: of each branch of a forked log, the last seq that counts.
    CREATE TABLE extent(log INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
    -- Of forked logs, the changes up to which a device has shown to hold them.
    CREATE TABLE held_branch(device BLOB, log BLOB, id BLOB, PRIMARY KEY(device, log, id)) WITHOUT ROWID;
    """
}
