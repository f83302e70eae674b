// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import Testing

@Suite("Hashes under labels")
struct HashTests {
  @Test("are the same whole, in parts, in pieces, from a pointer or a span")
  func ways() {
    var random = SplitMix64(state: 1)
    for count in [0, 1, 31, 127, 128, 129, 300, 5_000] {
      let bytes = random.bytes(count)
      let whole = Hash.H("change", bytes)
      let cut = count / 3
      #expect(Hash.H("change", Array(bytes[..<cut]), Array(bytes[cut...])) == whole)
      #expect(bytes.withUnsafeBytes { Hash.H("change", raw: $0) } == whole)
      let fromSpan = Hash.H("change", bytes.span)
      #expect(fromSpan == whole)
      var hasher = Hash.Hasher("change")
      for start in stride(from: 0, to: count, by: 97) { hasher.update(bytes[start..<min(count, start + 97)]) }
      #expect(hasher.finish() == whole)
    }
  }

  @Test("a copied hasher goes on by itself, and finishing ends nothing")
  func copies() {
    var one = Hash.Hasher("root")
    one.update([1, 2, 3])
    var two = one
    two.update([4])
    #expect(one.finish() == Hash.H("root", [1, 2, 3]))
    #expect(two.finish() == Hash.H("root", [1, 2, 3, 4]))
    one.update([5])
    #expect(one.finish() == Hash.H("root", [1, 2, 3, 5]))
  }

  @Test("differ by label, key and size")
  func differ() {
    let (k1, k2) = (SecretBytes(random: 32), SecretBytes(random: 32))
    let all = [
      Hash.H("a", [1]), Hash.H("b", [1]), Hash.H("a", [2]), Hash.keyed("a", key: k1, [1]),
      Hash.keyed("a", key: k2, [1]), Hash.keyed("b", key: k1, [1]), k1.derive(1).array, k1.derive(2).array,
    ]
    #expect(Set(all).count == all.count)
    #expect(Hash.keyed("a", key: k1, [1], count: 8) != Array(Hash.keyed("a", key: k1, [1])[..<8]))
  }

  @Test("a secret's derivations are the keyed hashes")
  func secrets() {
    let key = SecretBytes(random: 32)
    #expect(key.deriveKeyed("wrap", [1], [2, 3]).array == Hash.keyed("wrap", key: key.array, [1, 2, 3]))
    #expect(key.deriveKeyed("wrap", [1], count: 17).count == 17)
  }
}
