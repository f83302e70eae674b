// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto

@testable import SyncEngine

/// Random structures, the same for the same seed.
extension WireSeeded {
  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
  mutating func id16() -> ID16 { ID16(high: next(), low: next()) }
  mutating func id32() -> ID32 { ID32(high: id16(), low: id16()) }
  mutating func ids(_ counts: ClosedRange<Int>) -> [ID32] { many(counts) { $0.id32() }.sorted() }

  mutating func many<Item>(_ counts: ClosedRange<Int>, _ make: (inout WireSeeded) -> Item) -> [Item] {
    let count = counts.lowerBound + below(counts.count)
    return (0..<count).map { _ in make(&self) }
  }

  /// Numbers of every width.
  mutating func number(below bits: Int = 64) -> UInt64 { next() >> UInt64(64 - bits + below(bits)) }
  mutating func signed() -> Int64 { Int64(bitPattern: number()) &* (chance(50) ? 1 : -1) }

  mutating func text() -> String {
    let starts = ["", "a", "salle", "صالة", "\u{00e9}", "e\u{0301}", "👩‍🍳", "0x", "'", "\u{0}\n\"\\"]
    return pick(starts) + String(repeating: "n", count: below(30))
  }

  mutating func tree(depth: Int) -> CBOR {
    switch below(depth > 0 ? 8 : 6) {
    case 0: return .uint(number())
    case 1: return .nint(number())
    case 2: return .bytes(bytes(below(40)))
    case 3: return .text(text())
    case 4: return .bool(chance(50))
    case 5: return .null
    case 6: return .array(many(0...4) { $0.tree(depth: depth - 1) })
    default:
      let keys = Set(many(0...4) { $0.number() }).sorted()
      return .map(keys.map { CBOR.Pair($0, tree(depth: depth - 1)) })
    }
  }

  mutating func unknown(from key: UInt64) -> [UnknownKey] {
    guard chance(20) else { return [] }
    let keys = Set(many(1...3) { key + $0.number(below: 40) }).sorted()
    return keys.map { UnknownKey(key: $0, raw: tree(depth: 2).encoded()) }
  }

  mutating func value(depth: Int = 2) -> Value {
    switch below(depth > 0 ? 7 : 6) {
    case 0: .null
    case 1: .bool(chance(50))
    case 2: .int(signed())
    case 3: .text(text())
    case 4: .bytes(bytes(below(30)))
    case 5: .reference(RecordID(id16()))
    default: .tuple(1 + number(below: 32), many(0...3) { $0.value(depth: depth - 1) })
    }
  }

  mutating func card() -> Card { deviceKeys().card }

  mutating func deviceKeys() -> DeviceKeys {
    DeviceKeys(
      sign: SigningKey(seed: SecretBytes(copying: bytes(32))),
      noise: AgreementKey(secret: SecretBytes(copying: bytes(32))),
      agree: AgreementKey(secret: SecretBytes(copying: bytes(32))))
  }
}

/// Random bodies and headers.
extension WireSeeded {
  mutating func header() -> ChangeHeader {
    let kind = ChangeKind(UInt64(below(4)))
    let space = kind == .governance ? SpaceID.zero : id16()
    let seq = chance(40) ? 1 : 2 + number(below: 39) / 2
    let ctLength = number(below: 16)
    let isContent = kind == .content
    return ChangeHeader(
      kind: kind, author: id32(), space: space, incarnation: next(), seq: seq, prev: seq > 1 ? id32() : nil,
      heads: chance(50) ? ids(1...4) : [], stamp: number(below: 53),
      cum: ctLength + (seq > 1 ? number(below: 50) : 0),
      gov: space != .zero && (seq == 1 || chance(30)) ? ids(1...3) : nil,
      epoch: isContent && (seq == 1 || chance(30)) ? id32() : nil, nonce: isContent ? bytes(24) : nil,
      ctLength: ctLength, crit: chance(20) ? Set(many(1...3) { $0.number() }).sorted() : [],
      unknown: unknown(from: 15))
  }

  mutating func content() -> Content {
    let entries = many(0...6) { seeded in
      let ref: EntryRef = seeded.chance(50)
        ? .new(seeded.chance(70) ? .number(seeded.number(below: 53)) : .name(seeded.text()))
        : .existing(RecordID(seeded.id16()))
      return ContentEntry(ref, seeded.fields())
    }
    let undoes = chance(20) ? id32() : nil
    guard var content = try? Content(arranging: withLocals(entries), label: signed(), undoes: undoes) else {
      return Content(label: 0, entries: [])
    }
    content.unknown = unknown(from: 4)
    return content
  }

  private mutating func fields() -> [FieldEdits] {
    Set(many(0...4) { 2 + $0.number(below: 52) }).sorted().map { FieldEdits($0, edits()) }
  }

  private mutating func edits() -> [WireEdit] {
    if chance(60) { return [.set(.value(value()))] }
    var edits: [WireEdit] = []
    if chance(50) { edits.append(.set(.value(value()))) }
    for key in Set(many(0...3) { $0.key() }) { edits.append(.setKey(.value(key), .value(value()))) }
    if chance(50) { edits.append(.add(signed())) }
    for key in Set(many(0...3) { $0.key() }) { edits.append(.addKey(.value(key), signed())) }
    if chance(20) { edits.append(.text(textEdits())) }
    if chance(20) {
      let keys = Set(many(1...3) { $0.key() })
      edits.append(.keyedTexts(keys.map { KeyedText(.value($0), textEdits()) }))
    }
    if chance(20) { edits.append(.unknown(code: 6 + number(below: 40), raw: tree(depth: 2).encoded())) }
    return edits
  }

  private mutating func textEdits() -> [TextEdit] {
    many(1...3) { seeded in
      let position = Int(seeded.number(below: 30))
      if seeded.chance(50) { return .insert(at: position, "x" + seeded.text()) }
      return .delete(at: position, count: max(1, Int(seeded.number(below: 30))))
    }
  }

  private mutating func key() -> Value {
    switch below(4) {
    case 0: .text(text())
    case 1: .bytes(bytes(below(10)))
    case 2: .int(signed())
    default: .reference(RecordID(id16()))
    }
  }

  /// Points some new fields at records of the same body.
  private mutating func withLocals(_ entries: [ContentEntry]) -> [ContentEntry] {
    var entries = entries
    guard let target = entries.firstIndex(where: \.isNew) else { return entries }
    let place = entries.count - 1
    let local = WireValue.local(UInt32(target))
    let edit: WireEdit = chance(50) ? .set(.tuple(7, [.value(.int(1)), local])) : .setKey(local, local)
    entries[place].fields.append(FieldEdits(1 << 52 + 1, [edit]))
    return entries
  }

  mutating func governanceBody() -> GovernanceBody {
    if chance(20) {
      let policy = Policy(quota: number(below: 40), unknown: unknown(from: 5))
      let op = GovernanceOp.genesis(policy, founders: [card(), card()])
      return GovernanceBody(
        label: signed(), entries: [.init(op, unknown: unknown(from: 3))], unknown: unknown(from: 3))
    }
    let entries = many(1...4) { seeded in
      let op = seeded.governanceOp()
      if case .unknown = op { return GovernanceBody.Entry(op) }
      return GovernanceBody.Entry(op, unknown: seeded.unknown(from: 8))
    }
    return GovernanceBody(label: signed(), entries: entries, unknown: unknown(from: 3))
  }

  private mutating func governanceOp() -> GovernanceOp {
    let invite = chance(50) ? id16() : nil
    let countersign = invite == nil ? nil : bytes(64)
    switch below(5) {
    case 0:
      return .placeAdmit(card: card(), role: 1 + number(below: 2), invite: invite, countersign: countersign)
    case 1:
      return .deviceAdmit(card: card(), role: 2, place: id16(), invite: invite, countersign: countersign)
    case 2:
      return .inviteCreate(
        InviteDescription(
          id: id16(), key: id32(), role: 2, purpose: 1, medium: 2, epoch: id32(), sealed: bytes(104)))
    case 3: return .inviteClose(id16())
    default:
      let map = CBOR.map([.init(3, tree(depth: 2))])
      return .unknown(code: 12 + number(below: 20), raw: map.encoded())
    }
  }

  mutating func keyChange() -> KeyChangeBody {
    KeyChangeBody(
      op: .init(1 + number(below: 2)), epoch: id32(), eph: id32(), wraps: bytes(384),
      sealed: bytes(104 + below(40)), unknown: unknown(from: 6))
  }

  mutating func roster() -> KeyRoster {
    let epochs = chance(50) ? ids(1...3) : []
    return KeyRoster(
      devices: many(1...4) { $0.id16() }.sorted(),
      parents: epochs.map { .init(epoch: $0, secret: SecretBytes(copying: bytes(32))) },
      unknown: unknown(from: 3))
  }
}

/// Random frames.
extension WireSeeded {
  mutating func run() -> Run {
    let firstSeq = chance(40) ? 1 : 2 + number(below: 38)
    let base = firstSeq > 1 && chance(60)
      ? RunBase(
        prev: id32(), stamp: number(below: 52), cum: number(below: 52), epoch: chance(50) ? id32() : nil,
        gov: chance(80) ? ids(1...3) : []) : nil
    return Run(
      space: id16(), author: id32(), incarnation: next(), firstSeq: firstSeq, base: base,
      entries: many(1...4) { $0.runEntry() })
  }

  private mutating func runEntry() -> RunEntry {
    let extra = chance(40)
      ? RunExtra(
        kind: ChangeKind(number(below: 3)), gov: chance(50) ? ids(1...3) : nil,
        epoch: chance(50) ? id32() : nil, crit: chance(20) ? [16, 17] : [], unknown: unknown(from: 15))
      : RunExtra()
    return RunEntry(
      stampStep: 1 + number(below: 40),
      heads: many(0...3) { $0.chance(50) ? .id($0.id32()) : .listed(Int($0.number(below: 12))) },
      nonce: chance(70) ? bytes(24) : nil,
      ciphertext: chance(70) ? .bytes(bytes(below(80))) : .missing(hash: id32(), length: number(below: 18)),
      signature: bytes(64), extra: extra)
  }

  mutating func bundleHead() -> BundleHead {
    if chance(20) { return BundleHead(purpose: .request, made: number(below: 53), receipt: nil) }
    let spaces = many(0...3) { $0.id16() }.sorted()
    let frontiers = spaces.map { space in
      let logs = many(0...3) { $0.id16() }.sorted()
      return BundleHead.SpaceFrontier(
        space: space, tips: logs.map { .init(log: $0, seq: 1 + number(below: 39), id: id32()) })
    }
    let contents = spaces.map { space in
      let first = 1 + number(below: 38)
      return BundleHead.Range(space: space, log: id16(), first: first, last: first + number(below: 20))
    }
    let receipt = BundleHead.Receipt(
      network: id32(), anchorID: id32(), maker: id16(), frontiers: frontiers, contents: contents,
      signature: bytes(64))
    return BundleHead(purpose: .sync, made: number(below: 53), receipt: receipt, unknown: unknown(from: 10))
  }

  mutating func frame() -> Frame {
    switch below(15) {
    case 0:
      return .hello(
        .init(
          spaces: many(0...3) { $0.next() }, credit: 1_048_576 + number(below: 30), program: text(),
          unknown: unknown(from: 4)))
    case 1:
      let digest = chance(50) ? id16() : nil
      return .root(.init(space: id16(), root: id16(), digest: digest, round: number(below: 8)))
    case 2:
      let entries = many(0...3) {
        Frame.List.Entry(log: $0.next(), seq: 1 + $0.number(below: 30), tip: $0.next())
      }
      return .list(.init(space: id16(), entries: entries))
    case 3: return .changes(run())
    case 4: return .credit(number(below: 53))
    case 5: return .ping
    case 6: return .close(CloseCode(rawValue: number(below: 8)))
    case 7: return .bhead(bundleHead())
    case 8: return .pad(below(100))
    case 9: return .end(changes: number(below: 53))
    case 10: return .done(.init(space: id16(), changes: number(below: 30), round: number(below: 4)))
    case 11:
      return .join(.init(card: card(), countersign: bytes(64), name: text(), unknown: unknown(from: 4)))
    case 12: return .admit(.init(network: id32(), anchor: ids(1...3), unknown: unknown(from: 3)))
    case 13: return .refuse(RefuseReason(rawValue: number(below: 3)))
    default: return .unknown(type: pick([0x03, 0x20, 0x7f, 0x90, 0xff]), payload: bytes(below(30)))
    }
  }
}
