// SPDX-License-Identifier: AGPL-3.0-or-later

/// Guesses which column becomes which field, from the header and a few rows.
public enum MappingGuess {
  /// The best column for each field and the best field for each column: by the name, else by an alias, both
  /// without case and accents; between several, by what the values look like. A column whose name says
  /// nothing is taken by its values alone, if those fit one field that is still free.
  public static func propose(
    columns: [String], sampleRows: [CSVRow], fields: [TargetField]
  ) -> Mapping {
    var mapping = Mapping(columns: columns)
    var taken: Set<FieldTarget> = []
    let named = columns.indices.flatMap { candidates($0, columns, sampleRows, fields) }
    take(from: named, into: &mapping, &taken)
    let free = fields.filter { $0.shape != .text && !taken.contains(FieldTarget($0.name)) }
    for column in mapping.unmapped where isUnknown(columns[column], fields) {
      let fitting = free.filter { $0.shape.share(of: values(column, sampleRows)) == 1 }
      guard fitting.count == 1, let field = fitting.first else { continue }
      guard taken.insert(FieldTarget(field.name)).inserted else { continue }
      mapping[column] = FieldTarget(field.name)
    }
    return mapping
  }

  /// A field by its name or an alias, exactly or folded.
  static func field(named name: String, _ fields: [TargetField]) -> TargetField? {
    var best: (field: TargetField, score: Int)?
    for field in fields {
      let score = score(name, field)
      if score > best?.score ?? 0 { best = (field, score) }
    }
    return best?.field
  }

  private struct Candidate {
    var column: Int
    var field: TargetField
    var target: FieldTarget
    var score: Int
  }

  private static func candidates(
    _ column: Int, _ columns: [String], _ rows: [CSVRow], _ fields: [TargetField]
  ) -> [Candidate] {
    let split = HeaderName.splitLanguage(columns[column])
    return fields.compactMap { field in
      var target = FieldTarget(field.name)
      var score = score(columns[column], field)
      if score == 0, field.takesLanguage, let split {
        score = self.score(split.base, field)
        target.language = split.language
      }
      guard score > 0 else { return nil }
      score += bonus(field.shape, column, rows)
      return Candidate(column: column, field: field, target: target, score: score)
    }
  }

  private static func score(_ name: String, _ field: TargetField) -> Int {
    if name == field.name { return 100 }
    if field.aliases.contains(name) { return 90 }
    let folded = HeaderName.folded(name)
    if folded.isEmpty { return 0 }
    if folded == HeaderName.folded(field.name) { return 85 }
    return field.aliases.contains { HeaderName.folded($0) == folded } ? 80 : 0
  }

  /// Values of the wrong shape count more than a better name, and never rule a column out.
  private static func bonus(_ shape: ValueShape, _ column: Int, _ rows: [CSVRow]) -> Int {
    guard shape != .text, let share = shape.share(of: values(column, rows)) else { return 0 }
    return share >= 0.8 ? 20 : share == 0 ? -60 : 0
  }

  private static func take(
    from candidates: [Candidate], into mapping: inout Mapping, _ taken: inout Set<FieldTarget>
  ) {
    let order = candidates.indices.sorted {
      (-candidates[$0].score, $0) < (-candidates[$1].score, $1)
    }
    for candidate in order.map({ candidates[$0] }) where mapping[candidate.column] == nil {
      guard candidate.field.takesMany || !taken.contains(candidate.target) else { continue }
      taken.insert(candidate.target)
      mapping[candidate.column] = candidate.target
    }
  }

  private static func isUnknown(_ name: String, _ fields: [TargetField]) -> Bool {
    fields.allSatisfy { score(name, $0) == 0 }
  }

  private static func values(_ column: Int, _ rows: [CSVRow]) -> [String] {
    rows.prefix(50).map { $0.fields[column] }
  }
}
