// SPDX-License-Identifier: AGPL-3.0-or-later

/// The body of a redaction (protocol.md section 6, "Redaction"): the changes of content that it takes back.
///
/// It isn't sealed, so that who carries a space without reading it can drop their bodies too.
public struct RedactionBody: Hashable, Sendable {
  /// Strictly ascending, 1 to 256.
  public var targets: [ChangeID]
  /// Strictly ascending by key, none of them 1.
  public var unknown: [UnknownKey]

  public init(targets: [ChangeID], unknown: [UnknownKey] = []) {
    self.targets = targets
    self.unknown = unknown
  }

  public func encoded() -> [UInt8] {
    var w = CBORWriter(reserving: 16 + 34 * targets.count)
    var map = MapWriter(&w, known: 1, unknown: unknown)
    map.key(1, &w); w.ids(targets)
    map.finish(&w)
    return w.bytes
  }

  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    guard bytes.count <= Limits.body else { throw .limit(at: 0, "a body has at most 262,144 bytes") }
    var r = CBORReader(bytes)
    var map = try MapReader(&r, known: 1...1, inside: 0)
    var targets: [ChangeID]?
    while try map.next(&r) != nil { targets = try r.readIDs(1...Limits.redactions, "1 to 256 changes") }
    try r.finish()
    self.init(targets: try targets.orMissing(1), unknown: map.unknown)
  }
}
