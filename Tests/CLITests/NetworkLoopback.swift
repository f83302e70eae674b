// SPDX-License-Identifier: AGPL-3.0-or-later

import Foundation
import Glibc
import MujawaraCrypto
import SyncEngine
import Testing

/// Plain sockets on this computer, for those who don't keep to the protocol.
enum Loopback {
  static func connect(to address: String) throws -> Int32 {
    let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var there = sockaddr_in()
    there.sin_family = sa_family_t(AF_INET)
    there.sin_port = port.bigEndian
    there.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &there) {
      Glibc.connect(descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), 16) == 0
    }
    try #require(isConnected)
    return descriptor
  }

  /// A listening socket on a free port, and its address.
  static func listen() throws -> (descriptor: Int32, address: String) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var (own, size) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
    own.sin_family = sa_family_t(AF_INET)
    own.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isListening = withUnsafeMutablePointer(to: &own) { own in
      own.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && Glibc.listen(descriptor, 16) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isListening)
    return (descriptor, "127.0.0.1:\(UInt16(bigEndian: own.sin_port))")
  }

  static func send(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Exactly so many bytes; nil if the other hangs up before.
  static func take(_ count: Int, from descriptor: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: count)
    while bytes.count < count {
      let got = recv(descriptor, &buffer, count - bytes.count, 0)
      guard got > 0 else { return nil }
      bytes += buffer[..<got]
    }
    return bytes
  }

  /// Takes whatever comes until the other hangs up.
  static func drain(_ descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
  }
}

/// What somebody does once a connection stands, before it is closed. Called on a thread of its own.
typealias Habit = @Sendable (Int32) -> Void

/// Somebody who listens on a port of this computer and does to each caller as it is wont to. Gone with the value.
final class Passerby: Sendable {
  private let descriptor: Int32
  let address: String

  init(_ habit: @escaping Habit) throws {
    (descriptor, address) = try Loopback.listen()
    let listener = descriptor
    Thread {
      while true {
        let caller = accept(listener, nil, nil)
        guard caller >= 0 else { return }
        habit(caller)
        // Until the caller has gone: a reset would overtake what was said.
        shutdown(caller, Int32(SHUT_WR))
        Loopback.drain(caller)
        close(caller)
      }
    }.start()
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }
}

/// What a member's device needs for the handshake; after it, it may say whatever it likes.
struct Member: Sendable {
  private let noise: AgreementKey
  private let psk: SecretBytes
  private let prologue: [UInt8]

  init(_ home: Home) throws {
    struct NoPassphrase: Error {}
    let replica = try Replica.open(home.folder, passphrase: { throw NoPassphrase() }, clock: { 0 })
    let epoch = try #require(try replica.currentEpoch(of: .commons))
    noise = replica.keys.noise
    psk = TransportKeys.groupPSK(epochSecret: epoch.secret)
    prologue = TransportKeys.prologue(networkID: replica.network.bytes, anchorID: replica.anchorID.bytes)
  }

  /// Answers a caller's handshake, then says these bytes in records (or as they are) and waits for its going.
  func answering(_ bytes: [UInt8], sealed: Bool = true) -> Habit {
    { descriptor in
      let handshake = HandshakeState(role: .responder, prologue: prologue, staticKey: noise, psks: [psk])
      guard let first = Loopback.take(TransportKeys.messageSizes[0], from: descriptor),
        (try? handshake.readMessage(first)) != nil,
        let payload = try? TransportKeys.packPayload([0xA1, 0x01, 0x01], message: 1),
        let second = try? handshake.writeMessage(payload)
      else { return }
      Loopback.send(second, to: descriptor)
      guard let third = Loopback.take(TransportKeys.messageSizes[2], from: descriptor),
        (try? handshake.readMessage(third)) != nil, let cipher = try? RecordCipher(handshake)
      else { return }
      Loopback.send(sealed ? (try? cipher.sealAll(bytes)) ?? [] : bytes, to: descriptor)
    }
  }

  /// Calls a server, does the handshake, says these bytes, and waits until the other hangs up. False if the
  /// handshake got no answer.
  func call(_ address: String, saying bytes: [UInt8], sealed: Bool = true) throws -> Bool {
    let descriptor = try Loopback.connect(to: address)
    defer { close(descriptor) }
    let handshake = HandshakeState(role: .initiator, prologue: prologue, staticKey: noise, psks: [psk])
    Loopback.send(
      try handshake.writeMessage(try TransportKeys.packPayload([0xA1, 0x01, 0x81, 0x01], message: 0)), to: descriptor)
    guard let second = Loopback.take(TransportKeys.messageSizes[1], from: descriptor) else { return false }
    _ = try handshake.readMessage(second)
    Loopback.send(try handshake.writeMessage(try TransportKeys.packPayload([0xA0], message: 2)), to: descriptor)
    Loopback.send(sealed ? try RecordCipher(handshake).sealAll(bytes) : bytes, to: descriptor)
    Loopback.drain(descriptor)
    return true
  }
}
