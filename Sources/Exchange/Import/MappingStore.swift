// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds
import SyncEngine

extension Replica {
  private static var mappingSchema: String { "mujawara/mapping/1" }

  /// The mapping that was remembered under a name, for a file with these columns; nil if there is none that
  /// still fits.
  public func mapping(named name: String, for target: ImportTarget, columns: [String]) throws -> Mapping? {
    guard let text = try mapping(named: name), let json = try? JSONValue(parsing: text),
      json["schema"]?.string == Self.mappingSchema, let pairs = json["pairs"]?.string
    else { return nil }
    return try? Mapping(text: pairs, columns: columns, fields: target.fields)
  }

  public func remember(_ mapping: Mapping, named name: String) throws {
    let json = JSONValue.object([
      JSONMember("schema", .string(Self.mappingSchema)), JSONMember("pairs", .string(mapping.text)),
    ])
    try remember(mapping: json.text, named: name)
  }
}
