// SPDX-License-Identifier: AGPL-3.0-or-later

import Testing
import Transport

@Suite("An address") struct AddressTests {
  @Test(arguments: [
    ("192.168.1.20:7411", "192.168.1.20", 7411, "192.168.1.20:7411"),
    ("192.168.1.20", "192.168.1.20", 7410, "192.168.1.20:7410"),
    ("steki.example", "steki.example", 7410, "steki.example:7410"),
    ("steki.example:1", "steki.example", 1, "steki.example:1"),
    ("localhost:0", "localhost", 0, "localhost:0"),
    ("[::1]:65535", "::1", 65535, "[::1]:65535"),
    ("[fe80::1%eth0]:7410", "fe80::1%eth0", 7410, "[fe80::1%eth0]:7410"),
    ("[::1]", "::1", 7410, "[::1]:7410"),
    ("::1", "::1", 7410, "[::1]:7410"),
    ("2001:db8::7411", "2001:db8::7411", 7410, "[2001:db8::7411]:7410"),
    ("[steki.example]:80", "steki.example", 80, "steki.example:80"),
  ])
  func `is read`(text: String, host: String, port: Int, description: String) throws {
    let address = try Address(parsing: text)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.description == description)
    #expect(try Address(parsing: address.description) == address)
  }

  @Test(arguments: [
    ("", .empty),
    (":7410", .host("")),
    ("[]:7410", .host("")),
    ("steki:", .port("")),
    ("steki:65536", .port("65536")),
    ("steki:-1", .port("-1")),
    ("steki:+1", .port("+1")),
    ("steki:0x10", .port("0x10")),
    ("steki:٧٤١٠", .port("٧٤١٠")),
    ("steki:000001", .port("000001")),
    ("steki:99999999999999999999", .port("99999999999999999999")),
    ("[::1]:", .port("")),
    ("[::1", .brackets),
    ("[::1]7410", .brackets),
    ("[::1]x:7410", .brackets),
    ("http://steki", .port("//steki")),
    ("a b:7410", .host("a b")),
    ("a\n:7410", .host("a\n")),
    ("a/b", .host("a/b")),
    ("a\u{7F}", .host("a\u{7F}")),
  ] as [(String, Address.ParseError)])
  func `is refused`(text: String, reason: Address.ParseError) {
    #expect(throws: reason) { try Address(parsing: text) }
  }

  @Test func `without a port has the usual one`() {
    #expect(Address(host: "steki").port == Address.defaultPort)
  }
}
