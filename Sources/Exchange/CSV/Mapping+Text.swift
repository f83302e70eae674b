// SPDX-License-Identifier: AGPL-3.0-or-later

extension Mapping {
  /// One pair for every column, also for those left out.
  public var pairs: [String] {
    columns.indices.map { "\(name(of: $0))=\(self[$0]?.description ?? "")" }
  }

  /// The pairs on one line each, to be remembered; `\\` and line ends in names are escaped.
  public var text: String { pairs.map(Self.escaped).joined(separator: "\n") }

  /// Reads what `text` wrote. Columns that the file doesn't have any more are passed over.
  public init(text: String, columns: [String], fields: [TargetField]) throws(MappingError) {
    self.init(columns: columns)
    for line in text.split(separator: Character("\n")) {
      do throws(MappingError) {
        try apply(Self.unescaped(String(line)), fields: fields)
      } catch .noSuchColumn {
        continue
      }
    }
  }

  /// Sets one column as the user said: `column=field`, `column=field:fr`, `#3=field` or `column=`.
  ///
  /// Column and field may be written in any case, without accents, and the field by an alias.
  public mutating func apply(_ pair: String, fields: [TargetField]) throws(MappingError) {
    guard let equals = pair.lastIndex(of: "=") else { throw .notAPair(pair) }
    let column = try column(named: String(pair[..<equals]))
    let name = String(pair[pair.index(after: equals)...])
    guard !name.isEmpty else {
      self[column] = nil
      return
    }
    let (field, target) = try Self.target(named: name, fields)
    let isTaken = entries.contains { $0.target == target && $0.column != column }
    guard field.takesMany || !isTaken else { throw .fieldTwice(target) }
    self[column] = target
  }

  private func column(named name: String) throws(MappingError) -> Int {
    for key in [{ $0 }, HeaderName.folded] as [(String) -> String] where !key(name).isEmpty {
      let found = columns.indices.filter { key(columns[$0]) == key(name) }
      if found.count > 1 { throw .severalColumns(name) }
      if let only = found.first { return only }
      if name.hasPrefix("#"), let number = Int(name.dropFirst()), columns.indices.contains(number - 1) {
        return number - 1
      }
    }
    throw .noSuchColumn(name)
  }

  private static func target(
    named name: String, _ fields: [TargetField]
  ) throws(MappingError) -> (TargetField, FieldTarget) {
    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 {
      guard let field = MappingGuess.field(named: String(parts[0]), fields) else { throw .noSuchField(name) }
      guard field.takesLanguage else { throw .noLanguages(field.name) }
      guard isLanguageTag(parts[1]) else { throw .noSuchField(name) }
      return (field, FieldTarget(field.name, language: String(parts[1])))
    }
    if let field = MappingGuess.field(named: name, fields) { return (field, FieldTarget(field.name)) }
    guard let (base, language) = HeaderName.splitLanguage(name),
      let field = MappingGuess.field(named: base, fields)
    else { throw .noSuchField(name) }
    guard field.takesLanguage else { throw .noLanguages(field.name) }
    return (field, FieldTarget(field.name, language: language))
  }

  private static func isLanguageTag(_ tag: Substring) -> Bool {
    tag.wholeMatch(of: /[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}/) != nil
  }

  private static func escaped(_ pair: String) -> String {
    var line = ""
    for scalar in pair.unicodeScalars {
      switch scalar {
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      case "\r": line += "\\r"
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }

  private static func unescaped(_ line: String) -> String {
    var pair = String.UnicodeScalarView()
    var scalars = line.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "\\", let code = scalars.next() else {
        pair.append(scalar)
        continue
      }
      pair.append(code == "n" ? "\n" : code == "r" ? "\r" : code)
    }
    return String(pair)
  }
}
