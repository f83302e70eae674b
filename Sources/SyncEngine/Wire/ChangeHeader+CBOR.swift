// SPDX-License-Identifier: AGPL-3.0-or-later

extension ChangeHeader {
  /// The header's CBOR, `h0` of protocol.md section 4.
  public func encoded() -> [UInt8] {
    var writer = CBORWriter(reserving: 256 + 34 * heads.count)
    encode(into: &writer)
    return writer.bytes
  }

  func encode(into w: inout CBORWriter) {
    var map = MapWriter(&w, known: knownCount, unknown: unknown)
    map.key(Key.kind, &w); w.uint(kind.number)
    map.key(Key.author, &w); w.id(author)
    map.key(Key.space, &w); w.id(space)
    map.key(Key.incarnation, &w); w.bytes8(incarnation)
    map.key(Key.seq, &w); w.uint(seq)
    if let prev { map.key(Key.prev, &w); w.id(prev) }
    if !heads.isEmpty { map.key(Key.heads, &w); w.ids(heads) }
    map.key(Key.stamp, &w); w.uint(stamp)
    map.key(Key.cum, &w); w.uint(cum)
    if let gov { map.key(Key.gov, &w); w.ids(gov) }
    if let epoch { map.key(Key.epoch, &w); w.id(epoch) }
    if let nonce { map.key(Key.nonce, &w); w.bytes(nonce) }
    map.key(Key.ctLength, &w); w.uint(ctLength)
    if !crit.isEmpty { map.key(Key.crit, &w); w.uints(crit) }
    map.finish(&w)
  }

  private var knownCount: Int {
    8 + (prev == nil ? 0 : 1) + (heads.isEmpty ? 0 : 1) + (gov == nil ? 0 : 1) + (epoch == nil ? 0 : 1)
      + (nonce == nil ? 0 : 1) + (crit.isEmpty ? 0 : 1)
  }

  /// Reads `h0`. It checks all that can be told from the header alone; parents, sums and stamps against the
  /// rest of the log are the business of ingest.
  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    guard bytes.count <= Limits.header else { throw .limit(at: 0, "a header has at most 16,384 bytes") }
    var reader = CBORReader(bytes)
    var parts = HeaderParts()
    var key: UInt64?
    for _ in 0..<(try reader.readMapHeader()) {
      let next = try reader.readKey(after: key)
      key = next
      try parts.read(next, from: &reader)
    }
    try reader.finish()
    self = try parts.header()
    try checkRules()
  }

  /// The rules that bind keys of one header to each other; also asked of headers rebuilt from a run.
  func checkRules(at offset: Int = 0) throws(DecodingError) {
    func require(_ holds: Bool, _ rule: String) throws(DecodingError) {
      if !holds { throw .invalid(at: offset, rule) }
    }
    let isGovernance = space == Self.governanceSpace
    try require(seq >= 1, "seq counts from 1")
    try require((prev == nil) == (seq == 1), "prev is absent iff seq is 1")
    try require(cum >= ctLength && (seq > 1 || cum == ctLength), "cum is the sum of the log's ct_len")
    try require((kind == .governance) == isGovernance, "governance changes and they alone are in space 0")
    try require(!isGovernance || gov == nil, "a governance log has no gov")
    try require(isGovernance || seq > 1 || gov != nil, "a log's first change names its gov")
    switch kind {
    case .content:
      try require(nonce != nil, "content has a nonce")
      try require(seq > 1 || epoch != nil, "the first content of a log names its epoch")
    case .governance, .keys, .redaction:
      try require(nonce == nil && epoch == nil, "only content has nonce and epoch")
      try require(ctLength <= UInt64(Limits.body), "a body has at most 262,144 bytes")
    case .unknown: break
    }
  }
}

/// The keys of a header as they come.
private struct HeaderParts {
  var kind: UInt64?
  var author: PublicKey?
  var space: SpaceID?
  var incarnation: UInt64?
  var seq: UInt64?
  var prev: ChangeID?
  var heads: [ChangeID] = []
  var stamp: UInt64?
  var cum: UInt64?
  var gov: [ChangeID]?
  var epoch: EpochID?
  var nonce: [UInt8]?
  var ctLength: UInt64?
  var crit: [UInt64] = []
  var unknown: [UnknownKey] = []

  mutating func read(_ key: UInt64, from r: inout CBORReader) throws(DecodingError) {
    typealias Key = ChangeHeader.Key
    switch key {
    case Key.kind: kind = try r.readUInt()
    case Key.author: author = try r.readID32()
    case Key.space: space = try r.readID16()
    case Key.incarnation: incarnation = try r.readBytes8()
    case Key.seq: seq = try r.readUInt(upTo: Limits.seq, "seq is below 2^40")
    case Key.prev: prev = try r.readID32()
    case Key.heads: heads = try r.readIDs(1...Limits.heads, "1 to 32 heads")
    case Key.stamp: stamp = try r.readUInt(upTo: Limits.number, "a stamp is at most 2^53")
    case Key.cum: cum = try r.readUInt(upTo: Limits.number, "cum is at most 2^53")
    case Key.gov: gov = try r.readIDs(1...Limits.governanceHeads, "1 to 8 gov")
    case Key.epoch: epoch = try r.readID32()
    case Key.nonce: nonce = try r.readBytes(count: 24)
    case Key.ctLength: ctLength = try r.readUInt(upTo: Limits.ciphertext, "ct_len is at most 270,352")
    case Key.crit: crit = try r.readCritical()
    default: unknown.append(try r.readUnknown(key, inside: 1))
    }
  }

  func header() throws(DecodingError) -> ChangeHeader {
    typealias Key = ChangeHeader.Key
    return ChangeHeader(
      kind: ChangeKind(try kind.orMissing(Key.kind)), author: try author.orMissing(Key.author),
      space: try space.orMissing(Key.space), incarnation: try incarnation.orMissing(Key.incarnation),
      seq: try seq.orMissing(Key.seq), prev: prev, heads: heads, stamp: try stamp.orMissing(Key.stamp),
      cum: try cum.orMissing(Key.cum), gov: gov, epoch: epoch, nonce: nonce,
      ctLength: try ctLength.orMissing(Key.ctLength), crit: crit, unknown: unknown)
  }
}

extension Optional {
  /// What a map had at a key that it must have.
  func orMissing(_ key: UInt64, at offset: Int = 0) throws(DecodingError) -> Wrapped {
    guard let self else { throw .missing(at: offset, key: key) }
    return self
  }
}
