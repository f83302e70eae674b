// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine

/// Why a line of an export can't be taken.
public struct JSONLProblem: Error, Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// Not JSON at all.
    case json(JSONError.Reason)
    /// Not `mujawara/record/1`.
    case schema
    /// A member that is missing or isn't what it should be.
    case member(String)
    /// A field that the kind doesn't have, or a value that isn't one.
    case field(String)
    /// The record stands in the file twice.
    case twice
  }

  public let line: Int
  public let reason: Reason
}

/// An export read back: what it would write, before it writes.
///
/// Records keep their ids, so that references and places in lists hold, and reading it again changes nothing.
/// What is here and not in the file stays.
public struct ImportJSONL {
  public struct Planned: Sendable {
    public enum Action: Hashable, Sendable {
      case create, update, unchanged
      /// It was deleted here or has moved on; it stays so.
      case gone
      /// The profile of a place or device, which is for its owner alone to write.
      case profile
    }

    public let line: Int
    public let id: RecordID
    public let action: Action
    /// Fields of which the file has several competing values: the first is taken.
    public let undecided: [String]
  }

  public let planned: [Planned]
  public let problems: [JSONLProblem]
  private let editor: RecordEditor

  /// - Parameter restoring: brings back what was deleted here.
  public init(_ bytes: [UInt8], into replica: Replica, restoring: Bool = false) throws {
    var (planned, problems, editor) = ([Planned](), [JSONLProblem](), RecordEditor())
    var seen: Set<RecordID> = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      do {
        let exported = try ExportedRecord(Array(line), line: index + 1)
        guard seen.insert(exported.id).inserted else { throw JSONLProblem(line: index + 1, reason: .twice) }
        planned.append(try exported.plan(&editor, replica, restoring: restoring))
      } catch let problem as JSONLProblem {
        problems.append(problem)
      }
    }
    self.planned = planned
    self.problems = problems
    self.editor = editor
  }

  /// Writes what was planned, in one transaction; nothing if there was nothing to do.
  @discardableResult
  public func commit(to replica: Replica) throws -> RecordEditor.Outcome { try editor.commit(to: replica) }
}
