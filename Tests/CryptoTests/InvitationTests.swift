// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import Testing

@Suite("Invitation codes")
struct InvitationTests {
  @Test("all that follows from a code is as the second program has it")
  func vector() throws {
    let v = try Vectors.structures()
    let code = InvitationCode(secret: try v.secret("invite_secret"))
    #expect(code.text == (try v.text("code")))
    for read in [code, try InvitationCode(parsing: try v.text("code"))] {
      #expect(read.id == (try v.bytes("invite_id")))
      #expect(read.signingKey.publicKey == (try v.bytes("invite_key")))
      #expect(read.psk == (try v.secret("psk")))
      #expect(read.fileKey == (try v.secret("file_key")))
    }
    let sealed = try v.bytes("invite_sealed")
    #expect(code.sealed(epochSecret: try v.secret("epoch_secret"), nonce: Array(sealed[..<24])) == sealed)
  }

  @Test("are 35 digits in 7 groups of 5, and come back")
  func roundTrip() throws {
    for _ in 0..<50 {
      let code = InvitationCode.generate()
      let groups = code.text.split(separator: "-")
      #expect(groups.count == 7 && groups.allSatisfy { $0.count == 5 && $0.allSatisfy(\.isNumber) })
      #expect(try InvitationCode(parsing: code.text).id == code.id)
    }
    let least = InvitationCode(secret: SecretBytes(copying: [UInt8](repeating: 0, count: 12)))
    #expect(try InvitationCode(parsing: least.text).id == least.id)
  }

  @Test(
    "may be typed in the digits of any script, with anything between them",
    arguments: [
      0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10, 0x1d7ce,
    ])
  func scripts(zero: UInt32) throws {
    let code = InvitationCode.generate()
    var text = ""
    for scalar in code.text.unicodeScalars {
      if scalar == "-" {
        text += " \u{200f}—/"
      } else {
        text.unicodeScalars.append(try #require(Unicode.Scalar(scalar.value - 0x30 + zero)))
      }
    }
    #expect(try InvitationCode(parsing: "code: \(text)\n").id == code.id)
  }

  @Test("digits that aren't decimal don't count: superscripts, circles, fractions")
  func otherNumbers() throws {
    let code = InvitationCode.generate()
    #expect(try InvitationCode(parsing: code.text + "²①½Ⅷ").id == code.id)
  }

  @Test("each single digit changed is refused, as are any two neighbours exchanged")
  func typos() throws {
    let v = try Vectors.structures()
    let digits = try v.text("code").compactMap(\.wholeNumberValue)
    for index in digits.indices {
      for digit in 0...9 where digit != digits[index] {
        var typed = digits
        typed[index] = digit
        #expect(throws: CryptoError.self) { try InvitationCode(parsing: typed.map(String.init).joined()) }
      }
    }
    for index in digits.indices.dropLast() where digits[index] != digits[index + 1] {
      var typed = digits
      typed.swapAt(index, index + 1)
      #expect(throws: CryptoError.self) { try InvitationCode(parsing: typed.map(String.init).joined()) }
    }
  }

  @Test("a code too short or too long, too great, or of another version is named as such")
  func refusals() throws {
    let code = InvitationCode.generate().text
    #expect(throws: CryptoError.codeWrongLength(34)) { try InvitationCode(parsing: String(code.dropLast())) }
    #expect(throws: CryptoError.codeWrongLength(36)) { try InvitationCode(parsing: code + "1") }
    #expect(throws: CryptoError.codeWrongLength(0)) { try InvitationCode(parsing: "") }
    #expect(throws: CryptoError.codeMistyped) {
      try InvitationCode(parsing: String(repeating: "9", count: 35))
    }
    #expect(throws: CryptoError.codeMistyped) {
      try InvitationCode(parsing: String(repeating: "0", count: 35))
    }
    #expect(throws: CryptoError.codeUnknownVersion(2)) {
      try InvitationCode(parsing: Vectors.structures().text("code_version_2"))
    }
  }

  @Test("a countersign holds for one card and one invitation")
  func countersign() {
    let (code, card, other) = (
      InvitationCode.generate(), DeviceKeys.generate().card, DeviceKeys.generate().card
    )
    let sign = code.countersign(card)
    let key = code.signingKey.publicKey
    #expect(InvitationCode.verifyCountersign(sign, card: card, inviteKey: key))
    #expect(!InvitationCode.verifyCountersign(sign, card: other, inviteKey: key))
    let stranger = InvitationCode.generate().signingKey.publicKey
    #expect(!InvitationCode.verifyCountersign(sign, card: card, inviteKey: stranger))
    #expect(Signature.verify(context: "mjw1.invite.sig", card.hash, signature: sign, publicKey: key))
  }

  @Test("the sealed keys open under their epoch and id alone")
  func sealed() throws {
    let (code, epoch) = (InvitationCode.generate(), Epoch.newSecret())
    let sealed = code.sealed(epochSecret: epoch)
    #expect(sealed.count == 104)
    let opened = try InvitationCode.open(sealed: sealed, id: code.id, epochSecret: epoch)
    #expect(opened.psk == code.psk && opened.fileKey == code.fileKey)
    forEachDamage(sealed) { bad in
      #expect(throws: CryptoError.self) {
        try InvitationCode.open(sealed: bad, id: code.id, epochSecret: epoch)
      }
    }
    #expect(throws: CryptoError.notAuthentic) {
      try InvitationCode.open(sealed: sealed, id: flipped(code.id, at: 0), epochSecret: epoch)
    }
    #expect(throws: CryptoError.notAuthentic) {
      try InvitationCode.open(sealed: sealed, id: code.id, epochSecret: Epoch.newSecret())
    }
  }
}
