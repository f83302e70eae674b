// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// Reads bundles (protocol.md section 14). The file is opened read-only and authenticated from end to end
/// before anything of it takes effect.
public enum BundleReader {
  /// What a file is and holds, without taking anything from it. Throws `BundleError`.
  public static func info(_ path: String, keys: [BundleKey]) throws -> BundleInfo {
    try scan(BundleSource(path), keys: keys).info
  }

  /// Takes in all that a file holds; reading it again changes nothing.
  ///
  /// - Parameters:
  ///   - keys: those of the replica if nil.
  ///   - takingIntactPart: whether to take the intact beginning of a damaged or cut file. Its receipt is then
  ///     worth nothing, and `isWhole` is false.
  ///   - progress: told of each stored batch.
  /// - Throws: `BundleError` if the file is refused as a whole, or what the replica throws. Batches stored
  ///   before that stay.
  public static func read(
    _ path: String, into store: any SessionStore, keys: [BundleKey]? = nil, takingIntactPart: Bool = false,
    progress: @escaping (IngestReport) -> Void = { _ in }
  ) throws -> BundleReport {
    try read(
      BundleSource(path), into: store, keys: keys, takingIntactPart: takingIntactPart, progress: progress)
  }

  /// What a joiner asks for (section 13), and the invitation whose key sealed it.
  public static func request(_ path: String, keys: [BundleKey]) throws -> (join: Frame.Join, invite: InviteID)
  {
    try request(BundleSource(path), keys: keys)
  }

  /// What a newcomer is given: enough to make its replica, which then reads the same file.
  public static func admission(_ path: String, code: InvitationCode, card: Card) throws -> JoinResult {
    try admission(BundleSource(path), code: code, card: card)
  }
}

extension BundleReader {
  package static func request(
    _ source: any ByteSource, keys: [BundleKey]
  ) throws -> (join: Frame.Join, invite: InviteID) {
    let scan = try scan(source, keys: keys)
    guard scan.info.purpose == .request else { throw BundleError.otherPurpose(scan.info.purpose) }
    guard let join = scan.join, case .invitation(let invite) = scan.info.origin else {
      throw BundleError.malformed("a request is sealed under an invitation and holds a JOIN")
    }
    return (join, invite)
  }

  package static func admission(_ source: any ByteSource, code: InvitationCode, card: Card) throws
    -> JoinResult
  {
    var runs = GovernanceRuns()
    var network: NetworkID?
    let scan = try scan(source, keys: [BundleKey(code)]) { run, head in
      guard run.space == ChangeHeader.governanceSpace, let receipt = head.receipt else { return }
      network = receipt.network
      let tips = receipt.tips(of: run.space)
      try runs.add(run, size: run.entries.reduce(0) { $0 + $1.byteBound }, network: receipt.network) {
        tips.indices.contains($0) ? tips[$0].id : nil
      }
    }
    guard scan.info.purpose == .admission else { throw BundleError.otherPurpose(scan.info.purpose) }
    guard let admit = scan.admit, network == admit.network else {
      throw BundleError.malformed("an admission holds an ADMIT of its own network")
    }
    return try JoinResult(network: admit.network, anchor: admit.anchor, changes: runs.changes, card: card)
  }

  package static func read(
    _ source: any ByteSource, into store: any SessionStore, keys: [BundleKey]?, takingIntactPart: Bool,
    progress: @escaping (IngestReport) -> Void
  ) throws -> BundleReport {
    let keys = try keys ?? BundleKey.all(of: store)
    let scan = try scan(source, keys: keys, takingIntactPart: takingIntactPart)
    guard let receipt = scan.info.head.receipt else { throw BundleError.otherPurpose(.request) }
    guard receipt.network == store.network, receipt.anchorID == store.anchorID else {
      throw BundleError.otherNetwork
    }
    var intake = BundleIntake(store, receipt, progress)
    var opener = try BundleOpener(source, keys: keys, upTo: scan.end)
    var left = scan.frames
    while left > 0, let (type, payload) = try opener.next() {
      left -= 1
      if type == 0x07 { try intake.take(try Run(decoding: payload), size: payload.count) }
    }
    try intake.flush()
    return try intake.report(scan.info)
  }
}
