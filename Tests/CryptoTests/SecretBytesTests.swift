// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc
import Testing

@testable import MujawaraCrypto

@Suite("Secret bytes")
struct SecretBytesTests {
  struct Refused: Error {}

  @Test("hold what they were filled with, and compare by content")
  func content() {
    let a = SecretBytes(copying: [1, 2, 3])
    #expect(a.count == 3 && a.array == [1, 2, 3])
    #expect(a == SecretBytes(count: 3) { $0.copyBytes(from: [1, 2, 3] as [UInt8]) })
    #expect(a != SecretBytes(copying: [1, 2, 4]) && a != SecretBytes(copying: [1, 2]))
    #expect(SecretBytes(copying: []) == SecretBytes(count: 0) { _ in })
    #expect(SecretBytes(random: 32) != SecretBytes(random: 32))
    #expect(a.slice(1..<3).array == [2, 3] && a.slice(1..<1).count == 0)
  }

  @Test("start as zero bytes, and pass on the error of their filling")
  func filling() {
    #expect(SecretBytes(count: 5) { _ in }.array == [0, 0, 0, 0, 0])
    #expect(throws: Refused.self) {
      try SecretBytes(count: 5) { (_: UnsafeMutableRawBufferPointer) throws(Refused) in throw Refused() }
    }
  }

  @Test("never print their content")
  func silence() {
    let key = SecretBytes(copying: Array("swordfish".utf8))
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(describing: key), String(reflecting: key), dumped, "\([key])"] {
      #expect(text.contains("SecretBytes(9)"))
      #expect(!text.contains("swordfish") && !text.contains("115"))
    }
  }

  @Test("are read-only: a write to them kills the process")
  func readOnly() async {
    await #expect(processExitsWith: .failure) {
      SecretBytes(copying: [1, 2, 3]).withBytes {
        UnsafeMutableRawPointer(mutating: $0.baseAddress!).storeBytes(of: 9, as: UInt8.self)
      }
    }
  }

  @Test("an array is wiped in place")
  func wiping() {
    var bytes: [UInt8] = [1, 2, 3]
    bytes.wipe()
    #expect(bytes.isEmpty)
  }
}

@Suite("Randomness")
struct SecureRandomTests {
  @Test("has the size asked for and doesn't repeat")
  func bytes() {
    #expect(SecureRandom.bytes(0).isEmpty)
    #expect(Set((0..<100).map { _ in SecureRandom.bytes(16) }).count == 100)
  }

  @Test("below a bound, every number comes")
  func uniform() {
    #expect(Set((0..<2_000).map { _ in SecureRandom.uniform(8) }) == Set(0..<8))
    #expect(SecureRandom.uniform(0) == 0 && SecureRandom.uniform(1) == 0)
  }
}
