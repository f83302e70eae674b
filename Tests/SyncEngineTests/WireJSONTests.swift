// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import Testing

@testable import SyncEngine

@Suite("Wire: CBOR as JSON") struct WireJSONTests {
  @Test("Bytes are hexadecimal with a prefix, integers exact, keys texts, and nothing is ambiguous")
  func forms() {
    #expect(CBOR.uint(.max).json() == "18446744073709551615")
    #expect(CBOR.nint(.max).json() == "-18446744073709551616")
    #expect(CBOR.bytes([0, 255]).json() == #""0x00ff""#)
    #expect(CBOR.text("0x00ff").json() == #""'0x00ff""#)
    #expect(CBOR.text("'").json() == #""''""#)
    #expect(CBOR.text("a\"\\\n\u{1b}\u{202e}").json() == #""a\"\\\n\u001b\u202e""#)
    #expect(CBOR.text("\u{e0001}").json() == #""\udb40\udc01""#)
    let tree = CBOR.map([.init(1, .array([])), .init(20, .array([.bool(true), .null]))])
    #expect(tree.json() == #"{"1":[],"20":[true,null]}"#)
    #expect(tree.json(indent: 1) == "{\n \"1\": [],\n \"20\": [\n  true,\n  null\n ]\n}")
  }

  @Test("Every tree is valid JSON, and different trees are different JSON")
  func generated() throws {
    var seen: [[UInt8]: CBOR] = [:]
    for seed in 0..<500 {
      var seeded = WireSeeded(UInt64(seed))
      let tree = seeded.tree(depth: 4)
      let text = tree.json()
      _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
      _ = try JSONSerialization.jsonObject(with: Data(tree.json(indent: 2).utf8), options: .fragmentsAllowed)
      if let other = seen[Array(text.utf8)] { #expect(other == tree) }
      seen[Array(text.utf8)] = tree
    }
    #expect(seen.count > 300)
  }
}
