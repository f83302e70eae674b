// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import Foundation
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("A bundle") struct BundleTests {
  @Test func `brings what was written since`() throws {
    let a = try TestPlace()
    let b = try TestPlace(joining: a)
    try exchange([a, b])
    let commons = a.replica.id(of: .commons)
    for i in 0..<10 {
      try a.replica.commit(to: commons, [ContentEntry(.new(.number(12)), [FieldEdits(4, .text("x\(i)"))])])
    }
    let path = a.folder + "/b.bin"
    _ = try BundleWriter.write(
      to: path, from: a.replica, spaces: [commons], key: .current(of: commons, in: a.replica))
    let report = try BundleReader.read(path, into: b.replica)
    #expect(report.received.new == 10)
    #expect(report.missing.isEmpty)
    #expect(report.hasGenuineReceipt == true)
    #expect(try a.digest() == b.digest())
  }
}
