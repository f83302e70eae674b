// SPDX-License-Identifier: AGPL-3.0-or-later

import NIOCore
import SyncEngine

/// Drives one link over one connection: bytes and ticks in, bytes out. All on the connection's event loop.
final class LinkHandler: ChannelInboundHandler {
  /// How long the last bytes may take to leave before the connection is closed under them.
  static let lingering = TimeAmount.seconds(10)

  typealias InboundIn = NIOCore.ByteBuffer
  typealias OutboundOut = NIOCore.ByteBuffer

  private let link: Link
  private let progress: (SessionProgress) -> Void
  private let finished: (SessionReport) -> Void
  private var context: ChannelHandlerContext?
  private var ticks: RepeatedTask?
  private var isFinished = false
  /// What has happened and the link hasn't heard yet. A write that ends at once is told of while the effects of an
  /// event are carried out: it has to wait, or its own effects would overtake the rest of them.
  private var happened: [Happening] = []
  private var isAtWork = false

  private enum Happening {
    case event(LinkEvent)
    case stop(SessionProblem, CloseCode?)
  }

  /// - Parameter finished: called once, whatever becomes of the connection.
  init(
    _ link: Link, progress: @escaping (SessionProgress) -> Void, finished: @escaping (SessionReport) -> Void
  ) {
    self.link = link
    self.progress = progress
    self.finished = finished
  }

  /// What the other has shown of itself.
  var acquaintance: Link.Acquaintance { link.acquaintance }
  /// Whether the handshake isn't through.
  var isHalfOpen: Bool { acquaintance < .talking }

  func channelActive(context: ChannelHandlerContext) { begin(context) }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { begin(context) }
  }

  private func begin(_ context: ChannelHandlerContext) {
    guard self.context == nil else { return }
    self.context = context
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    ticks = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      bound.value.feed(.tick)
    }
    feed(.start)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    feed(.received(Array(unwrapInboundIn(data).readableBytesView)))
  }

  func channelInactive(context: ChannelHandlerContext) {
    feed(.ended)
    self.context = nil
    ticks?.cancel()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// Ends the session from this side; the other is told why, by the problem's own code or another.
  func stop(_ problem: SessionProblem, as code: CloseCode? = nil) { take(.stop(problem, code)) }

  private func feed(_ event: LinkEvent) { take(.event(event)) }

  private func take(_ happening: Happening) {
    happened.append(happening)
    guard !isAtWork else { return }
    isAtWork = true
    defer { isAtWork = false }
    while !happened.isEmpty {
      let next = happened.removeFirst()
      guard !isFinished else { continue }
      switch next {
      case .event(let event): perform(link.handle(event, now: Monotonic.now))
      case .stop(let problem, let code): perform(link.stop(problem, as: code, now: Monotonic.now))
      }
    }
  }

  private func perform(_ effects: [LinkEffect]) {
    for effect in effects {
      switch effect {
      case .send(let bytes): send(bytes)
      case .progress(let progress): self.progress(progress)
      case .finished(let report): finish(report)
      }
    }
  }

  private func send(_ bytes: [UInt8]) {
    guard let context else { return }
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    let count = bytes.count
    context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)))
      .whenSuccess { bound.value.feed(.sent(count)) }
  }

  private func finish(_ report: SessionReport) {
    isFinished = true
    ticks?.cancel()
    if let context { close(context) }
    finished(report)
  }

  /// Closes once everything is out. Whoever doesn't take it has had time enough.
  private func close(_ context: ChannelHandlerContext) {
    let channel = context.channel
    let patience = context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(channel.allocator.buffer(capacity: 0))).whenComplete { _ in
      patience.cancel()
      channel.close(promise: nil)
    }
  }
}

/// A clock that never goes back, in milliseconds: what links measure patience by.
enum Monotonic {
  static var now: UInt64 { NIODeadline.now().uptimeNanoseconds / 1_000_000 }
}

/// Carries what isn't Sendable to the one thread that will use it. Whoever makes one gives its content up until
/// that thread is done.
struct HandedOver<T>: @unchecked Sendable {
  let value: T
  init(_ value: T) { self.value = value }
}
