// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

/// The digest of a space's state: a sum modulo 2^256 over its records (protocol.md section 6, "Digest").
/// It finds bugs; it is no security boundary.
struct StateDigest: Equatable {
  /// Four words, the most significant first.
  private var words: [UInt64]

  init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "a digest has 32 bytes")
    words = [0, 8, 16, 24].map { readBigEndian(bytes, at: $0) }
  }

  static let empty = StateDigest(bytes: [UInt8](repeating: 0, count: 32))

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for word in words { appendBigEndian(word, to: &bytes) }
    return bytes
  }

  mutating func replace(_ id: RecordID, _ old: RecordState, by new: RecordState, log: LogStore) {
    if !old.isBlank { subtract(Self.contribution(of: old, id: id, log: log)) }
    if !new.isBlank { add(Self.contribution(of: new, id: id, log: log)) }
  }

  private mutating func add(_ other: StateDigest) {
    var carry: UInt64 = 0
    for place in (0..<4).reversed() {
      let (one, over) = words[place].addingReportingOverflow(other.words[place])
      let (sum, again) = one.addingReportingOverflow(carry)
      words[place] = sum
      carry = over || again ? 1 : 0
    }
  }

  private mutating func subtract(_ other: StateDigest) {
    var borrow: UInt64 = 0
    for place in (0..<4).reversed() {
      let (one, under) = words[place].subtractingReportingOverflow(other.words[place])
      let (rest, again) = one.subtractingReportingOverflow(borrow)
      words[place] = rest
      borrow = under || again ? 1 : 0
    }
  }

  private static func contribution(of state: RecordState, id: RecordID, log: LogStore) -> StateDigest {
    StateDigest(bytes: Hash.H("record", id.bytes, canonical(state, log: log)))
  }

  /// A cell, a text, or both, of one name.
  private struct Named {
    let field: UInt64
    /// Encoded; `null` where there is none.
    let key: [UInt8]
    var cell = Cell()
    var text: TextMark?

    init(_ name: CellKey) {
      field = name.field
      key = StateDigest.encoded(name.key ?? .null)
    }

    /// By field, then the one without a key, then by the key's encoding.
    static func < (one: Named, other: Named) -> Bool {
      if one.field != other.field { return one.field < other.field }
      if one.key == StateDigest.noKey || other.key == StateDigest.noKey { return one.key != other.key && one.key == StateDigest.noKey }
      return one.key.lexicographicallyPrecedes(other.key)
    }
  }

  private static let noKey = encoded(.null)

  private static func named(_ state: RecordState) -> [Named] {
    var named: [CellKey: Named] = [:]
    for entry in state.cells { named[entry.key, default: Named(entry.key)].cell = entry.cell }
    for mark in state.texts { named[mark.name, default: Named(mark.name)].text = mark }
    return named.values.sorted(by: <)
  }

  /// The cells with global names for logs, in the order of protocol.md.
  static func canonical(_ state: RecordState, log: LogStore) -> [UInt8] {
    var writer = CBORWriter(reserving: 64 + 64 * state.cells.count)
    let all = named(state)
    writer.array(count: all.count)
    for one in all {
      writer.array(count: one.text == nil ? 4 : 5)
      writer.uint(one.field)
      writer.raw(one.key)
      write(one.cell, to: &writer, log: log)
      if let mark = one.text { write(mark, to: &writer, log: log) }
    }
    return writer.bytes
  }

  private static func write(_ mark: TextMark, to writer: inout CBORWriter, log: LogStore) {
    guard !mark.isOverfull else { return writer.null() }
    let heads = mark.heads.map { (log: log.globalID(of: $0.log), seq: $0.seq) }
      .sorted { ($0.log, $0.seq) < ($1.log, $1.seq) }
    writer.array(count: 2)
    writer.bytes(mark.hash)
    writer.array(count: heads.count)
    for head in heads {
      writer.array(count: 2)
      writer.id(head.log)
      writer.uint(head.seq)
    }
  }

  private static func write(_ cell: Cell, to writer: inout CBORWriter, log: LogStore) {
    let heads = cell.heads.map { CanonicalHead($0, in: log.globalID(of: $0.op.dot.log)) }.sorted()
    writer.array(count: heads.count)
    for head in heads {
      writer.array(count: 4)
      writer.id(head.log)
      writer.uint(head.op.dot.seq)
      writer.uint(UInt64(head.op.index))
      writer.raw(head.value)
    }
    // The branches of a log are one log here.
    var totals: [LogID: Int64] = [:]
    for sum in cell.sums { totals[log.globalID(of: sum.log), default: 0] &+= sum.sum }
    let sums = totals.sorted { $0.key < $1.key }
    writer.array(count: sums.count)
    for (log, sum) in sums {
      writer.array(count: 2)
      writer.id(log)
      writer.int(sum)
    }
  }

  fileprivate static func encoded(_ value: Value) -> [UInt8] {
    var writer = CBORWriter()
    value.encode(into: &writer)
    return writer.bytes
  }
}

extension RecordState {
  /// Whether nothing stands in it: it then says nothing in the digest.
  fileprivate var isBlank: Bool { cells.isEmpty && texts.isEmpty }
}

/// A head as the digest orders them: branches of one log may have several of one seq.
private struct CanonicalHead: Comparable {
  let log: LogID
  let op: OpID
  let value: [UInt8]

  init(_ head: Head, in log: LogID) {
    self.log = log
    op = head.op
    value = StateDigest.encoded(head.value)
  }

  static func < (one: CanonicalHead, other: CanonicalHead) -> Bool {
    if one.log != other.log { return one.log < other.log }
    if one.op.dot.seq != other.op.dot.seq { return one.op.dot.seq < other.op.dot.seq }
    if one.op.index != other.op.index { return one.op.index < other.op.index }
    return one.value.lexicographicallyPrecedes(other.value)
  }
}
