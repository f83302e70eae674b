// SPDX-License-Identifier: AGPL-3.0-or-later

/// The answering side of the transport's first message (protocol.md, section 11).
public enum Responder {
  /// A prologue and a PSK that an initiator may have used.
  public struct Candidate: Sendable {
    public let prologue: [UInt8]
    public let psk: SecretBytes

    /// `psk` has 32 bytes.
    public init(prologue: [UInt8], psk: SecretBytes) {
      self.prologue = prologue
      self.psk = psk
    }
  }

  /// Finds the candidate under which the first message is authentic: its index, the handshake to go on
  /// with, and the payload; nil if none fits. A trial costs some hashes and no Diffie-Hellman, so a
  /// stranger's bytes cost little however many candidates there are.
  public static func trial(
    _ message1: [UInt8], staticKey: AgreementKey, candidates: [Candidate], ephemeral: AgreementKey? = nil
  ) -> (index: Int, handshake: HandshakeState, payload: [UInt8])? {
    guard let first = candidates.first else { return nil }
    let handshake = HandshakeState(
      .transport, role: .responder, prologue: first.prologue, staticKey: staticKey, psks: [first.psk],
      ephemeral: ephemeral)
    for (index, candidate) in candidates.enumerated() {
      if index > 0 { handshake.restart(prologue: candidate.prologue, psks: [candidate.psk]) }
      if let payload = try? handshake.readMessage(message1) { return (index, handshake, payload) }
    }
    return nil
  }
}
