// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// A network's governance as a newcomer was given it, verified: enough to make a replica (protocol.md section
/// 13).
public struct JoinResult: Sendable {
  public let network: NetworkID
  /// Ascending.
  public let anchor: [ChangeID]
  /// The whole governance space, parents before children.
  public let changes: [Change]
  /// Who belongs, the newcomer included.
  public let membership: Membership

  /// Checks everything that doesn't need a replica: the genesis makes the network, logs are whole chains with
  /// valid signatures at their ends, every parent is there, the anchor is held, and the card is a present
  /// device.
  ///
  /// Throws `badAdmission`.
  public init(
    network: NetworkID, anchor: [ChangeID], changes: [Change], card: Card
  ) throws(SessionProblem) {
    try Self.checkSignatures(changes)
    var graph = try Self.graph(changes, anchor: anchor)
    guard graph.network == network else { throw .badAdmission("the first change is another network's") }
    guard graph.isAnchored else { throw .badAdmission("the anchor isn't there") }
    let membership = graph.resolve()
    guard membership.device(forSigning: card.signingKey)?.card == card else {
      throw .badAdmission("this device isn't admitted")
    }
    self.network = network
    self.anchor = graph.anchor
    self.changes = changes
    self.membership = membership
  }

  private static func checkSignatures(_ changes: [Change]) throws(SessionProblem) {
    var held: [ChangeID: Change] = [:]
    // The last changes of all branches.
    var tips: [ChangeID: Change] = [:]
    for change in changes {
      if let prev = change.header.prev {
        guard let previous = held[prev], previous.header.seq + 1 == change.header.seq,
          previous.header.logID == change.header.logID
        else { throw .badAdmission("a log isn't whole") }
        tips[prev] = nil
      }
      held[change.id] = change
      tips[change.id] = change
    }
    guard tips.values.allSatisfy({ $0.hasValidSignature() }) else {
      throw .badAdmission("a signature is wrong")
    }
  }

  private static func graph(
    _ changes: [Change], anchor: [ChangeID]
  ) throws(SessionProblem) -> GovernanceGraph {
    guard let first = changes.first, first.header.isGenesis else {
      throw .badAdmission("the first change is missing")
    }
    do {
      var graph = try GovernanceGraph(genesis: governance(first), anchor: anchor)
      for change in changes.dropFirst() { try graph.insert(governance(change)) }
      return graph
    } catch { throw .badAdmission("\(error)") }
  }

  /// What this version can't read has no ops.
  private static func governance(_ change: Change) -> GovernanceChange {
    let header = change.header
    let body = change.ciphertext.flatMap { try? GovernanceBody(decoding: $0) }
    let isRead = header.kind == .governance && header.isUnderstood
    return GovernanceChange(
      id: change.id, author: header.author, parents: (header.prev.map { [$0] } ?? []) + header.heads,
      stamp: header.stamp, ops: isRead ? body?.ops ?? [] : [])
  }
}
