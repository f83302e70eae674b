// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

@testable import SyncEngine

/// The subset and the one form of protocol.md section 2.
func cborVectors() -> VectorFile {
  let good: [(String, CBOR)] = [
    ("0", .uint(0)), ("23", .uint(23)), ("24", .uint(24)), ("255", .uint(255)), ("256", .uint(256)),
    ("65535", .uint(65_535)), ("65536", .uint(65_536)), ("2^32 - 1", .uint(1 << 32 - 1)),
    ("2^32", .uint(1 << 32)),
    ("2^53", .uint(1 << 53)), ("2^64 - 1", .uint(.max)), ("-1", .nint(0)), ("-24", .nint(23)),
    ("-25", .nint(24)),
    ("-2^63", .nint(1 << 63 - 1)), ("-2^64", .nint(.max)), ("no bytes", .bytes([])),
    ("24 bytes", .bytes([UInt8](repeating: 0xab, count: 24))), ("no text", .text("")),
    ("text", .text("خيمة")),
    ("text with a zero", .text("a\u{0}b")), ("e with acute, composed", .text("\u{e9}")),
    ("e with acute, decomposed", .text("e\u{301}")), ("empty array", .array([])),
    ("array", .array([.uint(1), .array([.null]), .bool(false)])),
    ("array of 24", .array((0..<24).map { .uint($0) })), ("empty map", .map([])),
    ("map", .map([.init(0, .bool(true)), .init(23, .null), .init(24, .text("x")), .init(.max, .array([]))])),
    ("false", .bool(false)), ("true", .bool(true)), ("null", .null), ("depth 16", nested(16)),
    ("depth 16, maps", nestedMaps(16)),
  ]
  let bad: [(String, String, String)] = [
    ("nothing", "", "truncated"), ("0 in two bytes", "1800", "notCanonical"),
    ("23 in two bytes", "1817", "notCanonical"),
    ("24 in three bytes", "190018", "notCanonical"), ("256 in five bytes", "1a00000100", "notCanonical"),
    ("2^16 in nine bytes", "1b0000000000010000", "notCanonical"), ("-1 in two bytes", "3800", "notCanonical"),
    ("length of bytes in two bytes", "5801ff", "notCanonical"),
    ("length of text in two bytes", "780161", "notCanonical"),
    ("length of array in two bytes", "980101", "notCanonical"),
    ("length of map in two bytes", "b8010101", "notCanonical"),
    ("keys descending", "a202000100", "notCanonical"), ("a key twice", "a201000100", "notCanonical"),
    ("a key in two bytes", "a1180100", "notCanonical"), ("a text as key", "a1616100", "unexpected"),
    ("a negative key", "a12000", "unexpected"), ("bytes of indefinite length", "5f4101ff", "unsupported"),
    ("text of indefinite length", "7f6161ff", "unsupported"),
    ("array of indefinite length", "9f01ff", "unsupported"),
    ("map of indefinite length", "bf0101ff", "unsupported"), ("half float", "f90000", "unsupported"),
    ("float", "fa00000000", "unsupported"), ("double", "fb0000000000000000", "unsupported"),
    ("undefined", "f7", "unsupported"), ("simple value 0", "e0", "unsupported"),
    ("simple value 255", "f8ff", "unsupported"),
    ("false in two bytes", "f814", "unsupported"), ("a tag", "c100", "unsupported"),
    ("break alone", "ff", "unsupported"),
    ("reserved additional information", "1c", "unsupported"), ("text that isn't UTF-8", "61ff", "notText"),
    ("a surrogate in text", "63eda080", "notText"), ("an overlong character", "62c080", "notText"),
    ("bytes cut", "4201", "truncated"), ("number cut", "1901", "truncated"),
    ("array cut", "8201", "truncated"),
    ("map cut", "a101", "truncated"), ("an array of 2^64 - 1", "9bffffffffffffffff", "truncated"),
    ("bytes of 2^64 - 1", "5bffffffffffffffff", "truncated"), ("two items", "0000", "leftover"),
    ("depth 17", Hex.encode(nested(17).encoded()), "tooDeep"),
    ("depth 17, maps", Hex.encode(nestedMaps(17).encoded()), "tooDeep"),
  ]
  let cases =
    good.map { VectorCase($0.0, "cbor", $0.1.encoded()) }
    + bad.map { name, hex, kind in
      VectorCase(
        name: "refused: \(name)", structure: "cbor", hex: hex, outcome: VectorCase.Outcome.refused,
        refusedBy: "decoder:\(kind)", why: kind == "unexpected" ? "an unsigned integer as key" : nil)
    }
  return VectorFile(about: "Items of protocol.md section 2, each alone.", cases: cases)
}

private func nested(_ depth: Int) -> CBOR { (1..<depth).reduce(.array([])) { inner, _ in .array([inner]) } }
private func nestedMaps(_ depth: Int) -> CBOR {
  (1..<depth).reduce(.map([])) { inner, _ in .map([.init(7, inner)]) }
}

/// Padmé sizes and `pad`.
func padmeVectors() -> VectorFile {
  let lengths = [
    2, 3, 9, 63, 64, 65, 100, 128, 129, 1000, 4095, 4096, 4097, 65_537, 262_145, 1_048_577, 1 << 32 + 1,
  ]
  let sizes = lengths.map {
    VectorCase(
      name: "Padmé of \($0)", structure: "size", hex: "",
      facts: ["length": String($0), "size": String(Padme.size($0))])
  }
  let padded = [0, 1, 62, 63, 64, 65, 127, 128].map { count in
    let plain = [UInt8](repeating: 0x80, count: count)
    return VectorCase(
      name: "pad of \(count) bytes", structure: "padded", hex: VectorHex.encode(Padding.pad(plain)),
      facts: ["plain": Hex.encode(plain)])
  }
  let refused: [(String, [UInt8])] = [
    ("nothing", []), ("zero bytes alone", [UInt8](repeating: 0, count: 64)),
    ("no mark", [UInt8](repeating: 1, count: 64)),
    ("too short", [1, 0x80] + [UInt8](repeating: 0, count: 61)),
    ("too long", [1, 0x80] + [UInt8](repeating: 0, count: 64)),
    ("another mark", [1, 0x81] + [UInt8](repeating: 0, count: 62)),
  ]
  let bad = refused.map {
    VectorCase(
      name: "refused: \($0.0)", structure: "padded", hex: VectorHex.encode($0.1),
      outcome: VectorCase.Outcome.refused)
  }
  return VectorFile(
    about:
      "protocol.md section 1: `size` of a `length`; `hex`, the padding of `plain`, or what unpad refuses.",
    cases: sizes + padded + bad)
}

/// Cards and the ids that follow from keys.
func identityVectors() -> VectorFile {
  let world = WireWorld()
  let cards = [("anna", 0x11, world.anna), ("bilal", 0x22, world.bilal), ("stranger", 0x33, world.stranger)]
    .map {
      name, seed, device in
      let card = device.card
      var vector = VectorCase("card of \(name)", "card", card.encoded)
      vector.facts = [
        "sign seed": seedHex(seed), "noise secret": seedHex(seed + 1), "agree secret": seedHex(seed + 2),
        "card hash": Hex.encode(card.hash), "device id": Hex.encode(card.deviceID),
        "place id": Hex.encode(card.placeID),
        "space of its place": ID16(
          Array(Hash.H("space", world.network.bytes + [2] + card.placeID)[..<16]))!.hex,
      ]
      return vector
    }
  let good = world.bilal.card.encoded
  func refused(_ name: String, _ bytes: [UInt8]) -> VectorCase {
    VectorCase(
      name: name, structure: "card", hex: VectorHex.encode(bytes), outcome: VectorCase.Outcome.refused)
  }
  let ids = VectorCase(
    name: "ids of the network", structure: "ids", hex: "",
    facts: [
      "genesis": world.genesis.id.hex, "network": world.network.hex, "commons": world.commons.hex,
      "anchor": Hex.encode(Hash.H("anchor", world.genesis.id.bytes)),
      "bilal's log of commons": world.change("bilal 1").header.logID.hex, "commons epoch": world.epoch.hex,
      "anna 2's first record": ID16(RecordIDs.tent(world)).hex,
      "that record, moved to bilal's place": ID16(RecordIDs.tent(world).moved(to: placeSpace(world))).hex,
    ])
  return VectorFile(
    about:
      "protocol.md section 3. A card's form is checked by its decoder, its signature by whoever admits it.",
    given: world.given,
    cases: cards + [
      ids, refused("a fifth key", CBOR.edited(good) { $0[5] = .uint(1) }),
      refused("no noise key", CBOR.edited(good) { $0[2] = nil }),
      refused("sign of 31 bytes", CBOR.edited(good) { $0[1] = .bytes([UInt8](repeating: 1, count: 31)) }),
    ])
}

private func seedHex(_ byte: Int) -> String { Hex.encode([UInt8](repeating: UInt8(byte), count: 32)) }

private func placeSpace(_ world: WireWorld) -> ID16 {
  ID16(Array(Hash.H("space", world.network.bytes + [2] + world.bilal.card.placeID)[..<16]))!
}
