// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// All governance changes that a replica holds, and who belongs by any part of them.
///
/// Resolve (protocol.md, section 7) is a function of a parent-closed set of changes and the anchor; the order
/// of insertion doesn't show. Each op is judged once, at insertion, by the view of its change, which never
/// changes. What is left for the Resolve of a set is which of the good ops stand in it together: all but a
/// few `Suspects`. So inserting takes time in proportion to the number of concurrent logs, and not to the
/// history.
///
/// **Where removal comes in** (governance.md, 12 to 25). Walk and views stay. `GoodOp` becomes a vote: beside
/// its `grounds` it keeps the `Need`s, which are the facts of line 12, and how many places it takes. An
/// approve, grant, revoke, removal or cut is one more `Effect`. `voids(in:)` is evaluate(∅): lines 14 to 17
/// add two causes to the two there (double use, fallen grounds), a removal that cancels a need, and too few
/// counted votes; an op that a removal can reach then is a suspect. Lines 18 to 22 run that walk a few times
/// with removals assumed and keep the outcome, X, in the `View`, where `Assertions` asks it whether a fact is
/// cancelled. Lines 23 to 25 are `counts`, which then asks of each cancelling removal for its cut.
public struct GovernanceGraph: Sendable {
  /// A change with all that is fixed about it.
  struct Node: Sendable {
    let change: GovernanceChange
    let depth: Int
    let position: Position
    /// Resolve of the change's past; the past doesn't hold the change.
    let view: View
    /// By op, why it isn't good.
    var objections: [Objection?] = []
  }

  /// H("net", genesis id).
  public let network: NetworkID
  public let genesis: ChangeID
  /// The frontier that the replica's admission pinned, ascending.
  public let anchor: [ChangeID]
  /// As the genesis set it.
  public let policy: Policy
  /// The changes without a child here, ascending. Up to 8 go into a content change: see `namedHeads(by:)`.
  public private(set) var heads: [ChangeID] = []
  /// The first change, in the order of the walk, with an op that this version doesn't know, by an author
  /// present in its view. While there is one, the replica writes nothing and admits nobody.
  public private(set) var frozen: ChangeID?

  private(set) var facts = Assertions()
  private(set) var suspects = Suspects()
  var nodes: [Node] = []
  var numbers: [ChangeID: Int] = [:]
  var spaces: [SpaceID: Space]
  var cache = ResolveCache()
  private var good: [GoodOp] = []
  /// By chain, how many changes it has.
  private var chains: [Int32] = []
  private var anchored = Anchored()
  /// Whether `anchored` has read the whole anchor.
  private var isPinned = false

  /// The graph of a network that begins with this change. Throws `notGenesis` or `newerPolicy`.
  ///
  /// - Parameter anchor: governance ids; the genesis alone if nil. An anchor that isn't all held yet has no
  ///   effect until it is: see `isAnchored`.
  /// - Parameter isVerified: whether the founders' cards were seen to verify at an earlier reading.
  public init(
    genesis change: GovernanceChange, anchor: [ChangeID]? = nil, isVerified: Bool = false
  ) throws(GovernanceError) {
    let (policy, founders) = try Self.founding(change, isVerified)
    genesis = change.id
    network = .network(genesis: change.id)
    self.anchor = Set(anchor ?? [change.id]).sorted()
    self.policy = policy
    spaces = [.zero: .governance, Space.commons.id(in: network): .commons]
    let number = append(change, view: View(past: .empty), depth: 0)
    enact(founders, of: number, stamp: change.stamp)
    pin(self)
  }

  /// H("anchor", ids joined): what the handshake's prologue carries.
  public var anchorID: ID32 { ID32(fixed: Hash.H("anchor", anchor.flatMap(\.bytes))) }

  /// Whether every change that the anchor names is held.
  public var isAnchored: Bool { anchor.allSatisfy(contains) }

  /// Changes held.
  public var count: Int { nodes.count }

  public func contains(_ id: ChangeID) -> Bool { numbers[id] != nil }

  /// Takes in a change whose parents are held. False if it is held already.
  ///
  /// - Parameter verified: the indexes of ops that `goodOps` named at an earlier reading of the same change,
  ///   on this machine: the signatures within them aren't checked again.
  /// - Throws: `unknown` with the parents that aren't held, or `rootless`.
  @discardableResult
  public mutating func insert(
    _ change: GovernanceChange, verified: [Int] = []
  ) throws(GovernanceError) -> Bool {
    if contains(change.id) { return false }
    let missing = Set(change.parents.filter { !contains($0) })
    guard missing.isEmpty else { throw .unknown(missing.sorted()) }
    let parents = Set(change.parents.compactMap { numbers[$0] }).sorted()
    guard !parents.isEmpty else { throw .rootless }
    let depth = 1 + parents.map { nodes[$0].depth }.max()!
    let number = append(change, view: view(after: parents), depth: depth)
    judge(change, number, verified)
    cache.forgetAll()
    if !isPinned && isAnchored { replay() }
    return true
  }

  /// The indexes of the ops of a change that are good in its view, ascending; empty if it isn't held.
  public func goodOps(of id: ChangeID) -> [Int] {
    objections(to: id).enumerated().filter { $0.element == nil }.map(\.offset)
  }

  /// For each op of a change, why it isn't good in its view; nil where it is. Empty if the change isn't held.
  public func objections(to id: ChangeID) -> [Objection?] {
    numbers[id].map { nodes[$0].objections } ?? []
  }

  /// For each op that `author` might write now, why it wouldn't be good; nil where it would.
  public func objections(to ops: [GovernanceOp], by author: PublicKey) -> [Objection?] {
    var trial = self
    let id = ChangeID(fixed: Hash.H("trial", heads.flatMap(\.bytes)))
    let change = GovernanceChange(id: id, author: author, parents: heads, stamp: 0, ops: ops)
    guard (try? trial.insert(change)) != nil else { preconditionFailure("heads are held") }
    return trial.objections(to: id)
  }
}

// MARK: - Insertion

extension GovernanceGraph {
  private static func founding(
    _ change: GovernanceChange, _ isVerified: Bool
  ) throws(GovernanceError) -> (Policy, [Card]) {
    guard change.parents.isEmpty, change.ops.count == 1,
      case .genesis(let policy, let founders) = change.ops[0],
      founders.first?.signingKey == change.author,
      Set(founders.map(\.device)).count == founders.count, isVerified || founders.allSatisfy(\.isValid)
    else { throw .notGenesis }
    guard policy.quorum == 1, policy.minVersion <= 1, policy.history <= 1 else { throw .newerPolicy }
    return (policy, founders)
  }

  /// Gives the change a place in a chain and among the heads, and returns its number.
  private mutating func append(_ change: GovernanceChange, view: View, depth: Int) -> Int {
    let number = nodes.count
    let chain = chainToExtend(change)
    if chain == chains.count { chains.append(0) }
    chains[chain] += 1
    let position = Position(chain: Int32(chain), place: chains[chain])
    nodes.append(Node(change: change, depth: depth, position: position, view: view))
    numbers[change.id] = number
    heads.removeAll { change.parents.contains($0) }
    heads.insertSorted(change.id, by: <)
    return number
  }

  /// A chain that ends in a parent, the author's own before others; a new one if none does.
  private func chainToExtend(_ change: GovernanceChange) -> Int {
    var found = chains.count
    for parent in change.parents {
      guard let node = numbers[parent].map({ nodes[$0] }) else { continue }
      let chain = Int(node.position.chain)
      guard chains[chain] == node.position.place else { continue }
      if node.change.author == change.author { return chain }
      found = min(found, chain)
    }
    return found
  }

  private mutating func enact(_ founders: [Card], of number: Int, stamp: UInt64) {
    let op = ref(number, 0)
    let admissions = founders.map {
      Admission(
        op: op, device: $0.device, place: $0.place, roles: .founder, card: $0, founds: true, stamp: stamp)
    }
    take(GoodOp(op: op, effect: .admissions(admissions), grounds: []))
    nodes[number].objections = [nil]
  }

  private mutating func judge(_ change: GovernanceChange, _ number: Int, _ verified: [Int]) {
    for (index, op) in change.ops.enumerated() {
      do throws(Objection) {
        take(try judged(op, ref(number, index), change, nodes[number], verified.contains(index)))
        nodes[number].objections.append(nil)
      } catch {
        nodes[number].objections.append(error)
        if error == .unknownOp { freeze(nodes[number]) }
      }
    }
  }

  private func judged(
    _ op: GovernanceOp, _ ref: OpRef, _ change: GovernanceChange, _ node: Node, _ isVerified: Bool
  ) throws(Objection) -> GoodOp {
    guard !anchored.forks(node) else { throw .forkedBehindAnchor }
    var view = node.view
    view.before = ref
    return try Judge(
      facts: facts, view: view, author: .device(signing: change.author), ref: ref, stamp: change.stamp,
      isVerified: isVerified
    ).judge(op)
  }

  private mutating func take(_ op: GoodOp) {
    switch op.effect {
    case .admissions(let admissions):
      for admission in admissions { admit(admission) }
    case .invite(let invite): facts.add(invite)
    case .closing(let invites, let id):
      for invite in invites { facts.close(invite, id: id, by: op.op) }
    }
    if let use = op.use { facts.use(use.invite, id: use.id, by: op.op, card: use.card) }
    suspects.note(op, among: good, facts)
    good.append(op)
  }

  private mutating func admit(_ admission: Admission) {
    facts.add(admission)
    let space = Space.place(admission.place)
    if admission.founds { spaces[space.id(in: network)] = space }
  }

  private mutating func freeze(_ node: Node) {
    let first = frozen.flatMap { numbers[$0] }.map { nodes[$0] }
    if let first, (first.depth, first.change.id) < (node.depth, node.change.id) { return }
    frozen = node.change.id
  }

  private mutating func pin(_ graph: GovernanceGraph) {
    anchored = Anchored(graph)
    isPinned = graph.isAnchored
  }

  /// Judges everything again, now that the whole anchor is known.
  private mutating func replay() {
    do throws(GovernanceError) {
      var again = try GovernanceGraph(genesis: nodes[0].change, anchor: anchor)
      again.pin(self)
      for node in nodes.dropFirst() { try again.insert(node.change) }
      self = again
    } catch {
      preconditionFailure("what was taken in once is taken in again")
    }
  }

  func ref(_ number: Int, _ index: Int) -> OpRef {
    let node = nodes[number]
    return OpRef(depth: node.depth, change: node.change.id, index: index, position: node.position)
  }
}
