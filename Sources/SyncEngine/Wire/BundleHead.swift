// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// The first frame of a bundle (protocol.md section 14).
public struct BundleHead: Hashable, Sendable {
  /// Of a head in which no log has several branches, and of one in which some log has.
  public static let version: UInt64 = 1
  public static let branchesVersion: UInt64 = 2

  public enum Purpose: UInt64, Sendable {
    case sync = 1
    /// A joiner's: nothing is known yet of the network, so there is no receipt.
    case request
    case admission
  }

  public var purpose: Purpose
  /// The maker's clock in whole minutes, in milliseconds.
  public var made: UInt64
  /// Nil for a request, and only then.
  public var receipt: Receipt?
  /// Strictly ascending by key, none of 1 to 9.
  public var unknown: [UnknownKey]

  public init(purpose: Purpose, made: UInt64, receipt: Receipt?, unknown: [UnknownKey] = []) {
    precondition((receipt == nil) == (purpose == .request), "a request and it alone has no receipt")
    self.purpose = purpose
    self.made = made
    self.receipt = receipt
    self.unknown = unknown
  }

  /// What the file says of its maker's replica.
  public struct Receipt: Hashable, Sendable {
    public var network: NetworkID
    public var anchorID: ID32
    public var maker: DeviceID
    /// What the maker holds of each space in the file, ascending by space.
    public var frontiers: [SpaceFrontier]
    /// What the file holds, ascending by space, log and seq.
    public var contents: [Range]
    /// 64 bytes by the maker; see `hasValidSignature`.
    public var signature: [UInt8]
  }

  /// How far the maker holds the logs of a space.
  public struct SpaceFrontier: Hashable, Sendable {
    public var space: SpaceID
    /// Strictly ascending by log, seq and id: one for each branch.
    public var tips: [Tip]

    public init(space: SpaceID, tips: [Tip]) {
      self.space = space
      self.tips = tips
    }
  }

  public struct Tip: Hashable, Sendable {
    public var log: LogID
    public var seq: UInt64
    public var id: ChangeID

    public init(log: LogID, seq: UInt64, id: ChangeID) {
      self.log = log
      self.seq = seq
      self.id = id
    }
  }

  /// A range of one log, both ends in it.
  public struct Range: Hashable, Sendable {
    public var space: SpaceID
    public var log: LogID
    public var first: UInt64
    public var last: UInt64

    public init(space: SpaceID, log: LogID, first: UInt64, last: UInt64) {
      self.space = space
      self.log = log
      self.first = first
      self.last = last
    }
  }
}

extension BundleHead.Receipt {
  public static let signatureContext = "mjw1.receipt.sig"

  /// Makes and signs a receipt of one's own.
  /// - Parameter made: as in the head.
  public init(
    network: NetworkID, anchorID: ID32, maker: DeviceID, made: UInt64, frontiers: [BundleHead.SpaceFrontier],
    contents: [BundleHead.Range], key: SigningKey
  ) {
    let signed = Self.signedHash(network: network, maker: maker, made: made, frontiers: frontiers)
    self.init(
      network: network, anchorID: anchorID, maker: maker, frontiers: frontiers, contents: contents,
      signature: key.sign(context: Self.signatureContext, signed))
  }

  /// H("receipt", network id ‖ cbor({4, 5, 6}))
  static func signedHash(
    network: NetworkID, maker: DeviceID, made: UInt64, frontiers: [BundleHead.SpaceFrontier]
  ) -> [UInt8] {
    var writer = CBORWriter()
    writer.map(count: 3)
    writer.uint(BundleHead.Key.maker)
    writer.id(maker)
    writer.uint(BundleHead.Key.made)
    writer.uint(made)
    writer.uint(BundleHead.Key.frontiers)
    writer.frontiers(frontiers)
    return Hash.H("receipt", network.bytes + writer.bytes)
  }
}

extension BundleHead {
  /// Whether the receipt is signed by this key, the `sign` key of the maker's card.
  public func hasValidSignature(by key: PublicKey) -> Bool {
    guard let receipt else { return false }
    let signed = Receipt.signedHash(
      network: receipt.network, maker: receipt.maker, made: made, frontiers: receipt.frontiers)
    return Signature.verify(
      context: Receipt.signatureContext, signed, signature: receipt.signature, publicKey: key.bytes)
  }

  /// Whether some log has several branches in it.
  var hasBranches: Bool {
    guard let receipt else { return false }
    let tips = receipt.frontiers.contains { frontier in
      zip(frontier.tips, frontier.tips.dropFirst()).contains { $0.log == $1.log }
    }
    return tips || zip(receipt.contents, receipt.contents.dropFirst()).contains { $0.overlaps($1) }
  }

  enum Key {
    static let purpose: UInt64 = 1
    static let network: UInt64 = 2
    static let anchor: UInt64 = 3
    static let maker: UInt64 = 4
    static let made: UInt64 = 5
    static let frontiers: UInt64 = 6
    static let contents: UInt64 = 7
    static let signature: UInt64 = 8
    static let version: UInt64 = 9
    static let known: ClosedRange<UInt64> = 1...9
  }
}
