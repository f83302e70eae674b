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
  /// Connections whose other side hasn't shown a key yet: in all, and from one address.
  static let halfOpenLimit = 64
  static let halfOpenPerAddress = 4

  private let loop: any EventLoop
  private let doorkeeper: Doorkeeper
  private let program: String
  private let finished: (SessionReport) -> Void
  private var connections: [ObjectIdentifier: (handler: LinkHandler, from: String)] = [:]
  private var channel: (any Channel)?

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
    let halfOpen = connections.values.filter(\.handler.isHalfOpen)
    guard halfOpen.count < Self.halfOpenLimit,
      halfOpen.count(where: { $0.from == from }) < Self.halfOpenPerAddress
    else {
      channel.close(promise: nil)
      return
    }
    let key = ObjectIdentifier(channel)
    let link = Link.answering(doorkeeper, program: program, now: Monotonic.now)
    let handler = LinkHandler(link, progress: { _ in }) { [unowned self] report in
      connections[key] = nil
      finished(report)
    }
    connections[key] = (handler, from)
    try channel.pipeline.syncOperations.addHandler(handler)
  }

  /// Stops listening and ends every session, telling the others.
  func stop() {
    channel?.close(promise: nil)
    for connection in connections.values { connection.handler.stop(.limit("going down")) }
  }

  var isIdle: Bool { connections.isEmpty }
}
