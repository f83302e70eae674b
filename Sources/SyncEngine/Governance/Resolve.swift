// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// What was resolved already. Views of sets of heads stay true as the graph grows; what is said of all that
/// is known doesn't.
struct ResolveCache: Sendable {
  private static let capacity = 4096

  var all: View?
  var membership: Membership?
  private(set) var views: [[ChangeID]: View] = [:]
  private(set) var verdicts: [CountQuestion: CountVerdict] = [:]
  /// The question asked last, which is mostly the one asked next.
  private(set) var last: (question: CountQuestion, verdict: CountVerdict)?

  mutating func keep(_ view: View, for heads: [ChangeID]) {
    if views.count >= Self.capacity { views = [:] }
    views[heads] = view
  }

  mutating func keep(_ verdict: CountVerdict, for question: CountQuestion) {
    if verdicts.count >= Self.capacity { verdicts = [:] }
    verdicts[question] = verdict
  }

  mutating func remember(_ question: CountQuestion, _ verdict: CountVerdict) {
    last = (question, verdict)
  }

  /// The graph has grown.
  mutating func forgetAll() {
    all = nil
    membership = nil
    last = nil
    if !verdicts.isEmpty { verdicts = [:] }
  }
}

extension GovernanceGraph {
  /// Resolve of everything held: who belongs now. Cached until the graph grows.
  public mutating func resolve() -> Membership {
    if let known = cache.membership { return known }
    let membership = Membership(self, viewOfAll())
    cache.membership = membership
    return membership
  }

  /// Resolve of the set that ends in these changes, they included. Throws `unknown` with those not held.
  public mutating func resolve(pastOf heads: [ChangeID]) throws(GovernanceError) -> Membership {
    Membership(self, try view(through: heads))
  }

  /// Resolve of the past of a change, which doesn't hold it: what its own ops are judged by.
  public func view(of id: ChangeID) throws(GovernanceError) -> Membership {
    guard let number = numbers[id] else { throw .unknown([id]) }
    return Membership(self, nodes[number].view)
  }

  /// The ids of the set that ends in these changes, they included, in the order of the walk.
  public func past(of heads: [ChangeID]) throws(GovernanceError) -> [ChangeID] {
    let past = past(through: try numbers(of: heads))
    return nodes.filter { past.contains($0.position) }
      .sorted { ($0.depth, $0.change.id) < ($1.depth, $1.change.id) }.map(\.change.id)
  }

  /// What `author` names as `gov` in a change of another space, ascending, at most eight: the heads, or where
  /// there are more, those eight of the greatest depth, among them one that its own admission rests in.
  public func namedHeads(by author: PublicKey, limit: Int = 8) -> [ChangeID] {
    guard heads.count > limit else { return heads }
    let deepest = heads.sorted { (depth($0), $0) > (depth($1), $1) }
    let device = facts.signers[author]
    let own = deepest.first { head in
      guard let device, let number = numbers[head] else { return false }
      return facts.isPresent(device, view(after: [number]))
    }
    let rest = deepest.filter { $0 != own }.prefix(own == nil ? limit : limit - 1)
    return (rest + (own.map { [$0] } ?? [])).sorted()
  }

  private func depth(_ id: ChangeID) -> Int { numbers[id].map { nodes[$0].depth } ?? 0 }
}

// MARK: - Views

extension GovernanceGraph {
  func numbers(of heads: [ChangeID]) throws(GovernanceError) -> [Int] {
    let missing = Set(heads.filter { !contains($0) })
    guard missing.isEmpty else { throw .unknown(missing.sorted()) }
    return Set(heads.compactMap { numbers[$0] }).sorted()
  }

  /// The set that ends in these changes.
  func past(through parents: [Int]) -> Past {
    var past = Past.empty
    for parent in parents {
      past.formUnion(nodes[parent].view.past)
      past.insert(nodes[parent].position)
    }
    return past
  }

  /// Resolve of the set that ends in these changes. After a single one nothing is concurrent with it, so what
  /// is void is what was in its own view.
  func view(after parents: [Int]) -> View {
    let past = past(through: parents)
    return View(past: past, void: parents.count == 1 ? nodes[parents[0]].view.void : voids(in: past))
  }

  mutating func view(through heads: [ChangeID]) throws(GovernanceError) -> View {
    if let known = cache.views[heads] { return known }
    let view = view(after: try numbers(of: heads))
    cache.keep(view, for: heads)
    return view
  }

  mutating func viewOfAll() -> View {
    if let known = cache.all { return known }
    let view = view(after: heads.compactMap { numbers[$0] })
    cache.all = view
    return view
  }

  /// The walk: of the good ops in a set, those that don't stand.
  ///
  /// In order of (depth, id, op index), an op is void if its invitation was used before it for another card,
  /// or if something that it rests on is asserted by no op that stands both in its own view and here.
  func voids(in past: Past) -> Set<OpRef> {
    var void: Set<OpRef> = []
    var uses: [OpRef: Card] = [:]
    for op in suspects.ops where past.contains(op.op.position) {
      if let use = op.use, let card = uses[use.invite], card != use.card {
        void.insert(op.op)
      } else if !op.grounds.allSatisfy({ $0.contains { !void.contains($0) } }) {
        void.insert(op.op)
      } else if let use = op.use {
        uses[use.invite] = use.card
      }
    }
    return void
  }
}
