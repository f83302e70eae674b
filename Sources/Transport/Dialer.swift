// SPDX-License-Identifier: AGPL-3.0-or-later

import MujawaraCrypto
import NIOCore
import NIOPosix
import SyncEngine

/// Why a peer couldn't be talked to.
public enum DialError: Error, Equatable, Sendable {
  /// No connection came about; the text is the system's.
  case unreachable(Address, String)
}

/// Calls others. Each call blocks until it is over, and lends the replica to the connection meanwhile.
public enum Dialer {
  static let connectTimeout = TimeAmount.seconds(10)

  /// Runs one session with whoever listens at `address`. The report's `problem` tells what kept it from its aim;
  /// what was stored stays stored.
  ///
  /// - Parameter device: who listens there, if known: it is called by the pairwise key, and after two seconds of
  ///   silence by the network's (protocol.md section 11).
  /// - Throws: `DialError` if no connection came about.
  public static func sync(
    _ replica: Replica, with address: Address, device: DeviceID? = nil, program: String,
    progress: @escaping (SessionProgress) -> Void = { _ in }
  ) throws -> SessionReport {
    for candidate in try acquaintances(of: replica, expecting: device) {
      let report = try run(address, progress: progress) {
        Link.calling(replica, by: .device(candidate), hasFallback: true, program: program, now: Monotonic.now)
      }
      guard case .silence? = report.problem else { return report }
    }
    return try run(address, progress: progress) {
      Link.calling(replica, by: .group, program: program, now: Monotonic.now)
    }
  }

  /// Whom to call by a pairwise key before the network's: the device that is expected; or, for a newcomer to whom
  /// the network's key hasn't come, everybody.
  private static func acquaintances(of replica: Replica, expecting device: DeviceID?) throws -> [DeviceID] {
    let members = try replica.membership()
    if let device, members.isPresent(device) { return [device] }
    guard try replica.currentEpoch(of: .commons) == nil else { return [] }
    return members.sortedDevices.map(\.id).filter { $0 != replica.deviceID }
  }

  /// Joins by invitation at a member who listens at `address`; the report's `joined` is what it gave.
  public static func join(
    _ code: InvitationCode, keys: DeviceKeys, name: String, at address: Address, program: String
  ) throws -> SessionReport {
    try run(address, progress: { _ in }) {
      Link.joining(code, keys: keys, name: name, program: program, now: Monotonic.now)
    }
  }

  private static func run(
    _ address: Address, progress: @escaping (SessionProgress) -> Void, link: @escaping () -> Link
  ) throws -> SessionReport {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { try? group.syncShutdownGracefully() }
    return try dial(address, on: group.next(), progress: progress, link: link).wait().value
  }

  /// Connects and runs a link; everything it calls is called on `loop`. The link is made once a connection
  /// stands: a name with several addresses is tried at several of them at once.
  ///
  /// - Parameter began: given what runs the link, which can stop it.
  static func dial(
    _ address: Address, on loop: any EventLoop, progress: @escaping (SessionProgress) -> Void,
    began: @escaping (LinkHandler) -> Void = { _ in }, link: @escaping () -> Link
  ) -> EventLoopFuture<HandedOver<SessionReport>> {
    let done = loop.makePromise(of: HandedOver<SessionReport>.self)
    let parts = HandedOver((progress: progress, began: began, link: link))
    ClientBootstrap(group: loop)
      .connectTimeout(connectTimeout)
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .connect(host: address.host, port: address.port)
      .flatMapThrowing { channel in
        guard channel.isActive else { throw ChannelError.ioOnClosedChannel }
        let handler = LinkHandler(parts.value.link(), progress: parts.value.progress) { report in
          done.succeed(HandedOver(report))
        }
        parts.value.began(handler)
        try channel.pipeline.syncOperations.addHandler(handler)
      }
      .whenFailure { done.fail(DialError.unreachable(address, reason($0))) }
    return done.futureResult
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { reason($0.error) } ?? "its name can't be resolved"
    case let error as ChannelError where error == .connectTimeout(connectTimeout): "no answer within 10 seconds"
    case let error as ChannelError where error == .ioOnClosedChannel: "it hung up at once"
    default: "\(error)"
    }
  }
}
