// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto
import SyncEngine
import Testing

@Suite("Joining by stick") struct StickJoiningTests {
  private func request(_ applicant: Applicant, _ code: InvitationCode) throws -> [UInt8] {
    let buffer = ByteBuffer()
    _ = try BundleWriter.writeRequest(
      to: buffer, card: applicant.keys.card, code: code, name: "Nachbarn", now: 1_800_000_000_000)
    return buffer.bytes
  }

  private func admission(_ host: TestPlace, _ newcomer: DeviceID, _ code: InvitationCode) throws -> [UInt8] {
    let path = host.folder + "/admission-\(newcomer)"
    _ = try BundleWriter.writeAdmission(
      to: path, from: host.replica, newcomer: newcomer, fileKey: BundleKey(code), replacing: true)
    let source = try BundleSource(path)
    return try source.read(at: 0, source.count)
  }

  @Test func `takes a request there and an admission back`() throws {
    let (a, b) = try neighbours()
    for number in 0..<5 { try a.write("\(number)") }
    let code = try a.invite(medium: InviteDescription.Medium.stick)
    #expect(sync(a, b).converged)
    let applicant = try Applicant()
    let (join, invite) = try BundleReader.request(
      ByteBuffer(try request(applicant, code)), keys: BundleKey.all(of: b.replica))
    #expect(join.name == "Nachbarn" && invite == InviteID(code.id))
    guard case .admitted(let newcomer) = try Admitting.admit(join, by: invite, into: b.replica) else {
      Issue.record("it is admitted")
      return
    }
    let file = try admission(b, newcomer.device, code)
    let joined = try BundleReader.admission(ByteBuffer(file), code: code, card: applicant.keys.card)
    let replica = try applicant.become(joined, named: "Nachbarn", clock: a.clock)
    let report = try BundleReader.read(
      ByteBuffer(file), into: replica, keys: [BundleKey(code)], takingIntactPart: false, progress: { _ in })
    #expect(report.received.refused.isEmpty && report.received.unreadable == 0 && report.missing.isEmpty)
    #expect(try replica.snapshot(of: a.commons).digest == b.digest())
    try replica.settle()
    #expect(Cable(replica, a.replica).run().callerReport?.converged == true)
  }

  @Test func `shows nothing to who hasn't the code`() throws {
    let (a, b) = try neighbours()
    let code = try a.invite(medium: InviteDescription.Medium.stick)
    let applicant = try Applicant()
    let request = try request(applicant, code)
    let stranger = try TestPlace(named: "elsewhere")
    #expect(throws: BundleError.noKey) {
      try BundleReader.request(ByteBuffer(request), keys: BundleKey.all(of: stranger.replica))
    }
    for secret in [applicant.keys.card.sign, applicant.keys.card.noise, code.id, Array("Nachbarn".utf8)] {
      #expect(!contains(request, secret))
    }
    #expect(throws: BundleError.noKey) {
      try BundleReader.request(ByteBuffer(request), keys: BundleKey.all(of: b.replica))
    }
  }

  @Test func `takes each file for what it is`() throws {
    let (a, _) = try neighbours()
    let code = try a.invite(medium: InviteDescription.Medium.stick)
    let applicant = try Applicant()
    let request = try request(applicant, code)
    let keys = try BundleKey.all(of: a.replica)
    #expect(throws: BundleError.otherPurpose(.request)) { try a.read(request) }
    #expect(throws: BundleError.otherPurpose(.request)) {
      try BundleReader.admission(ByteBuffer(request), code: code, card: applicant.keys.card)
    }
    #expect(throws: BundleError.otherPurpose(.sync)) {
      try BundleReader.request(ByteBuffer(try a.bundle()), keys: keys)
    }
  }

  @Test func `admits the card of the request and no other`() throws {
    let (a, _) = try neighbours()
    let code = try a.invite(medium: InviteDescription.Medium.stick)
    let applicant = try Applicant()
    let (join, invite) = try BundleReader.request(
      ByteBuffer(try request(applicant, code)), keys: BundleKey.all(of: a.replica))
    var forged = join
    forged.card = DeviceKeys.generate().card
    #expect(throws: SessionProblem.self) { try Admitting.admit(forged, by: invite, into: a.replica) }
    #expect(
      try Admitting.admit(join, by: invite, into: a.replica)
        == Admitting.admit(join, by: invite, into: a.replica))
    let file = try admission(a, applicant.keys.card.device, code)
    #expect(throws: SessionProblem.self) {
      try BundleReader.admission(ByteBuffer(file), code: code, card: forged.card)
    }
  }
}
