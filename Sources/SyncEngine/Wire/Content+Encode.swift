// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

extension Content {
  /// The body's CBOR, before padding and sealing. `checkLimits` says whether others will take it.
  public func encoded() -> [UInt8] {
    var writer = CBORWriter(reserving: 64 + 32 * entries.count)
    var map = MapWriter(&writer, known: undoes == nil ? 2 : 3, unknown: unknown)
    map.key(Key.label, &writer)
    writer.int(label)
    map.key(Key.entries, &writer)
    writer.array(count: entries.count)
    for entry in entries { writer.entry(entry) }
    if let undoes {
      map.key(Key.undoes, &writer)
      writer.id(undoes)
    }
    map.finish(&writer)
    return writer.bytes
  }

  enum Key {
    static let label: UInt64 = 1
    static let entries: UInt64 = 2
    static let undoes: UInt64 = 3
  }
}

extension CBORWriter {
  fileprivate mutating func entry(_ entry: ContentEntry) {
    array(count: 2)
    switch entry.ref {
    case .new(.number(let kind)): uint(kind)
    case .new(.name(let kind)): text(kind)
    case .existing(let record): id(ID16(record))
    }
    map(count: entry.fields.count)
    for field in entry.fields {
      uint(field.field)
      edits(field.edits)
    }
  }

  private mutating func edits(_ edits: [WireEdit]) {
    if edits.count == 1, case .set(let value) = edits[0] { return self.value(value) }
    map(count: groups(edits))
    var start = 0
    while start < edits.count {
      var stop = start + 1
      while stop < edits.count, edits[stop].code == edits[start].code { stop += 1 }
      group(edits[start..<stop])
      start = stop
    }
  }

  private func groups(_ edits: [WireEdit]) -> Int {
    var count = 1
    for place in 1..<max(1, edits.count) where edits[place].code != edits[place - 1].code { count += 1 }
    return count
  }

  /// The edits of one code.
  private mutating func group(_ edits: ArraySlice<WireEdit>) {
    guard let first = edits.first else { return }
    uint(first.code)
    if first.key != nil { array(count: edits.count) }
    for edit in edits {
      switch edit {
      case .set(let value): self.value(value)
      case .add(let delta): int(delta)
      case .text(let edits): texts(edits)
      case .keyedTexts(let keyed): texts(keyed)
      case .unknown(_, let raw): self.raw(raw)
      case .setKey(let key, let value):
        array(count: 2)
        self.value(key)
        self.value(value)
      case .addKey(let key, let delta):
        array(count: 2)
        self.value(key)
        int(delta)
      }
    }
  }

  private mutating func texts(_ keyed: [KeyedText]) {
    array(count: keyed.count)
    for text in keyed {
      array(count: 2)
      value(text.key)
      texts(text.edits)
    }
  }

  private mutating func texts(_ edits: [TextEdit]) {
    array(count: edits.count)
    for edit in edits {
      array(count: 2)
      switch edit {
      case .insert(let position, let string):
        bound(position)
        text(string)
      case .delete(let position, let count):
        bound(position)
        bound(count)
      }
    }
  }

  private mutating func bound(_ number: Int) {
    precondition(number >= 0 && number <= Limits.textPosition, "an edit is made within a text")
    uint(UInt64(number))
  }
}
