// SPDX-License-Identifier: AGPL-3.0-or-later

/// What happened, as a hash: two runs of one seed have the same. With `isVerbose` it is printed as it happens.
struct Trace {
  private(set) var value = Self.start
  let isVerbose: Bool

  private static let start: UInt64 = 0xcbf2_9ce4_8422_2325

  init(isVerbose: Bool) { self.isVerbose = isVerbose }

  mutating func note(_ line: @autoclosure () -> String) {
    let line = line()
    value = Self.hash(line.utf8, after: value)
    if isVerbose { print("  " + line) }
  }

  /// FNV-1a over 64 bits.
  static func hash(_ bytes: some Sequence<UInt8>, after: UInt64 = start) -> UInt64 {
    bytes.reduce(after) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
