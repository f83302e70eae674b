// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import SQLite

/// Columns of fixed size. What has another size was not written by this program.
extension Statement {
  func bytes(_ column: Int32, count: Int) throws(StoreError) -> [UInt8] {
    let bytes = bytes(column)
    guard bytes.count == count else { throw .damaged("a value of \(count) bytes has \(bytes.count)") }
    return bytes
  }

  /// A stamp, a total, or a count.
  func number(_ column: Int32) throws(StoreError) -> UInt64 {
    let number = uint(column)
    guard number <= Limits.number else { throw .damaged("a number is out of bounds") }
    return number
  }

  /// A change's place in its log, which isn't the last possible one.
  func dot(_ column: Int32) throws(StoreError) -> Dot {
    let dot = Dot(rawValue: uint(column))
    guard dot.log < Dot.logLimit - 1, dot.seq < Dot.seqLimit - 1 else { throw .damaged("an impossible change") }
    return dot
  }

  func id16(_ column: Int32) throws(StoreError) -> ID16 { ID16(try bytes(column, count: ID16.byteCount), at: 0) }

  func id32(_ column: Int32) throws(StoreError) -> ID32 { ID32(try bytes(column, count: ID32.byteCount), at: 0) }
}
