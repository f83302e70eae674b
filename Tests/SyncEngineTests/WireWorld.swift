// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto

@testable import SyncEngine

/// A small network made from fixed seeds, for tests and vectors: Anna founds it, Bilal's place is admitted,
/// both write into commons.
struct WireWorld {
  /// A minute's start in June 2025.
  static let founded: UInt64 = 1_750_000_020_000
  static let minute: UInt64 = 60_000
  static let quota: UInt64 = 75_000

  let anna = WireWorld.device(0x11)
  let bilal = WireWorld.device(0x22)
  /// Admitted nowhere.
  let stranger = WireWorld.device(0x33)
  let genesis: Change
  let admit: Change
  let network: NetworkID
  let commons: SpaceID
  let epochSecret = [UInt8](repeating: 0x5e, count: 32)
  let epoch: EpochID
  /// In an order in which each may be taken in.
  private(set) var changes: [(name: String, change: Change, body: [UInt8])] = []

  /// Anna's log of commons.
  var longLog: [Change] {
    changes.map(\.change).filter {
      $0.header.author == Self.key(anna) && $0.header.incarnation == 0x0202_0202_0202_0202
    }
  }

  func change(_ name: String) -> Change { changes.first { $0.name == name }!.change }
  func body(_ name: String) -> [UInt8] { changes.first { $0.name == name }!.body }

  /// Three key pairs from one byte.
  static func device(_ seed: UInt8) -> DeviceKeys {
    func secret(_ byte: UInt8) -> SecretBytes { SecretBytes(copying: [UInt8](repeating: byte, count: 32)) }
    return DeviceKeys(
      sign: SigningKey(seed: secret(seed)), noise: AgreementKey(secret: secret(seed + 1)),
      agree: AgreementKey(secret: secret(seed + 2)))
  }

  static func key(_ device: DeviceKeys) -> PublicKey { ID32(device.card.sign)! }
}

extension WireWorld {
  init() {
    let founding = GovernanceBody(
      label: -7, ops: [.genesis(Policy(quota: Self.quota), founders: [anna.card])]
    ).encoded()
    let genesis = Change(
      header: Self.governance(anna, seq: 1, prev: nil, cum: 0, length: founding.count), ciphertext: founding,
      network: .zero, key: anna.sign)
    network = ID32(Hash.H("net", genesis.id.bytes))!
    let admission = GovernanceBody(
      label: 3, ops: [.placeAdmit(card: bilal.card, role: 2, invite: nil, countersign: nil)]
    ).encoded()
    let admit = Change(
      header: Self.governance(
        anna, seq: 2, prev: genesis.id, cum: UInt64(founding.count), length: admission.count),
      ciphertext: admission, network: network, key: anna.sign)
    self.genesis = genesis
    self.admit = admit
    commons = ID16(Array(Hash.H("space", network.bytes + [1])[..<16]))!
    epoch = ID32(
      Epoch.id(network: network.bytes, space: commons.bytes, secret: SecretBytes(copying: epochSecret)))!
    changes = [("genesis", genesis, founding), ("admit", admit, admission)]
    changes += commonsChanges()
  }

  private static func governance(
    _ author: DeviceKeys, seq: UInt64, prev: ID32?, cum: UInt64, length: Int
  ) -> ChangeHeader {
    ChangeHeader(
      kind: .governance, author: key(author), space: .zero, incarnation: 0x0101_0101_0101_0101, seq: seq,
      prev: prev, stamp: founded + (seq - 1) * minute, cum: cum + UInt64(length), ctLength: UInt64(length))
  }

  /// Keys and content: Anna writes thrice, Bilal answers, Anna has seen it, Bilal undoes.
  private func commonsChanges() -> [(name: String, change: Change, body: [UInt8])] {
    var made: [(name: String, change: Change, body: [UInt8])] = []
    func add(_ name: String, _ change: Change, _ body: [UInt8]) -> Change {
      made.append((name, change, body))
      return change
    }
    let keys = keyChange().encoded()
    let a1 = add("anna 1, keys", plain(.keys, keys, by: anna, after: nil, minutes: 2), keys)
    let first = Bodies.first.encoded()
    let a2 = add("anna 2", sealed(first, by: anna, after: a1, epoch: epoch, minutes: 3), first)
    let tent = RecordID(change: a2.id, index: 0)
    let second = Bodies.edit(tent).encoded()
    let a3 = add("anna 3", sealed(second, by: anna, after: a2, minutes: 4), second)
    let answer = Bodies.answer(tent).encoded()
    let b1 = add(
      "bilal 1", sealed(answer, by: bilal, after: nil, heads: [a2.id], epoch: epoch, minutes: 5), answer)
    let empty = Content(label: 0, entries: []).encoded()
    let a4 = add("anna 4, a merge", sealed(empty, by: anna, after: a3, heads: [b1.id], minutes: 6), empty)
    let undo = Bodies.undo(tent, of: b1.id).encoded()
    let b2 = add("bilal 2", sealed(undo, by: bilal, after: b1, heads: [a4.id], minutes: 7), undo)
    _ = add("anna 5, a merge", sealed(empty, by: anna, after: a4, heads: [b2.id], minutes: 8), empty)
    let restored = sealed(
      empty, by: anna, after: nil, heads: [a4.id], epoch: epoch, minutes: 9,
      incarnation: 0x0303_0303_0303_0303)
    _ = add("anna restored 1", restored, empty)
    return made
  }

  /// Where a log of commons goes on, for changes that a test makes.
  func header(
    _ kind: ChangeKind, by author: DeviceKeys, after prev: Change?, heads: [ID32] = [], epoch: ID32? = nil,
    length: Int, minutes: UInt64, incarnation: UInt64 = 0x0202_0202_0202_0202
  ) -> ChangeHeader {
    ChangeHeader(
      kind: kind, author: Self.key(author), space: commons, incarnation: incarnation,
      seq: (prev?.header.seq ?? 0) + 1, prev: prev?.id, heads: heads,
      stamp: Self.founded + minutes * Self.minute,
      cum: (prev?.header.cum ?? 0) + UInt64(length), gov: prev == nil ? [admit.id] : nil, epoch: epoch,
      nonce: kind == .content ? [UInt8](repeating: UInt8(minutes), count: 24) : nil,
      ctLength: UInt64(length))
  }

  func plain(
    _ kind: ChangeKind, _ body: [UInt8], by author: DeviceKeys, after prev: Change?, minutes: UInt64
  ) -> Change {
    let header = header(kind, by: author, after: prev, length: body.count, minutes: minutes)
    return Change(header: header, ciphertext: body, network: network, key: author.sign)
  }

  func sealed(
    _ body: [UInt8], by author: DeviceKeys, after prev: Change?, heads: [ID32] = [], epoch: ID32? = nil,
    minutes: UInt64, incarnation: UInt64 = 0x0202_0202_0202_0202
  ) -> Change {
    let length = Padding.paddedSize(body.count) + 16
    let header = header(
      .content, by: author, after: prev, heads: heads, epoch: epoch, length: length, minutes: minutes,
      incarnation: incarnation)
    let ciphertext = ContentSeal.seal(
      body: body, h0: header.encoded(), nonce: header.nonce!, epochSecret: SecretBytes(copying: epochSecret))
    return Change(header: header, ciphertext: ciphertext, network: network, key: author.sign)
  }

  /// Wraps for both, among random ones, all from fixed seeds and in a fixed order.
  func keyChange() -> KeyChangeBody {
    let secret = SecretBytes(copying: epochSecret)
    let eph = AgreementKey(secret: SecretBytes(copying: [UInt8](repeating: 0xe9, count: 32)))
    var seeded = WireSeeded(48)
    var wraps = (0..<8).map { _ in seeded.bytes(48) }
    for (place, device) in [(2, anna), (5, bilal)] {
      let shared = try! eph.shared(with: device.agree.publicKey)
      let key = shared.deriveKeyed("wrap", network.bytes, epoch.bytes, eph.publicKey, device.agree.publicKey)
      wraps[place] = ChaCha.seal(
        key: key, nonce: [UInt8](repeating: 0, count: 12), secret: secret, ad: epoch.bytes)
    }
    let joined = wraps.flatMap { $0 }
    let roster = KeyRoster(devices: [anna, bilal].map { ID16($0.card.deviceID)! }.sorted())
    let context = try! Wraps.Context(network: network.bytes, space: commons.bytes, epoch: epoch.bytes)
    let sealed = KeyChangeSeal.seal(
      cbor: roster.encoded(), in: context, eph: eph.publicKey, wraps: joined, epochSecret: secret,
      nonce: [UInt8](repeating: 0x24, count: 24))
    return KeyChangeBody(op: .rotate, epoch: epoch, eph: ID32(eph.publicKey)!, wraps: joined, sealed: sealed)
  }

  enum Bodies {
    static let first = Content(
      label: 11,
      entries: [
        .init(
          .new(.number(12)),
          [.init(4, .text("tente")), .init(5, .int(-3)), .init(6, .tuple(1, [.int(1), .null]))]),
        .init(.new(.name("soupe")), [.init(4, [.set(.local(0))])]),
      ])

    static func edit(_ record: RecordID) -> Content {
      Content(
        label: -2,
        entries: [
          .init(
            .existing(record),
            [
              .init(4, .text("خيمة")),
              .init(
                7,
                [
                  .set(.value(.bool(true))), .setKey(.value(.int(1)), .value(.bytes([0, 255]))),
                  .setKey(.value(.text("fr")), .value(.text("é"))), .add(2), .addKey(.value(.text("a")), -9),
                  .unknown(code: 6, raw: [0x81, 0x01]),
                ]),
            ])
        ])
    }

    static func answer(_ record: RecordID) -> Content {
      let fields = [FieldEdits(5, .reference(record)), FieldEdits(8, [.add(1)])]
      return Content(label: 0, entries: [.init(.existing(record), fields)])
    }

    static func undo(_ record: RecordID, of change: ID32) -> Content {
      Content(label: 0, entries: [.init(.existing(record), [.init(8, [.add(-1)])])], undoes: change)
    }
  }
}
