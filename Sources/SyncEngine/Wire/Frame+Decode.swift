// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

extension Frame {
  /// Reads a payload. Offsets in errors count from the payload's start.
  public init(type: UInt8, payload: [UInt8]) throws(DecodingError) {
    switch type {
    case 0x07: self = .changes(try Run(decoding: payload))
    case 0x0e: self = .bhead(try BundleHead(decoding: payload))
    case 0x0f:
      if let place = payload.firstIndex(where: { $0 != 0 }) {
        throw .unexpected(at: place, expected: "zero bytes")
      }
      self = .pad(payload.count)
    default:
      var reader = CBORReader(payload)
      guard let frame = try reader.readFrame(type) else {
        self = .unknown(type: type, payload: payload)
        return
      }
      try reader.finish()
      self = frame
    }
  }
}

extension CBORReader {
  /// Nil for a type that isn't known.
  fileprivate mutating func readFrame(_ type: UInt8) throws(DecodingError) -> Frame? {
    switch type {
    case 0x01: return .hello(try readHello())
    case 0x02: return .root(try readRoot())
    case 0x04: return .list(try readList())
    case 0x09: return .credit(try readUInt(upTo: Limits.number, "a credit is at most 2^53"))
    case 0x0c:
      try readNull()
      return .ping
    case 0x0d: return .close(CloseCode(rawValue: try readUInt()))
    case 0x10:
      try readArrayHeader(count: 1, "an end of one")
      return .end(changes: try readCount())
    case 0x11: return .done(try readDone())
    case 0x81: return .join(try readJoin())
    case 0x82: return .admit(try readAdmit())
    case 0x83: return .refuse(RefuseReason(rawValue: try readUInt()))
    default: return nil
    }
  }

  private mutating func readCount() throws(DecodingError) -> UInt64 {
    try readUInt(upTo: Limits.number, "a count is at most 2^53")
  }

  private mutating func readHello() throws(DecodingError) -> Frame.Hello {
    var map = try MapReader(&self, known: 1...3, inside: 0)
    var spaces: [UInt64]?
    var credit: UInt64?
    var program: String?
    while let key = try map.next(&self) {
      switch key {
      case 1:
        var names: [UInt64] = []
        for _ in 0..<(try readArrayHeader()) { names.append(try readBytes8()) }
        spaces = names
      case 2: credit = try readHelloCredit()
      default: program = try readText()
      }
    }
    return Frame.Hello(
      spaces: try spaces.orMissing(1), credit: try credit.orMissing(2), program: try program.orMissing(3),
      unknown: map.unknown)
  }

  private mutating func readHelloCredit() throws(DecodingError) -> UInt64 {
    let start = offset
    let credit = try readCount()
    guard credit >= UInt64(Limits.frame) else { throw .limit(at: start, "a credit is at least 1,048,576") }
    return credit
  }

  private mutating func readRoot() throws(DecodingError) -> Frame.Root {
    try readArrayHeader(count: 4, "a root of four")
    return Frame.Root(
      space: try readID16(), root: try readID16(), digest: readNullIfPresent() ? nil : try readID16(),
      round: try readCount())
  }

  private mutating func readList() throws(DecodingError) -> Frame.List {
    try readArrayHeader(count: 2, "a list of two")
    let space = try readID16()
    var entries: [Frame.List.Entry] = []
    for _ in 0..<(try readArrayHeader()) {
      try readArrayHeader(count: 3, "an entry of three")
      let log = try readBytes8()
      let seq = try readSeq()
      entries.append(Frame.List.Entry(log: log, seq: seq, tip: try readBytes8()))
    }
    return Frame.List(space: space, entries: entries)
  }

  /// A place in a log.
  mutating func readSeq() throws(DecodingError) -> UInt64 {
    let start = offset
    let seq = try readUInt(upTo: Limits.seq, "seq is below 2^40")
    guard seq >= 1 else { throw .invalid(at: start, "seq counts from 1") }
    return seq
  }

  private mutating func readDone() throws(DecodingError) -> Frame.Done {
    try readArrayHeader(count: 3, "a done of three")
    return Frame.Done(space: try readID16(), changes: try readCount(), round: try readCount())
  }

  private mutating func readJoin() throws(DecodingError) -> Frame.Join {
    var map = try MapReader(&self, known: 1...3, inside: 0)
    var card: Card?
    var countersign: [UInt8]?
    var name: String?
    while let key = try map.next(&self) {
      switch key {
      case 1: card = try readCard()
      case 2: countersign = try readBytes(count: 64)
      default: name = try readText()
      }
    }
    return Frame.Join(
      card: try card.orMissing(1), countersign: try countersign.orMissing(2), name: try name.orMissing(3),
      unknown: map.unknown)
  }

  private mutating func readAdmit() throws(DecodingError) -> Frame.Admit {
    var map = try MapReader(&self, known: 1...2, inside: 0)
    var network: NetworkID?
    var anchor: [ChangeID]?
    while let key = try map.next(&self) {
      if key == 1 { network = try readID32() } else {
        anchor = try readIDs(1...Limits.governanceHeads, "an anchor of 1 to 8")
      }
    }
    return Frame.Admit(
      network: try network.orMissing(1), anchor: try anchor.orMissing(2), unknown: map.unknown)
  }
}
