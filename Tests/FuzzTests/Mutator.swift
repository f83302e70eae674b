// SPDX-License-Identifier: AGPL-3.0-or-later

/// Changes inputs as fuzzers do, the same from the same seed: bits, bytes and numbers, pieces moved, cut and
/// taken from other inputs.
struct Mutator {
  private let corpus: [[UInt8]]
  private let longest: Int
  private var state: UInt64

  init(seed: UInt64, corpus: [[UInt8]], longest: Int) {
    self.corpus = corpus
    self.longest = longest
    state = seed
  }

  mutating func next() -> [UInt8] {
    var bytes = corpus.isEmpty ? [] : corpus[below(corpus.count)]
    for _ in 0...below(4) { mutate(&bytes) }
    return Array(bytes.prefix(longest))
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return bytes.append(byte()) }
    let place = below(bytes.count)
    switch below(8) {
    case 0: bytes[place] ^= 1 << UInt8(below(8))
    case 1: bytes[place] = byte()
    case 2: bytes[place] &+= below(2) == 0 ? 1 : 0xFF
    case 3: bytes.insert(byte(), at: place)
    case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(8)))
    case 5: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + below(32))], at: below(bytes.count))
    case 6: bytes.replaceSubrange(place..<min(bytes.count, place + 8), with: [[0, 0xFF, 0x7F, 0x80][below(4)]] + number())
    default:
      let other = corpus[below(corpus.count)]
      bytes = bytes[..<place] + other.suffix(below(other.count + 1))
    }
  }

  /// Most bytes are some that formats give a meaning to.
  private mutating func byte() -> UInt8 {
    let telling: [UInt8] = [0, 1, 0x17, 0x18, 0x1B, 0x3B, 0x40, 0x58, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xF6, 0xFF]
    return below(2) == 0 ? telling[below(telling.count)] : UInt8(below(256))
  }

  private mutating func number() -> [UInt8] {
    let fill = byte()
    return (0..<below(8)).map { _ in fill }
  }

  /// SplitMix64.
  private mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }
}
