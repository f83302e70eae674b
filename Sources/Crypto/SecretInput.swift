// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc

extension SecretBytes {
  /// The most bytes that a passphrase has.
  public static let inputLimit = 1_024

  /// Reads one line straight into guarded memory, without its newline, and nothing beyond it.
  /// The end of input counts as a newline unless nothing came before it.
  /// Throws `inputClosed`, or `inputTooLong` beyond 1,024 bytes.
  public static func readLine(from fd: Int32) throws(CryptoError) -> SecretBytes {
    let line = SecretScratch(inputLimit + 1)
    let count = try fill(line, from: fd) { .goOn }
    return secret(line, count)
  }

  /// What a wait for input found before a byte could be read.
  enum Wait { case goOn, stop }

  /// The bytes before the newline; `wait` runs before each read.
  static func fill(
    _ line: SecretScratch, from fd: Int32, wait: () -> Wait
  ) throws(CryptoError) -> Int {
    var count = 0
    while true {
      guard wait() == .goOn else { throw .interrupted }
      let got = line.withBytes { unsafe read(fd, $0.baseAddress! + count, 1) }
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else {
        if got == 0 && count > 0 { return count }
        throw .inputClosed
      }
      if line.withBytes({ unsafe $0[count] == 0x0a }) { return count }
      count += 1
      guard count <= inputLimit else { throw .inputTooLong }
    }
  }

  static func secret(_ line: SecretScratch, _ count: Int) -> SecretBytes {
    SecretBytes(count: count) { out in
      line.withBytes { unsafe out.copyMemory(from: $0.part(0..<count).readOnly) }
    }
  }
}
