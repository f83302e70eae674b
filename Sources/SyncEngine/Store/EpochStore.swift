// SPDX-License-Identifier: AGPL-3.0-or-later

import MujawaraCrypto
import SQLite

/// The epochs of each space: their secrets, sealed under the replica's master key, and who got them.
final class EpochStore {
  private let connection: Connection
  /// K(MK, 3)
  private let box: SecretBytes
  private var numbers: [EpochID: Int64] = [:]
  private var ids: [Int64: EpochID] = [:]
  private var secrets: [EpochID: SecretBytes] = [:]
  private var contentKeys: [EpochID: SecretBytes] = [:]

  init(_ connection: Connection, master: SecretBytes) {
    self.connection = connection
    box = master.derive(3)
  }

  func forget() {
    numbers = [:]
    ids = [:]
  }

  /// The local number of an epoch, made if need be: a change may name an epoch whose secret comes later.
  func number(of id: EpochID, in space: SpaceRow) throws -> Int64 {
    if let known = numbers[id] { return known }
    let query = try connection.statement("SELECT epoch FROM epoch WHERE id=?").bind(1, id.bytes)
    let number: Int64
    if try query.step() {
      number = query.int(0)
      query.reset()
    } else {
      try connection.statement("INSERT INTO epoch(id, space, stamp) VALUES(?,?,0)")
        .bind(1, id.bytes).bind(2, space.number).run()
      number = connection.lastInsertRowID
    }
    numbers[id] = number
    ids[number] = id
    return number
  }

  func id(of number: Int64) throws -> EpochID? {
    if number == 0 { return nil }
    if let known = ids[number] { return known }
    let query = try connection.statement("SELECT id FROM epoch WHERE epoch=?").bind(1, number)
    defer { query.reset() }
    guard try query.step() else { throw StoreError.damaged("a change names an unknown epoch") }
    let id = try query.id32(0)
    ids[number] = id
    return id
  }

  /// Keeps the secret of an epoch. False if it was known already.
  func adopt(_ id: EpochID, secret: SecretBytes, in space: SpaceRow) throws -> Bool {
    let number = try number(of: id, in: space)
    if try self.secret(of: id) != nil { return false }
    let nonce = SecureRandom.bytes(XChaCha.nonceSize)
    let sealed = nonce + XChaCha.seal(key: box, nonce: nonce, secret: secret, ad: id.bytes)
    try connection.statement("UPDATE epoch SET sealed=?, space=? WHERE epoch=?")
      .bind(1, sealed).bind(2, space.number).bind(3, number).run()
    secrets[id] = secret
    return true
  }

  /// Notes what a key change said: when, for whom, and which epochs it follows.
  func note(_ id: EpochID, in space: SpaceRow, stamp: UInt64?, roster: [DeviceID], parents: [EpochID]) throws {
    let number = try number(of: id, in: space)
    if let stamp {
      try connection.statement("UPDATE epoch SET stamp=max(stamp, ?) WHERE epoch=?")
        .bind(1, stamp).bind(2, number).run()
    }
    for device in roster {
      try connection.statement("INSERT OR IGNORE INTO roster(epoch, device) VALUES(?,?)")
        .bind(1, number).bind(2, device.bytes).run()
    }
    for parent in parents {
      try connection.statement("UPDATE epoch SET superseded=1 WHERE epoch=?")
        .bind(1, try self.number(of: parent, in: space)).run()
    }
  }

  func secret(of id: EpochID) throws -> SecretBytes? {
    if let known = secrets[id] { return known }
    let query = try connection.statement("SELECT sealed FROM epoch WHERE id=?").bind(1, id.bytes)
    guard try query.step(), let sealed = query.optionalBytes(0) else {
      query.reset()
      return nil
    }
    query.reset()
    let nonce = Array(sealed.prefix(XChaCha.nonceSize))
    let rest = Array(sealed.dropFirst(XChaCha.nonceSize))
    guard nonce.count == XChaCha.nonceSize,
      let secret = try? XChaCha.openSecret(key: box, nonce: nonce, ciphertext: rest, ad: id.bytes)
    else { throw StoreError.damaged("the key of an epoch doesn't open") }
    secrets[id] = secret
    return secret
  }

  /// K(ES, 1), which opens content.
  func contentKey(of id: EpochID) throws -> SecretBytes? {
    if let known = contentKeys[id] { return known }
    guard let secret = try secret(of: id) else { return nil }
    contentKeys[id] = secret.derive(1)
    return contentKeys[id]
  }

  /// The epochs of a space whose secrets are held, the current one first (protocol.md section 9).
  func held(in space: SpaceRow) throws -> [EpochID] {
    let query = try connection.statement(
      "SELECT id FROM epoch WHERE space=? AND sealed IS NOT NULL ORDER BY superseded, stamp DESC, id")
      .bind(1, space.number)
    defer { query.reset() }
    var ids: [EpochID] = []
    while try query.step() { ids.append(try query.id32(0)) }
    return ids
  }

  func roster(of id: EpochID) throws -> Set<DeviceID> {
    let query = try connection.statement(
      "SELECT r.device FROM roster r JOIN epoch e USING(epoch) WHERE e.id=?").bind(1, id.bytes)
    defer { query.reset() }
    var devices: Set<DeviceID> = []
    while try query.step() { devices.insert(try query.id16(0)) }
    return devices
  }
}
