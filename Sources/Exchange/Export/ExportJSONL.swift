// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds
import SyncEngine

/// Everything that this device reads, a record a line: the way out, and the way into another network.
public enum ExportJSONL {
  /// - Parameters:
  ///   - kinds: nil for all.
  ///   - authors: who wrote what and when; without it two replicas with the same records give the same bytes.
  public static func text(of replica: Replica, kinds: [Kind]? = nil, authors: Bool = true) throws -> String {
    try replica.reading {
      let directory = authors ? try Kinds.Directory(replica) : nil
      let writer = RecordJSON(replica, directory: directory)
      let records = try replica.readAll().filter { record in
        kinds.map { kinds in record.kind.map(kinds.contains) ?? false } ?? true
      }
      return JSONLines.text(try records.map { try writer.json($0) })
    }
  }
}
