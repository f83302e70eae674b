// SPDX-License-Identifier: AGPL-3.0-or-later

import Foundation
import Glibc
import Synchronization
import Transport

/// Plain blocking sockets, for those who don't keep to the protocol.
enum Sockets {
  static func address(_ host: String, _ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = inet_addr(host)
    return address
  }

  /// Leaves a socket file behind, as a server that crashed does. False if that can't be.
  static func leaveStale(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
      bind(
        descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
        socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
    }
  }

  /// A connection to a port of this computer, from an address of the network 127; -1 if refused.
  static func connect(to port: Int, from source: String = "127.0.0.1") -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    var (own, other) = (address(source, 0), address("127.0.0.1", port))
    let isConnected = withUnsafePointer(to: &own) { own in
      withUnsafePointer(to: &other) { other in
        bind(descriptor, UnsafeRawPointer(own).assumingMemoryBound(to: sockaddr.self), size) == 0
          && Glibc.connect(descriptor, UnsafeRawPointer(other).assumingMemoryBound(to: sockaddr.self), size) == 0
      }
    }
    if isConnected { return descriptor }
    close(descriptor)
    return -1
  }

  /// A listening socket on a free port.
  static func listen() -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var (own, size) = (address("127.0.0.1", 0), socklen_t(MemoryLayout<sockaddr_in>.size))
    withUnsafeMutablePointer(to: &own) { own in
      own.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(descriptor, $0, size) == 0 && Glibc.listen(descriptor, 128) == 0)
        getsockname(descriptor, $0, &size)
      }
    }
    return (descriptor, Int(UInt16(bigEndian: own.sin_port)))
  }

  /// Ends a listening socket, from whatever thread.
  static func shut(_ descriptor: Int32) {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  /// Sends everything; false if the other is gone.
  @discardableResult
  static func send(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// What comes next; nil at the end, or when nothing came for so long.
  static func receive(_ descriptor: Int32, within seconds: Double? = nil, limit: Int = 65_536) -> [UInt8]? {
    if let seconds {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, Int32(seconds * 1000)) > 0 else { return nil }
    }
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &buffer, limit, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }
}

/// Somebody who connects and says whatever they like.
final class Stranger {
  private(set) var descriptor: Int32
  private(set) var heard: [UInt8] = []
  private(set) var isHungUp = false

  init(at address: Address, from source: String = "127.0.0.1") {
    descriptor = Sockets.connect(to: address.port, from: source)
    isHungUp = descriptor < 0
  }

  deinit { hangUp() }

  func say(_ bytes: some Collection<UInt8>) { if !Sockets.send(bytes, to: descriptor) { isHungUp = true } }

  /// Takes what has come within the time, or until the other hangs up.
  func listen(_ seconds: Double = 0) {
    while !isHungUp {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, Int32(seconds * 1000)) > 0 else { return }
      if let bytes = Sockets.receive(descriptor) { heard += bytes } else { isHungUp = true }
    }
  }

  /// Takes exactly so many bytes; nil if the other hangs up before, or says nothing for ten seconds.
  func take(_ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard let more = Sockets.receive(descriptor, within: 10, limit: count - bytes.count) else { return nil }
      bytes += more
    }
    return bytes
  }

  func hangUp() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    isHungUp = true
  }
}

/// Stands between two, forwards what they say, and may cut them off.
final class Proxy: Sendable {
  let port: Int
  private let listener: Int32
  private let target: Int
  private let source: String
  private let state: Mutex<State>

  private struct State {
    var seeds: Seeded
    var longest: Int?
    var budgets: [Int]
    var cuts = 0
    var capture: [UInt8] = []
    var freezeAfter = Int.max
    var isOver = false
    var isFrozen: Bool { capture.count >= freezeAfter }
  }

  var address: Address { Address(host: "127.0.0.1", port: port) }
  /// Connections cut so far.
  var cuts: Int { state.withLock { $0.cuts } }
  /// All bytes that went either way.
  var capture: [UInt8] { state.withLock { $0.capture } }
  /// After so many bytes nothing moves any more, in neither direction.
  func freeze(after bytes: Int) { state.withLock { $0.freezeAfter = bytes } }
  var isFrozen: Bool { state.withLock { $0.isFrozen } }

  /// - Parameters:
  ///   - longest: each connection is cut after a random number of bytes below this, if not nil.
  ///   - budgets: the first connections are cut after these numbers of bytes, both directions together.
  init(
    to address: Address, from source: String = "127.0.0.1", cuttingBelow longest: Int? = nil, seed: UInt64 = 1,
    cuttingAt budgets: [Int] = []
  ) {
    (listener, port) = Sockets.listen()
    target = address.port
    self.source = source
    state = Mutex(State(seeds: Seeded(seed), longest: longest, budgets: budgets.reversed()))
    Thread { [self] in
      while true {
        let caller = accept(listener, nil, nil)
        guard caller >= 0, !state.withLock({ $0.isOver }) else { return }
        begin(caller)
      }
    }.start()
  }

  /// Ends it: nobody gets through any more.
  func stop() {
    state.withLock { $0.isOver = true }
    Sockets.shut(listener)
  }

  private func begin(_ caller: Int32) {
    let callee = Sockets.connect(to: target, from: source)
    guard callee >= 0 else { close(caller); return }
    let budget = state.withLock { state in
      state.budgets.popLast() ?? state.longest.map { Int(state.seeds.next() % UInt64($0)) } ?? .max
    }
    let pair = Pair(caller: caller, callee: callee, budget: budget)
    Thread { [self] in pump(caller, callee, pair) }.start()
    Thread { [self] in pump(callee, caller, pair) }.start()
  }

  private final class Pair: Sendable {
    let descriptors: [Int32]
    let left: Mutex<(budget: Int, pumps: Int)>

    init(caller: Int32, callee: Int32, budget: Int) {
      descriptors = [caller, callee]
      left = Mutex((budget, 2))
    }

    /// How many of these bytes still go through.
    func take(_ count: Int) -> Int {
      left.withLock {
        let allowed = min(count, $0.budget)
        $0.budget -= allowed
        return allowed
      }
    }

    /// The last pump closes.
    func leave() {
      guard left.withLock({ $0.pumps -= 1; return $0.pumps == 0 }) else { return }
      for descriptor in descriptors { close(descriptor) }
    }
  }

  private func pump(_ from: Int32, _ to: Int32, _ pair: Pair) {
    defer { pair.leave() }
    while let bytes = Sockets.receive(from, limit: 2_048) {
      while state.withLock({ $0.isFrozen && !$0.isOver }) { usleep(2_000) }
      let allowed = pair.take(bytes.count)
      state.withLock { $0.capture += bytes[..<allowed] }
      guard Sockets.send(bytes[..<allowed], to: to) else { break }
      if allowed < bytes.count {
        state.withLock { $0.cuts += 1 }
        for descriptor in pair.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        return
      }
    }
    shutdown(to, Int32(SHUT_WR))
  }
}
