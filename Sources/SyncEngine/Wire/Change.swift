// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// A signed and sealed change as it is stored and sent (protocol.md section 4). Its signature has not been
/// checked, only its form: the id names exactly these bytes.
public struct Change: Hashable, Sendable {
  public let header: ChangeHeader
  /// The header's encoding.
  public let h0: [UInt8]
  /// Sealed for content, plain for the other kinds; nil if it is missing.
  public let ciphertext: [UInt8]?
  /// H("ct", ciphertext)
  public let ctHash: ID32
  /// 64 bytes; see `hasValidSignature`.
  public let signature: [UInt8]
  public let id: ChangeID

  /// A change whose header, hash and id the caller has computed from each other.
  init(
    header: ChangeHeader, h0: [UInt8], ciphertext: [UInt8]?, ctHash: ID32, signature: [UInt8], id: ChangeID
  ) {
    self.header = header
    self.h0 = h0
    self.ciphertext = ciphertext
    self.ctHash = ctHash
    self.signature = signature
    self.id = id
  }

  /// Makes and signs a change of one's own. `ciphertext` has `header.ctLength` bytes.
  public init(header: ChangeHeader, ciphertext: [UInt8], network: NetworkID, key: SigningKey) {
    precondition(header.ctLength == UInt64(ciphertext.count), "a header tells the length of its ciphertext")
    let h0 = header.encoded()
    let ctHash = Self.hash(ofCiphertext: ciphertext)
    let id = Self.id(header: header, h0: h0, ctHash: ctHash, network: network)
    let signature = key.sign(context: Self.signatureContext, id.bytes)
    self.init(header: header, h0: h0, ciphertext: ciphertext, ctHash: ctHash, signature: signature, id: id)
  }

  /// What stands before the id in what is signed.
  public static let signatureContext = "mjw1.change.sig"

  /// Checks the signature: the costly part.
  public func hasValidSignature() -> Bool {
    Signature.verify(
      context: Self.signatureContext, id.bytes, signature: signature, publicKey: header.author.bytes)
  }

  public static func hash(ofCiphertext ciphertext: [UInt8]) -> ID32 {
    ID32(Hash.H("ct", ciphertext), at: 0)
  }

  /// The id of a change in a network. The genesis change comes before the network's id, which is made from
  /// it.
  public static func id(header: ChangeHeader, h0: [UInt8], ctHash: ID32, network: NetworkID) -> ChangeID {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(68 + h0.count)
    (header.isGenesis ? NetworkID.zero : network).append(to: &bytes)
    appendBigEndian(UInt32(h0.count), to: &bytes)
    bytes.append(contentsOf: h0)
    ctHash.append(to: &bytes)
    return ChangeID(Hash.H("change", bytes), at: 0)
  }

  public static func == (one: Change, other: Change) -> Bool {
    one.id == other.id && one.signature == other.signature && one.ciphertext == other.ciphertext
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension Change {
  /// The CBOR envelope: the change alone, as it is dumped and given in vectors.
  public func envelope() -> [UInt8] {
    var writer = CBORWriter(reserving: h0.count + (ciphertext?.count ?? 0) + 120)
    writer.array(count: 5)
    writer.uint(1)
    writer.bytes(h0)
    writer.id(ctHash)
    if let ciphertext { writer.bytes(ciphertext) } else { writer.null() }
    writer.bytes(signature)
    return writer.bytes
  }

  /// Reads an envelope and checks that header, ciphertext and hash belong together.
  public init(envelope: [UInt8], network: NetworkID) throws(DecodingError) {
    var reader = CBORReader(envelope)
    try reader.readArrayHeader(count: 5, "an envelope of five")
    guard try reader.readUInt() == 1 else { throw .invalid(at: 1, "an envelope is of version 1") }
    let h0 = try reader.readBytes()
    let header = try ChangeHeader(decoding: h0)
    let ctHash = try reader.readID32()
    let start = reader.offset
    let ciphertext = reader.readNullIfPresent() ? nil : try reader.readBytes()
    let signature = try reader.readBytes(count: 64)
    try reader.finish()
    if let ciphertext {
      guard header.ctLength == UInt64(ciphertext.count) else {
        throw .invalid(at: start, "ct_len is the length of ct")
      }
      guard Self.hash(ofCiphertext: ciphertext) == ctHash else {
        throw .invalid(at: start, "ct_hash is the hash of ct")
      }
    }
    let id = Self.id(header: header, h0: h0, ctHash: ctHash, network: network)
    self.init(header: header, h0: h0, ciphertext: ciphertext, ctHash: ctHash, signature: signature, id: id)
  }
}
