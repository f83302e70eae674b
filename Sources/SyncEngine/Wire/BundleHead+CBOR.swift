// SPDX-License-Identifier: AGPL-3.0-or-later

extension BundleHead {
  /// The payload of a BHEAD frame.
  public func encoded() -> [UInt8] {
    var w = CBORWriter()
    var map = MapWriter(&w, known: receipt == nil ? 3 : 9, unknown: unknown)
    map.key(Key.purpose, &w); w.uint(purpose.rawValue)
    if let receipt {
      map.key(Key.network, &w); w.id(receipt.network)
      map.key(Key.anchor, &w); w.id(receipt.anchorID)
      map.key(Key.maker, &w); w.id(receipt.maker)
    }
    map.key(Key.made, &w); w.uint(made)
    if let receipt {
      map.key(Key.frontiers, &w); w.frontiers(receipt.frontiers)
      map.key(Key.contents, &w); w.contents(receipt.contents)
      map.key(Key.signature, &w); w.bytes(receipt.signature)
    }
    map.key(Key.version, &w); w.uint(hasBranches ? Self.branchesVersion : Self.version)
    map.finish(&w)
    return w.bytes
  }

  /// Reads a payload. The signature isn't checked here.
  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    var r = CBORReader(bytes)
    var map = try MapReader(&r, known: Key.known, inside: 0)
    var parts = Parts()
    while let key = try map.next(&r) { try parts.read(key, from: &r) }
    try r.finish()
    let version = try parts.version.orMissing(Key.version)
    guard version == Self.version || version == Self.branchesVersion else {
      throw .invalid(at: 0, "a bundle is of version 1 or 2")
    }
    guard let purpose = Purpose(rawValue: try parts.purpose.orMissing(Key.purpose)) else {
      throw .invalid(at: 0, "a bundle's purpose is 1, 2 or 3")
    }
    let made = try parts.made.orMissing(Key.made)
    let receipt = purpose == .request ? nil : try parts.receipt()
    guard purpose != .request || parts.isBare else { throw .invalid(at: 0, "a request names no network") }
    self.init(purpose: purpose, made: made, receipt: receipt, unknown: map.unknown)
    guard hasBranches == (version == Self.branchesVersion) else {
      throw .invalid(at: 0, "a bundle in which a log has branches, and no other, is of version 2")
    }
  }

  /// The keys as they come.
  private struct Parts {
    var purpose: UInt64?
    var network: NetworkID?
    var anchor: ID32?
    var maker: DeviceID?
    var made: UInt64?
    var frontiers: [SpaceFrontier]?
    var contents: [Range]?
    var signature: [UInt8]?
    var version: UInt64?

    mutating func read(_ key: UInt64, from r: inout CBORReader) throws(DecodingError) {
      switch key {
      case Key.purpose: purpose = try r.readUInt()
      case Key.network: network = try r.readID32()
      case Key.anchor: anchor = try r.readID32()
      case Key.maker: maker = try r.readID16()
      case Key.made: made = try r.readUInt(upTo: Limits.number, "made is at most 2^53")
      case Key.frontiers: frontiers = try r.readFrontiers()
      case Key.contents: contents = try r.readContents()
      case Key.signature: signature = try r.readBytes(count: 64)
      default: version = try r.readUInt()
      }
    }

    /// Whether none of the keys is there that a request leaves out.
    var isBare: Bool {
      network == nil && anchor == nil && maker == nil && frontiers == nil && contents == nil
        && signature == nil
    }

    func receipt() throws(DecodingError) -> Receipt {
      Receipt(
        network: try network.orMissing(Key.network), anchorID: try anchor.orMissing(Key.anchor),
        maker: try maker.orMissing(Key.maker), frontiers: try frontiers.orMissing(Key.frontiers),
        contents: try contents.orMissing(Key.contents), signature: try signature.orMissing(Key.signature))
    }
  }
}

extension CBORWriter {
  mutating func frontiers(_ frontiers: [BundleHead.SpaceFrontier]) {
    array(count: frontiers.count)
    for frontier in frontiers {
      array(count: 2)
      id(frontier.space)
      array(count: frontier.tips.count)
      for tip in frontier.tips {
        array(count: 3)
        id(tip.log)
        uint(tip.seq)
        id(tip.id)
      }
    }
  }

  fileprivate mutating func contents(_ ranges: [BundleHead.Range]) {
    array(count: ranges.count)
    for range in ranges {
      array(count: 4)
      id(range.space)
      id(range.log)
      uint(range.first)
      uint(range.last)
    }
  }
}

extension CBORReader {
  fileprivate mutating func readFrontiers() throws(DecodingError) -> [BundleHead.SpaceFrontier] {
    var frontiers: [BundleHead.SpaceFrontier] = []
    for _ in 0..<(try readArrayHeader()) {
      let start = offset
      try readArrayHeader(count: 2, "a frontier of two")
      let space = try readID16()
      if let last = frontiers.last, space <= last.space { throw .invalid(at: start, "spaces ascend") }
      frontiers.append(BundleHead.SpaceFrontier(space: space, tips: try readTips()))
    }
    return frontiers
  }

  private mutating func readTips() throws(DecodingError) -> [BundleHead.Tip] {
    var tips: [BundleHead.Tip] = []
    for _ in 0..<(try readArrayHeader()) {
      let start = offset
      try readArrayHeader(count: 3, "a tip of three")
      let log = try readID16()
      let tip = BundleHead.Tip(log: log, seq: try readSeq(), id: try readID32())
      if let last = tips.last, (tip.log, tip.seq, tip.id) <= (last.log, last.seq, last.id) {
        throw .invalid(at: start, "logs ascend")
      }
      tips.append(tip)
    }
    return tips
  }

  fileprivate mutating func readContents() throws(DecodingError) -> [BundleHead.Range] {
    var ranges: [BundleHead.Range] = []
    for _ in 0..<(try readArrayHeader()) {
      let start = offset
      try readArrayHeader(count: 4, "a range of four")
      let range = BundleHead.Range(
        space: try readID16(), log: try readID16(), first: try readSeq(), last: try readSeq())
      guard range.first <= range.last else { throw .invalid(at: start, "a range runs forwards") }
      if let last = ranges.last, !last.isBefore(range) { throw .invalid(at: start, "ranges ascend") }
      ranges.append(range)
    }
    return ranges
  }
}

extension BundleHead.Range {
  /// Whether it stands before the other: branches of a log may overlap.
  fileprivate func isBefore(_ other: BundleHead.Range) -> Bool {
    if space != other.space { return space < other.space }
    if log != other.log { return log < other.log }
    return (first, last) <= (other.first, other.last)
  }

  /// Whether this one and a later one are of branches of one log.
  func overlaps(_ other: BundleHead.Range) -> Bool {
    space == other.space && log == other.log && last >= other.first
  }
}
