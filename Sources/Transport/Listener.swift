// SPDX-License-Identifier: AGPL-3.0-or-later

import NIOCore
import NIOPosix
import SyncEngine

/// Why a listener can't be.
public enum ListenError: Error, Equatable, Sendable {
  /// The address can't be listened at; the text is the system's.
  case cannotBind(Address, String)
}

/// Answers whoever calls this replica: members, and those who bring an invitation. Strangers get no byte.
///
/// It lives on one event loop, and so does the replica that it was given.
final class Listener {
  /// Connections whose handshake isn't through: in all, and from one address. One more takes the place of the
  /// oldest that has shown no key, so that nobody who shows none can shut the door on those who do.
  static let halfOpenLimit = 64
  static let halfOpenPerAddress = 4

  private let loop: any EventLoop
  private let doorkeeper: Doorkeeper
  private let program: String
  private let finished: (SessionReport) -> Void
  private var connections: [Int: Connection] = [:]
  private var accepted = 0
  private var channel: (any Channel)?

  private struct Connection {
    let handler: LinkHandler
    let from: String
  }

  init(
    _ store: any SessionStore, on loop: any EventLoop, program: String,
    finished: @escaping (SessionReport) -> Void
  ) {
    self.loop = loop
    self.program = program
    self.finished = finished
    doorkeeper = Doorkeeper(store: store)
  }

  /// Starts listening; the address that it got, which tells the port where 0 was asked for.
  func bind(_ address: Address) -> EventLoopFuture<Address> {
    let bound = NIOLoopBound(self, eventLoop: loop)
    return ServerBootstrap(group: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try bound.value.welcome(channel) }
      }
      .bind(host: address.host, port: address.port)
      .flatMapThrowing { channel in
        bound.value.channel = channel
        return Address(host: address.host, port: channel.localAddress?.port ?? address.port)
      }
      .flatMapErrorThrowing { throw ListenError.cannotBind(address, Self.reason($0)) }
  }

  private static func reason(_ error: any Error) -> String {
    (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
  }

  private func welcome(_ channel: any Channel) throws {
    let from = channel.remoteAddress?.ipAddress ?? ""
    guard makeRoom(for: from) else { return channel.close(promise: nil) }
    accepted += 1
    let number = accepted
    let link = Link.answering(doorkeeper, program: program, now: Monotonic.now)
    let handler = LinkHandler(link, progress: { _ in }) { [unowned self] report in
      connections[number] = nil
      finished(report)
    }
    connections[number] = Connection(handler: handler, from: from)
    try channel.pipeline.syncOperations.addHandler(handler)
  }

  /// False if there is no room for one more from this address.
  private func makeRoom(for address: String) -> Bool {
    let halfOpen = connections.filter(\.value.handler.isHalfOpen)
    let neighbours = halfOpen.filter { $0.value.from == address }
    if neighbours.count >= Self.halfOpenPerAddress { return endOldest(of: neighbours) }
    if halfOpen.count >= Self.halfOpenLimit { return endOldest(of: halfOpen) }
    return true
  }

  /// Ends the connection that deserves it most; false if all of them have shown a key.
  private func endOldest(of connections: [Int: Connection]) -> Bool {
    let worst = connections.filter { $0.value.handler.acquaintance < .recognised }
      .min { ($0.value.handler.acquaintance, $0.key) < ($1.value.handler.acquaintance, $1.key) }
    worst?.value.handler.stop(.silence)
    return worst != nil
  }

  /// Stops listening and ends every session, telling the others.
  func stop() {
    channel?.close(promise: nil)
    for connection in connections.values { connection.handler.stop(.limit("going down"), as: .goingDown) }
  }

  var isIdle: Bool { connections.isEmpty }
}
