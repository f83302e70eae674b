// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// The body of a key change (protocol.md section 9).
public struct KeyChangeBody: Hashable, Sendable {
  public enum Op: Hashable, Sendable {
    /// Begins an epoch.
    case rotate
    /// Gives an epoch to more devices.
    case share
    /// Of a newer version: kept, without effect.
    case unknown(UInt64)

    public init(_ number: UInt64) {
      switch number {
      case 1: self = .rotate
      case 2: self = .share
      default: self = .unknown(number)
      }
    }

    public var number: UInt64 {
      switch self {
      case .rotate: 1
      case .share: 2
      case .unknown(let number): number
      }
    }
  }

  public var op: Op
  public var epoch: EpochID
  /// The X25519 key that the wraps were made with.
  public var eph: PublicKey
  /// A multiple of eight wraps of 48 bytes.
  public var wraps: [UInt8]
  /// A nonce and a sealed and padded `KeyRoster`.
  public var sealed: [UInt8]
  /// Strictly ascending by key, none of 1 to 5.
  public var unknown: [UnknownKey]

  public init(
    op: Op, epoch: EpochID, eph: PublicKey, wraps: [UInt8], sealed: [UInt8], unknown: [UnknownKey] = []
  ) {
    self.op = op
    self.epoch = epoch
    self.eph = eph
    self.wraps = wraps
    self.sealed = sealed
    self.unknown = unknown
  }

  public func encoded() -> [UInt8] {
    var w = CBORWriter(reserving: 96 + wraps.count + sealed.count)
    var map = MapWriter(&w, known: 5, unknown: unknown)
    map.key(1, &w); w.uint(op.number)
    map.key(2, &w); w.id(epoch)
    map.key(3, &w); w.id(eph)
    map.key(4, &w); w.bytes(wraps)
    map.key(5, &w); w.bytes(sealed)
    map.finish(&w)
    return w.bytes
  }

  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    guard bytes.count <= Limits.body else { throw .limit(at: 0, "a body has at most 262,144 bytes") }
    var r = CBORReader(bytes)
    var map = try MapReader(&r, known: 1...5, inside: 0)
    var op: UInt64?
    var epoch: EpochID?
    var eph: PublicKey?
    var wraps: [UInt8]?
    var sealed: [UInt8]?
    while let key = try map.next(&r) {
      let start = r.offset
      switch key {
      case 1: op = try r.readUInt()
      case 2: epoch = try r.readID32()
      case 3: eph = try r.readID32()
      case 4:
        let bytes = try r.readBytes()
        guard !bytes.isEmpty, bytes.count % Self.wrapGroup == 0 else {
          throw .unexpected(at: start, expected: "a multiple of 8 wraps")
        }
        wraps = bytes
      default:
        let bytes = try r.readBytes()
        guard bytes.count >= Self.leastSealed else {
          throw .unexpected(at: start, expected: "a sealed roster")
        }
        sealed = bytes
      }
    }
    try r.finish()
    self.init(
      op: Op(try op.orMissing(1)), epoch: try epoch.orMissing(2), eph: try eph.orMissing(3),
      wraps: try wraps.orMissing(4), sealed: try sealed.orMissing(5), unknown: map.unknown)
  }

  private static let wrapGroup = 8 * 48
  /// A nonce, the least padded roster and a tag.
  private static let leastSealed = 24 + 64 + 16
}

/// Who got a wrap in a key change, and which epochs the new one follows: the plaintext of `sealed`.
public struct KeyRoster: Equatable, Sendable {
  /// Strictly ascending.
  public var devices: [DeviceID]
  /// Strictly ascending by epoch, at most 256; only in a rotation.
  public var parents: [Parent]
  public var unknown: [UnknownKey]

  public struct Parent: Equatable, Sendable {
    public var epoch: EpochID
    /// 32 bytes.
    public var secret: SecretBytes

    public init(epoch: EpochID, secret: SecretBytes) {
      self.epoch = epoch
      self.secret = secret
    }
  }

  public init(devices: [DeviceID], parents: [Parent] = [], unknown: [UnknownKey] = []) {
    self.devices = devices
    self.parents = parents
    self.unknown = unknown
  }

  /// The roster before padding. It holds the secrets of the parents: the caller wipes it.
  public func encoded() -> [UInt8] {
    var w = CBORWriter(reserving: 64 + 17 * devices.count + 72 * parents.count)
    var map = MapWriter(&w, known: parents.isEmpty ? 1 : 2, unknown: unknown)
    map.key(1, &w)
    w.ids(devices)
    if !parents.isEmpty {
      map.key(2, &w)
      w.array(count: parents.count)
      for parent in parents {
        w.array(count: 2)
        w.id(parent.epoch)
        parent.secret.withArray { w.bytes($0) }
      }
    }
    map.finish(&w)
    return w.bytes
  }

  /// Reads an unpadded roster; the caller wipes `bytes`.
  public init(decoding bytes: [UInt8]) throws(DecodingError) {
    var r = CBORReader(bytes)
    var map = try MapReader(&r, known: 1...2, inside: 0)
    var devices: [DeviceID]?
    var parents: [Parent] = []
    while let key = try map.next(&r) {
      if key == 1 { devices = try Self.readDevices(&r) } else { parents = try Self.readParents(&r) }
    }
    try r.finish()
    self.init(devices: try devices.orMissing(1), parents: parents, unknown: map.unknown)
  }

  private static func readDevices(_ r: inout CBORReader) throws(DecodingError) -> [DeviceID] {
    var devices: [DeviceID] = []
    for _ in 0..<(try r.readArrayHeader()) {
      let start = r.offset
      let device = try r.readID16()
      if let last = devices.last, device <= last { throw .invalid(at: start, "devices ascend") }
      devices.append(device)
    }
    return devices
  }

  private static func readParents(_ r: inout CBORReader) throws(DecodingError) -> [Parent] {
    let start = r.offset
    let count = try r.readArrayHeader()
    guard (1...Limits.epochParents).contains(count) else { throw .limit(at: start, "1 to 256 parents") }
    var parents: [Parent] = []
    for _ in 0..<count {
      let place = r.offset
      try r.readArrayHeader(count: 2, "an epoch with its secret")
      let epoch = try r.readID32()
      if let last = parents.last, epoch <= last.epoch { throw .invalid(at: place, "epochs ascend") }
      var secret = try r.readBytes(count: 32)
      parents.append(Parent(epoch: epoch, secret: SecretBytes(copying: secret)))
      secret.wipe()
    }
    return parents
  }
}
