// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds
import SyncEngine

/// What a spreadsheet's rows become.
public enum ImportTarget: Hashable, Sendable {
  case events
  case organisations
  case things
  /// Items of one list, which is made with this title unless the same source made it before.
  case list(title: String)
  /// Items of a list that is there.
  case items(of: ID16)

  public var kind: Kind {
    switch self {
    case .events: .event
    case .organisations: .organisation
    case .things: .thing
    case .list, .items: .item
    }
  }

  /// The fields that a column can become.
  public var fields: [TargetField] {
    let own = kind.fields.filter { $0.isTyped && !Self.unfit.contains($0.name) }.compactMap(Self.target)
    let unit = kind.field(named: "qty") == nil ? [] : [TargetField("unit")]
    guard kind == .event else { return own + unit }
    return own + unit + [
      TargetField("when_text", aliases: ["when", "quand", "dates", "cuándo", "متى"]), TargetField("repeat"),
    ]
  }

  private static let unfit: Set<String> = ["source", "archived", "public", "lang"]

  private static func target(_ field: Field) -> TargetField? {
    let aliases = (FieldAliases.common[field.name] ?? []) + field.aliases
    switch field.shape {
    case .reference, .overrides, .position, .answers, .bases, .prose: return nil
    case .localized: return TargetField(field.name, aliases: aliases, takesLanguage: true)
    case .set: return TargetField(field.name, aliases: aliases, takesMany: true)
    case .when: return TargetField(field.name, aliases: aliases, shape: .edtf)
    case .link: return TargetField(field.name, aliases: aliases, shape: .link)
    case .int, .quantity: return TargetField(field.name, aliases: aliases, shape: .number)
    default: return TargetField(field.name, aliases: aliases)
    }
  }

  /// The mapping to propose for a file.
  public func guess(_ table: CSVTable) -> Mapping {
    MappingGuess.propose(columns: table.columns, sampleRows: Array(table.rows.prefix(50)), fields: fields)
  }
}
