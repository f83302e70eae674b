// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc

/// Instants as people read them.
enum Times {
  /// `2026-11-22 18:02`, in this computer's zone, of milliseconds since 1970.
  static func local(_ milliseconds: UInt64) -> String { local(seconds: Int64(milliseconds / 1000)) }

  static func local(seconds: Int64) -> String {
    var time = time_t(seconds)
    var parts = tm()
    guard localtime_r(&time, &parts) != nil else { return "(no date)" }
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) \(two(parts.tm_hour)):\(two(parts.tm_min))"
  }

  /// `just now`, `5 min ago`, `3 h ago`, or the time itself when it was longer ago; `never` for none.
  static func ago(_ milliseconds: UInt64?) -> String {
    guard let milliseconds else { return "never" }
    let now = Context.wallClock()
    guard now >= milliseconds else { return local(milliseconds) }
    switch (now - milliseconds) / 60_000 {
    case 0: return "just now"
    case let minutes where minutes < 60: return "\(minutes) min ago"
    case let minutes where minutes < 24 * 60: return "\(minutes / 60) h ago"
    default: return local(milliseconds)
    }
  }
}
