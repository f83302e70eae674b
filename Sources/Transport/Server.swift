// SPDX-License-Identifier: AGPL-3.0-or-later

import Dispatch
import Glibc
import NIOCore
import NIOPosix
import SyncEngine

/// A neighbour that a server calls by itself.
public struct Neighbour: Sendable, Equatable {
  public let name: String
  public let address: Address
  public let device: DeviceID?

  public init(name: String, address: Address, device: DeviceID?) {
    self.name = name
    self.address = address
    self.device = device
  }
}

/// What a server tells while it runs, on its own thread.
public enum ServerEvent: Sendable {
  /// It listens here.
  case listening(Address)
  /// A session, begun by either side, is over. `neighbour` is named where this side called.
  case session(SessionReport, neighbour: String?)
  /// A neighbour couldn't be reached.
  case unreachable(neighbour: String, why: String)
  /// It is about to end.
  case stopping
}

/// Listens for callers, and calls the neighbours: at the start, when a command says that something is new, and
/// now and then.
public final class Server {
  public struct Settings: Sendable {
    /// Where to listen.
    public var address: Address
    /// How often the neighbours are called when nothing is new, in seconds.
    public var interval: Int64 = 60
    /// After a failure a neighbour is left alone for twice as long each time, up to this many seconds.
    public var longestPause: Int64 = 900
    /// Whether commands can nudge it, and neighbours are called at all.
    public var callsNeighbours = true
    /// Whether the first admission ends it, as soon as the newcomer has fetched what there is.
    public var stopsAfterAdmission = false
    /// How long a newcomer is waited for after its admission, and after each session with it, in milliseconds.
    public var newcomerPatience: (first: Int64, further: Int64) = (15_000, 2_000)
    /// Whether SIGTERM and SIGINT end it.
    public var obeysSignals = true

    public init(address: Address) { self.address = address }
  }

  private let replica: Replica
  private let settings: Settings
  private let program: String
  private let neighbours: () throws -> [Neighbour]
  private let event: (ServerEvent) -> Void
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private var loop: any EventLoop { group.next() }
  private var listener: Listener?
  private var nudges: NudgeSocket?
  private var callers: [String: Caller] = [:]
  /// Sessions that this side began, by the neighbour's name.
  private var sessions: [String: LinkHandler] = [:]
  private var signals: [any DispatchSourceSignal] = []
  private let stopped = DispatchSemaphore(value: 0)
  private var isStopping = false
  /// Who was let in, and when the server goes home after that.
  private var newcomer: DeviceID?
  private var homeward: Scheduled<Void>?

  /// How things stand with one neighbour.
  private struct Caller {
    var isCalling = false
    var isWanted = false
    var failures: Int64 = 0
    var notBefore: UInt64 = 0
  }

  /// - Parameters:
  ///   - neighbours: asked before each round, on the server's thread.
  ///   - event: called on the server's thread.
  public init(
    _ replica: Replica, settings: Settings, program: String, neighbours: @escaping () throws -> [Neighbour] = { [] },
    event: @escaping (ServerEvent) -> Void
  ) {
    self.replica = replica
    self.settings = settings
    self.program = program
    self.neighbours = neighbours
    self.event = event
  }

  /// Runs until it is stopped. The replica is the server's meanwhile.
  ///
  /// Throws `ListenError`, `ServeError`.
  public func run() throws {
    defer { try? group.syncShutdownGracefully() }
    let listener = Listener(replica, on: loop, program: program) { [unowned self] in finished($0, neighbour: nil) }
    self.listener = listener
    let this = HandedOver(self)
    if settings.callsNeighbours { try openNudges() }
    defer { nudges?.close() }
    let address = try loop.flatSubmit { this.value.listener!.bind(this.value.settings.address) }.wait()
    if settings.callsNeighbours { callNowAndThen() }
    if settings.obeysSignals { obeySignals() }
    try loop.submit {
      this.value.event(.listening(address))
      this.value.callAll(isNew: true)
    }.wait()
    stopped.wait()
    try? loop.submit { this.value.event(.stopping) }.wait()
    for _ in 0..<200 where (try? loop.submit { this.value.isIdle }.wait()) == false { usleep(10_000) }
  }

  private var isIdle: Bool { listener!.isIdle && sessions.isEmpty }

  /// Ends it from any thread. Sessions going on are told.
  public func stop() {
    let this = HandedOver(self)
    loop.execute { this.value.stopOnLoop() }
  }

  private func stopOnLoop() {
    guard !isStopping else { return }
    isStopping = true
    listener?.stop()
    for session in sessions.values { session.stop(.limit("going down"), as: .goingDown) }
    stopped.signal()
  }

  private func openNudges() throws {
    let this = HandedOver(self)
    do {
      nudges = try NudgeSocket.open(folder: replica.folder, on: loop) { this.value.nudged() }
    } catch let failure as NudgeSocket.Failure {
      throw ServeError(failure)
    }
  }

  private func callNowAndThen() {
    let this = HandedOver(self)
    loop.scheduleRepeatedTask(initialDelay: .seconds(settings.interval), delay: .seconds(settings.interval)) { _ in
      this.value.callAll(isNew: false)
    }
  }

  private func obeySignals() {
    for number in [SIGTERM, SIGINT] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      let this = HandedOver(self)
      source.setEventHandler { this.value.stop() }
      source.resume()
      signals.append(source)
    }
  }

  // MARK: Calling

  /// Several commands in a row make one call.
  private func nudged() {
    let this = HandedOver(self)
    loop.scheduleTask(in: .milliseconds(200)) { this.value.callAll(isNew: true) }
  }

  private func callAll(isNew: Bool) {
    guard settings.callsNeighbours, !isStopping, let neighbours = try? neighbours() else { return }
    for neighbour in neighbours { call(neighbour, isNew: isNew) }
  }

  private func call(_ neighbour: Neighbour, isNew: Bool) {
    var caller = callers[neighbour.name] ?? Caller()
    defer { callers[neighbour.name] = caller }
    if caller.isCalling {
      caller.isWanted = caller.isWanted || isNew
      return
    }
    guard Monotonic.now >= caller.notBefore else { return }
    caller.isCalling = true
    caller.isWanted = false
    dial(neighbour, knownDevice: neighbour.device)
  }

  private func dial(_ neighbour: Neighbour, knownDevice: DeviceID?) {
    let (replica, program) = (replica, program)
    let this = HandedOver(self)
    let key = knownDevice.map(Link.Key.device) ?? .group
    Dialer.dial(
      neighbour.address, on: loop, progress: { _ in }, began: { this.value.sessions[neighbour.name] = $0 }
    ) {
      Link.calling(replica, by: key, hasFallback: knownDevice != nil, program: program, now: Monotonic.now)
    }.whenComplete { result in this.value.dialled(neighbour, knownDevice, result) }
  }

  private func dialled(
    _ neighbour: Neighbour, _ knownDevice: DeviceID?, _ result: Result<HandedOver<SessionReport>, any Error>
  ) {
    sessions[neighbour.name] = nil
    switch result {
    case .success(let report):
      if knownDevice != nil, case .silence? = report.value.problem, !isStopping {
        return dial(neighbour, knownDevice: nil)
      }
      settle(neighbour, failed: report.value.problem != nil)
      finished(report.value, neighbour: neighbour.name)
    case .failure(let error):
      settle(neighbour, failed: true)
      var why = "\(error)"
      if case .unreachable(_, let reason)? = error as? DialError { why = reason }
      event(.unreachable(neighbour: neighbour.name, why: why))
    }
  }

  private func settle(_ neighbour: Neighbour, failed: Bool) {
    var caller = callers[neighbour.name] ?? Caller()
    caller.isCalling = false
    caller.failures = failed ? min(caller.failures + 1, 16) : 0
    let pause = failed ? min(settings.longestPause, 1 << caller.failures) : 0
    caller.notBefore = Monotonic.now + UInt64(pause * 1000 + (failed ? Int64.random(in: 0..<1000) : 0))
    let again = caller.isWanted && !failed
    callers[neighbour.name] = caller
    if again { call(neighbour, isNew: true) }
  }

  private func finished(_ report: SessionReport, neighbour: String?) {
    event(.session(report, neighbour: neighbour))
    guard settings.stopsAfterAdmission else { return }
    if let admitted = report.admitted {
      newcomer = admitted.device
      goHome(in: settings.newcomerPatience.first)
    } else if newcomer != nil, report.peer == newcomer {
      goHome(in: settings.newcomerPatience.further)
    }
  }

  private func goHome(in milliseconds: Int64) {
    homeward?.cancel()
    let this = HandedOver(self)
    homeward = loop.scheduleTask(in: .milliseconds(milliseconds)) {
      this.value.isIdle ? this.value.stopOnLoop() : this.value.goHome(in: 100)
    }
  }
}

/// Why `serve` can't run.
public enum ServeError: Error, Equatable, Sendable {
  /// One runs on this replica already.
  case alreadyServing
  /// The folder's path is too long for a socket in it: at most so many bytes, the socket's name included.
  case pathTooLong(limit: Int)
  case cannotListenForCommands(String)

  init(_ failure: NudgeSocket.Failure) {
    self =
      switch failure {
      case .taken: .alreadyServing
      case .pathTooLong(let limit): .pathTooLong(limit: limit)
      case .cannotBind(let why): .cannotListenForCommands(why)
      }
  }
}
