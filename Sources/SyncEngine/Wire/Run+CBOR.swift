// SPDX-License-Identifier: AGPL-3.0-or-later

extension Run {
  /// The payload of a CHANGES frame.
  public func encoded() -> [UInt8] {
    var w = CBORWriter(reserving: entries.reduce(400) { $0 + $1.byteBound })
    w.array(count: 6)
    w.id(space)
    w.id(author)
    w.bytes8(incarnation)
    w.uint(firstSeq)
    if let base { base.encode(into: &w) } else { w.null() }
    w.array(count: entries.count)
    for entry in entries { entry.encode(into: &w) }
    return w.bytes
  }

  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    var r = CBORReader(bytes)
    try r.readArrayHeader(count: 6, "a run of six")
    let space = try r.readID16()
    let author = try r.readID32()
    let incarnation = try r.readBytes8()
    let start = r.offset
    let firstSeq = try r.readUInt(upTo: Limits.seq, "seq is below 2^40")
    guard firstSeq >= 1 else { throw .invalid(at: start, "seq counts from 1") }
    let baseStart = r.offset
    let base = r.readNullIfPresent() ? nil : try RunBase(from: &r)
    guard base == nil || firstSeq > 1 else { throw .invalid(at: baseStart, "nothing comes before seq 1") }
    let entries = try Self.readEntries(&r, firstSeq: firstSeq)
    try r.finish()
    self.init(
      space: space, author: author, incarnation: incarnation, firstSeq: firstSeq, base: base,
      entries: entries)
  }

  private static func readEntries(
    _ r: inout CBORReader, firstSeq: UInt64
  ) throws(DecodingError) -> [RunEntry] {
    let start = r.offset
    let count = try r.readArrayHeader()
    guard count > 0 else { throw .invalid(at: start, "a run has an entry") }
    guard UInt64(count) <= Limits.seq - firstSeq + 1 else { throw .limit(at: start, "seq is below 2^40") }
    var entries: [RunEntry] = []
    for _ in 0..<count { entries.append(try RunEntry(from: &r)) }
    return entries
  }
}

extension RunBase {
  func encode(into w: inout CBORWriter) {
    w.array(count: 5)
    w.id(prev)
    w.uint(stamp)
    w.uint(cum)
    if let epoch { w.id(epoch) } else { w.null() }
    w.ids(gov)
  }

  init(from r: inout CBORReader) throws(DecodingError) {
    try r.readArrayHeader(count: 5, "a base of five")
    self.init(
      prev: try r.readID32(), stamp: try r.readUInt(upTo: Limits.number, "a stamp is at most 2^53"),
      cum: try r.readUInt(upTo: Limits.number, "cum is at most 2^53"),
      epoch: r.readNullIfPresent() ? nil : try r.readID32(),
      gov: try r.readIDs(0...Limits.governanceHeads, "at most 8 gov"))
  }
}

extension RunEntry {
  func encode(into w: inout CBORWriter) {
    w.array(count: extra.isEmpty ? 5 : 6)
    w.uint(stampStep)
    w.array(count: heads.count)
    for head in heads {
      switch head {
      case .id(let id): w.id(id)
      case .listed(let index): w.uint(UInt64(index))
      }
    }
    if let nonce { w.bytes(nonce) } else { w.null() }
    switch ciphertext {
    case .bytes(let bytes): w.bytes(bytes)
    case .missing(let hash, let length):
      w.array(count: 2)
      w.id(hash)
      w.uint(length)
    }
    w.bytes(signature)
    if !extra.isEmpty { extra.encode(into: &w) }
  }

  /// Reads an entry, which stands in two arrays.
  init(from r: inout CBORReader) throws(DecodingError) {
    let start = r.offset
    let count = try r.readArrayHeader()
    guard count == 5 || count == 6 else { throw .unexpected(at: start, expected: "an entry of five or six") }
    self.init(
      stampStep: try r.readUInt(upTo: Limits.number, "a stamp is at most 2^53"),
      heads: try Self.readHeads(&r),
      nonce: r.readNullIfPresent() ? nil : try r.readBytes(count: 24),
      ciphertext: try Self.readCiphertext(&r),
      signature: try r.readBytes(count: 64))
    if count == 6 { extra = try RunExtra(from: &r) }
  }

  private static func readHeads(_ r: inout CBORReader) throws(DecodingError) -> [RunHead] {
    let start = r.offset
    let count = try r.readArrayHeader()
    guard count <= Limits.heads else { throw .limit(at: start, "at most 32 heads") }
    var heads: [RunHead] = []
    heads.reserveCapacity(count)
    for _ in 0..<count {
      if r.next == .uint {
        let most = UInt64(Limits.frame)
        heads.append(.listed(Int(try r.readUInt(upTo: most, "a LIST has at most 2^20 entries"))))
      } else {
        heads.append(.id(try r.readID32()))
      }
    }
    return heads
  }

  private static func readCiphertext(_ r: inout CBORReader) throws(DecodingError) -> RunCiphertext {
    guard r.next == .array else { return .bytes(try r.readBytes()) }
    try r.readArrayHeader(count: 2, "a hash and a length")
    return .missing(
      hash: try r.readID32(), length: try r.readUInt(upTo: Limits.ciphertext, "ct_len is at most 270,352"))
  }
}

extension RunExtra {
  fileprivate func encode(into w: inout CBORWriter) {
    typealias Key = ChangeHeader.Key
    var map = MapWriter(&w, known: count, unknown: unknown)
    if kind != .content { map.key(Key.kind, &w); w.uint(kind.number) }
    if let gov { map.key(Key.gov, &w); w.ids(gov) }
    if let epoch { map.key(Key.epoch, &w); w.id(epoch) }
    if !crit.isEmpty { map.key(Key.crit, &w); w.uints(crit) }
    map.finish(&w)
  }

  /// Reads the map, which stands in three arrays.
  fileprivate init(from r: inout CBORReader) throws(DecodingError) {
    typealias Key = ChangeHeader.Key
    self.init()
    let start = r.offset
    var map = try MapReader(&r, known: Key.known, inside: 3)
    while let key = try map.next(&r) {
      let place = r.offset
      switch key {
      case Key.kind:
        kind = ChangeKind(try r.readUInt())
        if kind == .content { throw .notCanonical(at: place) }
      case Key.gov: gov = try r.readIDs(1...Limits.governanceHeads, "1 to 8 gov")
      case Key.epoch: epoch = try r.readID32()
      case Key.crit: crit = try r.readCritical()
      default: throw .invalid(at: place, "what can be derived doesn't travel")
      }
    }
    unknown = map.unknown
    if isEmpty { throw .notCanonical(at: start) }
  }
}
