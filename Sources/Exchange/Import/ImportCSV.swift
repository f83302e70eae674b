// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import Kinds
import SyncEngine

/// Why a row can't be taken.
public struct ImportProblem: Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// The row is damaged.
    case row(CSVProblem.Reason)
    /// The field, what stands there, and what is expected.
    case field(name: String, text: String, FieldError.Reason)
    /// Nothing says what to call the record.
    case noTitle
    /// Nothing says when the event is; a draft may leave it open.
    case noTime
    /// The title has more than this many characters.
    case titleTooLong(limit: Int)
    /// Another row of the file has the same external id.
    case repeatedID(String)
  }

  /// Counted from 1.
  public let line: Int
  /// As `Mapping.name(of:)` has it; nil when the whole row is meant.
  public let column: String?
  public let reason: Reason
}

extension FieldError.Reason: Hashable {
  public func hash(into hasher: inout Hasher) { hasher.combine(String(describing: self)) }
}

/// Rows were bad and nothing was written.
public struct ImportRefused: Error, Hashable, Sendable {
  public let problems: [ImportProblem]
}

/// A spreadsheet read and compared with what is here: what it would write, before it writes.
///
/// A row's record is found again by the file's source and the row's external id, so that reading a file again
/// updates and never doubles; the same file read by two places makes the same records.
public struct ImportCSV {
  /// Characters (Unicode scalars) that a title may have.
  public static let titleLimit = 500

  public struct Options {
    /// The name of the file, or of the system that it comes from.
    public var source: String
    /// Nil: what the kind has.
    public var privacy: Privacy?
    /// Brings back records that were deleted here.
    public var isRestoring = false
    public var input: FieldInput

    public init(source: String, privacy: Privacy? = nil, input: FieldInput) {
      self.source = source
      self.privacy = privacy
      self.input = input
    }
  }

  /// What becomes of one row.
  public struct Planned: Sendable {
    public enum Action: Hashable, Sendable {
      case create, update, unchanged
      /// Its record was deleted here; it stays so.
      case gone
    }

    public struct Change: Hashable, Sendable {
      public let field: String
      /// The language of a translation, the member of a set.
      public let key: String?
      public let old: Value
      public let new: Value
    }

    public let line: Int
    public let id: RecordID
    public let title: String
    public let action: Action
    /// What the row would change; all that it says where it makes a record.
    public let changes: [Change]
  }

  public let planned: [Planned]
  /// By line.
  public let problems: [ImportProblem]
  /// The list that items go to.
  public let list: RecordID?
  private let editor: RecordEditor

  public init(
    _ table: CSVTable, as target: ImportTarget, mapping: Mapping, _ options: Options, into replica: Replica
  ) throws {
    var planner = try ImportPlanner(target, mapping, options, replica)
    for row in table.rows { try planner.plan(row) }
    planned = planner.planned
    let damaged = table.problems.map {
      ImportProblem(line: $0.line, column: nil, reason: .row($0.reason))
    }
    problems = (damaged + planner.problems).sorted { $0.line < $1.line }
    list = planner.list
    editor = planner.editor
  }

  public func count(_ action: Planned.Action) -> Int { planned.count { $0.action == action } }

  /// Writes what was planned in one transaction. Throws `ImportRefused` if any row is bad, unless the good
  /// ones are wanted alone.
  @discardableResult
  public func commit(to replica: Replica, partial: Bool = false) throws -> RecordEditor.Outcome {
    guard partial || problems.isEmpty else { throw ImportRefused(problems: problems) }
    return try editor.commit(to: replica)
  }
}
