// SPDX-License-Identifier: AGPL-3.0-or-later

/// Why the headers of a run can't be rebuilt. `entry` counts from 0.
public enum RunError: Error, Hashable, Sendable {
  /// The run starts after seq 1, tells no base, and the change before it isn't held.
  case noBase
  /// An entry's head points into a LIST that doesn't have it, or whose change isn't held.
  case unknownHead(entry: Int, index: Int)
  /// The rebuilt header breaks a rule of protocol.md.
  case invalid(entry: Int, DecodingError)
}

extension Run {
  /// The changes of the run: headers rebuilt, ids computed. Signatures are NOT checked here; a header rebuilt
  /// from wrong parts has another id than the one that was signed.
  /// - Parameters:
  ///   - held: the base as the receiver knows it, if the run tells none.
  ///   - resolvingHead: the id of the tip at that place in the sender's last LIST.
  public func rebuild(
    network: NetworkID, after held: RunBase? = nil, resolvingHead: (Int) -> ChangeID? = { _ in nil }
  ) throws(RunError) -> [Change] {
    var base = base ?? held
    if firstSeq == 1 { base = nil } else if base == nil { throw .noBase }
    var changes: [Change] = []
    changes.reserveCapacity(entries.count)
    for place in entries.indices {
      let heads = try heads(of: place, resolvingHead)
      let change: Change
      do {
        change = try entries[place].change(
          of: self, seq: firstSeq + UInt64(place), heads: heads, after: base, network: network)
      } catch { throw .invalid(entry: place, error) }
      base = RunBase(after: change, following: base)
      changes.append(change)
    }
    return changes
  }

  private func heads(
    of place: Int, _ resolve: (Int) -> ChangeID?
  ) throws(RunError) -> [ChangeID] {
    var ids: [ChangeID] = []
    ids.reserveCapacity(entries[place].heads.count)
    for head in entries[place].heads {
      switch head {
      case .id(let id): ids.append(id)
      case .listed(let index):
        guard let id = resolve(index) else { throw .unknownHead(entry: place, index: index) }
        ids.append(id)
      }
    }
    return ids
  }
}

extension RunEntry {
  fileprivate func change(
    of run: Run, seq: UInt64, heads: [ChangeID], after base: RunBase?, network: NetworkID
  ) throws(DecodingError) -> Change {
    let (ctHash, ctLength, bytes) = sealed
    guard ctLength <= Limits.ciphertext else { throw .limit(at: 0, "ct_len is at most 270,352") }
    let header = ChangeHeader(
      kind: extra.kind, author: run.author, space: run.space, incarnation: run.incarnation, seq: seq,
      prev: base?.prev, heads: heads, stamp: (base?.stamp ?? 0) + stampStep,
      cum: (base?.cum ?? 0) + ctLength, gov: extra.gov, epoch: extra.epoch, nonce: nonce, ctLength: ctLength,
      crit: extra.crit, unknown: extra.unknown)
    try header.checkRebuilt()
    let h0 = header.encoded()
    guard h0.count <= Limits.header else { throw .limit(at: 0, "a header has at most 16,384 bytes") }
    let id = Change.id(header: header, h0: h0, ctHash: ctHash, network: network)
    return Change(header: header, h0: h0, ciphertext: bytes, ctHash: ctHash, signature: signature, id: id)
  }

  private var sealed: (hash: ID32, length: UInt64, bytes: [UInt8]?) {
    switch ciphertext {
    case .bytes(let bytes): (Change.hash(ofCiphertext: bytes), UInt64(bytes.count), bytes)
    case .missing(let hash, let length): (hash, length, nil)
    }
  }
}

extension ChangeHeader {
  /// What decoding would have checked of a header that was put together from parts.
  fileprivate func checkRebuilt() throws(DecodingError) {
    guard stamp <= Limits.number else { throw .limit(at: 0, "a stamp is at most 2^53") }
    guard cum <= Limits.number else { throw .limit(at: 0, "cum is at most 2^53") }
    for place in heads.indices.dropFirst() where heads[place] <= heads[place - 1] {
      throw .invalid(at: 0, "ids ascend")
    }
    try checkRules()
  }
}
