// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

@testable import SyncEngine

/// Trees that tests take apart and put together wrongly.
extension CBOR {
  /// The value at a key; set to nil it goes.
  subscript(key: UInt64) -> CBOR? {
    get {
      guard case .map(let pairs) = self else { return nil }
      return pairs.first { $0.key == key }?.value
    }
    set {
      guard case .map(var pairs) = self else { return }
      pairs.removeAll { $0.key == key }
      if let newValue { pairs.append(Pair(key, newValue)) }
      self = .map(pairs.sorted { $0.key < $1.key })
    }
  }

  subscript(at place: Int) -> CBOR {
    get {
      guard case .array(let items) = self else { return .null }
      return items[place]
    }
    set {
      guard case .array(var items) = self else { return }
      items[place] = newValue
      self = .array(items)
    }
  }

  var number: UInt64 {
    if case .uint(let number) = self { number } else { 0 }
  }

  static func ids(_ ids: [ID32]) -> CBOR { .array(ids.map { .bytes($0.bytes) }) }
  static func edited(_ bytes: [UInt8], _ edit: (inout CBOR) -> Void) -> [UInt8] {
    var tree = try! CBOR(decoding: bytes)
    edit(&tree)
    return tree.encoded()
  }
}

/// Makes changes that break one rule and keep all others: sealed and signed again after the fault was put in.
struct Forge {
  let world: WireWorld
  var author: DeviceKeys
  /// The header, as a tree.
  var header: CBOR
  var body: [UInt8]
  /// Nil where the body isn't sealed.
  var secret: [UInt8]?

  /// A good next change of Bilal's, after everything in the world.
  init(_ world: WireWorld) {
    self.world = world
    author = world.bilal
    body = WireWorld.Bodies.edit(RecordIDs.tent(world)).encoded()
    secret = world.epochSecret
    let heads = [world.change("anna 5, a merge").id, world.change("anna restored 1").id].sorted()
    let length = Padding.paddedSize(body.count) + 16
    let good = world.header(
      .content, by: author, after: world.change("bilal 2"), heads: heads, length: length, minutes: 10)
    header = try! CBOR(decoding: good.encoded())
  }

  /// The same as the first change of a new log of Bilal's.
  mutating func beginLog() {
    header[4] = .bytes([UInt8](repeating: 4, count: 8))
    header[5] = .uint(1)
    header[6] = nil
    header[9] = header[13]
    header[10] = .ids([world.admit.id])
    header[11] = .bytes(world.epoch.bytes)
  }

  /// Takes another body, with the lengths that it needs.
  mutating func take(body: [UInt8]) {
    let before = header[9]!.number - header[13]!.number
    self.body = body
    let length = UInt64(secret == nil ? body.count : Padding.paddedSize(body.count) + 16)
    header[13] = .uint(length)
    header[9] = .uint(before + length)
  }

  /// Becomes a redaction.
  mutating func redact(_ targets: [ID32]) {
    header[1] = .uint(3)
    header[12] = nil
    secret = nil
    take(body: RedactionBody(targets: targets).encoded())
  }

  /// Becomes a key change.
  mutating func hand(_ keys: [UInt8]) {
    header[1] = .uint(2)
    header[12] = nil
    secret = nil
    take(body: keys)
  }

  var ciphertext: [UInt8] {
    guard let secret else { return body }
    let nonce =
      if case .bytes(let nonce) = header[12], nonce.count == 24 { nonce } else {
        [UInt8](repeating: 0, count: 24)
      }
    return ContentSeal.seal(body: body, h0: h0, nonce: nonce, epochSecret: SecretBytes(copying: secret))
  }

  var h0: [UInt8] { header.encoded() }

  func envelope(h0: [UInt8]? = nil) -> [UInt8] {
    let h0 = h0 ?? self.h0
    let ciphertext = ciphertext
    let ctHash = Hash.H("ct", ciphertext)
    let id = Hash.H(
      "change", world.network.bytes, [0, 0, UInt8(h0.count >> 8), UInt8(h0.count & 255)], h0, ctHash)
    let signature = author.sign.sign(context: Change.signatureContext, id)
    return CBOR.array([.uint(1), .bytes(h0), .bytes(ctHash), .bytes(ciphertext), .bytes(signature)]).encoded()
  }

  /// The envelope after one edit.
  static func envelope(_ world: WireWorld, _ edit: (inout Forge) -> Void) -> [UInt8] {
    var forge = Forge(world)
    edit(&forge)
    return forge.envelope()
  }
}
