// SPDX-License-Identifier: AGPL-3.0-or-later

import Foundation
import Glibc
import Testing

/// Bytes that no session may contain, and none may be harmed by.
enum Nonsense {
  static let garbage: [UInt8] = (0..<600).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }

  /// Frames, by what is wrong with them.
  static let frames: [(name: String, bytes: [UInt8])] = [
    ("a frame of 4 GiB", [0x07, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("a HELLO of one byte more than the limit", [0x01, 0x00, 0x10, 0x00, 0x01]),
    ("an array of 2^64 - 1 elements", [0x01, 0x00, 0x00, 0x00, 0x09, 0x9B] + [UInt8](repeating: 0xFF, count: 8)),
    ("a text of 2^63 bytes", [0x01, 0x00, 0x00, 0x00, 0x09, 0x7B, 0x80] + [UInt8](repeating: 0, count: 7)),
    ("changes before HELLO", [0x07, 0x00, 0x00, 0x00, 0x01, 0x80]),
    ("a critical frame that nobody knows", [0xFE, 0x00, 0x00, 0x00, 0x00]),
  ]
}

/// What answers a call isn't what it should be: the call ends in one sentence with the code for peers, and nothing
/// is harmed.
@Suite("A sync that reaches somebody") struct NetworkPeerTests {
  let a: Home

  init() throws {
    a = try Home.founding("Cantine")
    try a.must("need", "add", "Riz")
  }

  private func fails(to passerby: Passerby, _ words: String...) throws {
    try withExtendedLifetime(passerby) { try fails(to: passerby.address, words) }
  }

  private func fails(to address: String, _ words: [String]) throws {
    let before = try a.heads()
    let outcome = try a.run("sync", address, "--json")
    #expect(outcome.isFailure(14), "\(outcome)")
    for word in words { #expect(outcome.errors.contains(word), "\(word): \(outcome)") }
    #expect(try a.heads() == before && a.isWhole())
  }

  @Test func `who isn't there`() throws {
    try fails(to: "127.0.0.1:1", ["127.0.0.1:1", "refused"])
    try fails(to: "nowhere.invalid:7410", ["nowhere.invalid"])
  }

  @Test func `who hangs up`() throws {
    try fails(to: try Passerby { _ = Loopback.take(128, from: $0) })
    try fails(to: try Passerby { _ in })
  }

  @Test func `who talks garbage`() throws {
    try fails(to: try Passerby { Loopback.send(Nonsense.garbage, to: $0) })
  }

  @Test func `who speaks something else`() throws {
    try fails(to: try Passerby { Loopback.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), to: $0) })
  }

  @Test func `who says nothing at all, and isn't waited for for ever`() throws {
    let started = ContinuousClock.now
    try fails(to: try Passerby { Loopback.drain($0) }, "answer")
    #expect(ContinuousClock.now - started < .seconds(30))
  }

  @Test func `of another network`() throws {
    let other = try Home.founding("Elsewhere")
    let (serving, address) = try other.serving()
    try fails(to: address, [])
    #expect(try serving.stop().status == 0)
    #expect(try other.isWhole())
  }

  @Test func `of ours, who breaks the protocol`() throws {
    let member = try Member(try a.admitting("Steki"))
    for (name, bytes) in Nonsense.frames {
      let passerby = try Passerby(member.answering(bytes))
      let outcome = try withExtendedLifetime(passerby) { try a.run("sync", passerby.address) }
      #expect(outcome.isFailure(14, saying: "protocol"), "\(name): \(outcome)")
    }
    try fails(to: try Passerby(member.answering(Nonsense.garbage, sealed: false)), "protocol")
  }

  @Test func `of ours, whose link breaks after the handshake`() throws {
    let member = try Member(try a.admitting("Steki"))
    try fails(to: try Passerby(member.answering([])), "kept")
  }
}

/// Whoever calls, `serve` goes on serving its neighbours, says nothing of strangers, and is as it was.
@Suite("A serve that is called by somebody") struct NetworkServeTests {
  let a: Home
  let b: Home
  let serving: Running
  let address: String

  init() throws {
    a = try Home.founding("Cantine")
    b = try a.admitting("Steki")
    (serving, address) = try a.serving()
  }

  private func conclude() throws {
    try b.must("need", "add", "Riz")
    #expect(try b.must("sync", address, "--json").json.first?["converged"] == true)
    #expect(try b.must("sync", address, "--json").json.first?["converged"] == true)
    let end = try serving.stop()
    #expect(end.status == 0 && end.errors.isEmpty, "\(end)")
    #expect(try a.digest() == b.digest() && a.isWhole() && b.isWhole())
  }

  @Test func `who talks garbage, speaks something else, claims much, or hangs up`() throws {
    let words = [
      Nonsense.garbage, Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x16, 0x03, 0x01, 0xFF, 0xFF],
      [0x07, 0xFF, 0xFF, 0xFF, 0xFF], [],
    ]
    for bytes in words {
      let descriptor = try Loopback.connect(to: address)
      Loopback.send(bytes, to: descriptor)
      close(descriptor)
    }
    try conclude()
  }

  @Test func `who sits there in numbers and says nothing`() throws {
    let descriptors = try (0..<40).map { _ in try Loopback.connect(to: address) }
    for descriptor in descriptors { Loopback.send([7], to: descriptor) }
    try conclude()
    for descriptor in descriptors { close(descriptor) }
  }

  @Test func `of ours, who breaks the protocol`() throws {
    let member = try Member(b)
    for (name, bytes) in Nonsense.frames {
      #expect(try member.call(address, saying: bytes), "\(name)")
    }
    #expect(try member.call(address, saying: Nonsense.garbage, sealed: false))
    try conclude()
  }
}
