// SPDX-License-Identifier: AGPL-3.0-or-later

/// What goes on between two sides once the handshake is through: frames in, frames out.
protocol Conversation {
  var report: SessionReport { get }
  var isEnded: Bool { get }
  /// Whether all is said but the other's CLOSE.
  var isClosing: Bool { get }

  mutating func handle(_ event: SessionEvent) -> [SessionEffect]
  /// Ends because the other did wrong, or something here failed: the other is told, by this code if there is
  /// one.
  mutating func fail(_ problem: SessionProblem, as code: CloseCode?) -> [SessionEffect]
  /// Ends because the other can't be heard, or told, any more.
  mutating func abandon(_ problem: SessionProblem)
}
