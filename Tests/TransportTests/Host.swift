// SPDX-License-Identifier: AGPL-3.0-or-later

import Foundation
import Synchronization
import SyncEngine
import Testing
import Transport

/// A server at work on a thread of its own, on a free port of this computer.
final class Host: @unchecked Sendable {
  private let log = Log()
  private let server: Server

  /// What the server has told so far.
  private final class Log: Sendable {
    struct State {
      var address: Address?
      var sessions: [(report: SessionReport, neighbour: String?)] = []
      var unreachable: [String] = []
      var isOver = false
      var error: (any Error)?
    }

    let state = Mutex(State())

    func take(_ event: ServerEvent) {
      state.withLock {
        switch event {
        case .listening(let address): $0.address = address
        case .session(let report, let neighbour): $0.sessions.append((report, neighbour))
        case .unreachable(let neighbour, _): $0.unreachable.append(neighbour)
        case .stopping: break
        }
      }
    }
  }

  /// Starts, and waits until it listens. Throws what `run` throws.
  init(
    _ place: Place, at address: Address = Address(host: "127.0.0.1", port: 0),
    neighbours: [Neighbour] = [], adjust: (inout Server.Settings) -> Void = { _ in }
  ) throws {
    var settings = Server.Settings(address: address)
    settings.interval = 3_600
    settings.obeysSignals = false
    adjust(&settings)
    let log = log
    server = Server(
      try place.open(), settings: settings, program: "host", neighbours: { neighbours }, event: { log.take($0) })
    Thread { [self] in
      do { try server.run() } catch { log.state.withLock { $0.error = error } }
      log.state.withLock { $0.isOver = true }
    }.start()
    _ = wait { log.state.withLock { $0.address != nil || $0.isOver } }
    if let error = log.state.withLock({ $0.error }) { throw error }
  }

  var address: Address { log.state.withLock { $0.address! } }
  var sessions: [(report: SessionReport, neighbour: String?)] { log.state.withLock { $0.sessions } }
  var unreachable: [String] { log.state.withLock { $0.unreachable } }
  var isOver: Bool { log.state.withLock { $0.isOver } }

  /// Stops it; whether it ended without an error and in good time.
  @discardableResult
  func stop() -> Bool {
    if !isOver { server.stop() }
    return wait(10) { isOver } && log.state.withLock { $0.error == nil }
  }
}

/// One call from a place to an address.
@discardableResult
func call(_ place: Place, _ address: Address, device: DeviceID? = nil) throws -> SessionReport {
  try Dialer.sync(try place.open(), with: address, device: device, program: "caller")
}
