// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// A key that may open a bundle.
public struct BundleKey: Sendable {
  public enum Origin: Sendable, Equatable {
    case space(SpaceID)
    case invitation(InviteID)
  }

  public let origin: Origin
  /// The slot's key, 32 bytes.
  public let secret: SecretBytes

  public init(origin: Origin, secret: SecretBytes) {
    self.origin = origin
    self.secret = secret
  }

  /// What a newcomer opens its admission with.
  public init(_ code: InvitationCode) {
    self.init(origin: .invitation(InviteID(code.id, at: 0)), secret: code.fileKey)
  }

  /// All that this replica can open: bundles for the spaces that it reads, requests of those it knows to be
  /// invited.
  public static func all(of store: any SessionStore) throws -> [BundleKey] {
    let spaces = [Space.commons.id(in: store.network)] + (try store.readableSpaces())
    var keys: [BundleKey] = []
    for space in Set(spaces).sorted() {
      keys += try store.epochSecrets(of: space).map {
        .init(origin: .space(space), secret: $0.derive(.bundles))
      }
    }
    return try keys + store.invitationKeys().map { .init(origin: .invitation($0.invite), secret: $0.fileKey) }
  }

  /// What opens a bundle that this replica writes for the readers of a space. Throws `noOwnKey`.
  public static func current(of space: SpaceID, in store: any SessionStore) throws -> BundleKey {
    guard let secret = try store.epochSecrets(of: space).first else { throw BundleError.noOwnKey }
    return BundleKey(origin: .space(space), secret: secret.derive(.bundles))
  }
}

/// What a bundle is, by what its authenticated head says.
public struct BundleInfo: Sendable {
  public var head: BundleHead
  /// Which key opened it.
  public var origin: BundleKey.Origin
  /// Bytes of the file.
  public var size: Int
  /// Changes in it.
  public var changes: Int
  /// False if only its intact beginning was looked at.
  public var isWhole: Bool

  public var purpose: BundleHead.Purpose { head.purpose }
  /// Who made it; nil for a request.
  public var maker: DeviceID? { head.receipt?.maker }
  /// What it is said to hold.
  public var contents: [BundleHead.Range] { head.receipt?.contents ?? [] }
}

/// What reading a bundle did.
public struct BundleReport: Sendable {
  public var info: BundleInfo
  public var received = IngestReport()
  /// What must come before everything in the bundle is in its place; empty if all is.
  public var missing: [MissingRange] = []
  /// Whether the maker's receipt is genuine; nil if there is none, or its maker isn't a present device.
  public var hasGenuineReceipt: Bool?
}

/// Changes that neither the bundle nor the replica holds.
public struct MissingRange: Hashable, Sendable {
  public let space: SpaceID
  public let log: LogID
  /// Nil if nothing of the log has been seen yet.
  public let author: PublicKey?
  public let first: UInt64
  public let last: UInt64

  public init(space: SpaceID, log: LogID, author: PublicKey?, first: UInt64, last: UInt64) {
    self.space = space
    self.log = log
    self.author = author
    self.first = first
    self.last = last
  }
}
