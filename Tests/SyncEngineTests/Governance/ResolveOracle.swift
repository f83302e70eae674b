// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto
import SyncEngine

/// Resolve as section 7 of protocol.md words it: whole sets, no caches but of what was resolved, no order
/// kept.
final class ResolveOracle {
  struct Op: Hashable {
    let change: ChangeID
    let index: Int
  }

  enum Fact: Hashable {
    case place(PlaceID)
    case device(DeviceID, PlaceID)
    case role(Int, DeviceID, PlaceID)
    case invite(Op)
  }

  static let (reader, writer, admin, steward) = (1, 2, 4, 8)

  let genesis: ChangeID
  let anchor: Set<ChangeID>
  let changes: [ChangeID: GovernanceChange]
  private var pasts: [ChangeID: Set<ChangeID>] = [:]
  private var depths: [ChangeID: Int] = [:]
  private var resolved: [Set<ChangeID>: [Op]] = [:]
  private var goods: [Op: Bool] = [:]
  private var uses: [Op: Op?] = [:]

  init(_ all: [GovernanceChange], anchor heads: [ChangeID]? = nil) {
    genesis = all.first { $0.parents.isEmpty }!.id
    changes = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
    var set: Set<ChangeID> = []
    var open = heads ?? [genesis]
    while let id = open.popLast() {
      if set.insert(id).inserted { open += changes[id]!.parents }
    }
    anchor = set
  }

  // MARK: Sets

  func past(_ id: ChangeID) -> Set<ChangeID> {
    if let known = pasts[id] { return known }
    let past = closure(changes[id]!.parents)
    pasts[id] = past
    return past
  }

  func closure(_ heads: [ChangeID]) -> Set<ChangeID> {
    heads.reduce(into: []) { set, head in
      set.insert(head)
      set.formUnion(past(head))
    }
  }

  func depth(_ id: ChangeID) -> Int {
    if let known = depths[id] { return known }
    let depth = changes[id]!.parents.map { self.depth($0) + 1 }.max() ?? 0
    depths[id] = depth
    return depth
  }

  func walk(_ set: Set<ChangeID>) -> [ChangeID] {
    set.sorted { (depth($0), $0) < (depth($1), $1) }
  }

  func isForked(_ change: GovernanceChange) -> Bool {
    !anchor.contains(change.id)
      && anchor.contains { changes[$0]!.author == change.author && !past(change.id).contains($0) }
  }

  // MARK: Facts

  func op(_ op: Op) -> GovernanceOp { changes[op.change]!.ops[op.index] }

  func author(_ op: Op) -> DeviceID { .device(signing: changes[op.change]!.author) }

  func facts(_ ops: some Sequence<Op>) -> Set<Fact> {
    ops.reduce(into: []) { $0.formUnion(asserts($1)) }
  }

  func asserts(_ op: Op) -> Set<Fact> {
    switch self.op(op) {
    case .genesis(_, let founders):
      founders.reduce(into: []) { $0.formUnion(belongs($1.device, $1.place, [1, 2, 4, 8], founds: true)) }
    case .placeAdmit(let card, let role, _, _):
      belongs(card.device, card.place, [[1, 8], [1, 2, 8], [1, 2, 4, 8]][Int(role) - 1], founds: true)
    case .deviceAdmit(let card, let role, let place, _, _):
      belongs(card.device, place, role == 2 ? [1, 2] : [1], founds: false)
    case .inviteCreate: [.invite(op)]
    case .inviteClose, .unknown: []
    }
  }

  private func belongs(_ device: DeviceID, _ place: PlaceID, _ roles: [Int], founds: Bool) -> Set<Fact> {
    Set(roles.map { .role($0, device, place) } + [.device(device, place)] + (founds ? [.place(place)] : []))
  }

  private func places(_ device: DeviceID, _ facts: Set<Fact>) -> [PlaceID] {
    facts.compactMap { if case .device(device, let place) = $0 { place } else { nil } }
  }

  private func isA(_ role: Int, _ device: DeviceID, _ facts: Set<Fact>) -> Bool {
    facts.contains { if case .role(role, device, _) = $0 { true } else { false } }
  }

  // MARK: Good and standing

  /// The ops that stand, in the order of the walk.
  func resolve(_ set: Set<ChangeID>) -> [Op] {
    if let known = resolved[set] { return known }
    var standing: [Op] = []
    for id in walk(set) {
      for index in changes[id]!.ops.indices {
        let op = Op(change: id, index: index)
        if isGood(op), !isVoid(op, among: standing) { standing.append(op) }
      }
    }
    resolved[set] = standing
    return standing
  }

  func view(_ op: Op) -> [Op] {
    let earlier = (0..<op.index).map { Op(change: op.change, index: $0) }
    return resolve(past(op.change)) + earlier.filter(isGood)
  }

  func isGood(_ op: Op) -> Bool {
    if let known = goods[op] { return known }
    let good = judge(op)
    goods[op] = good
    return good
  }

  private func judge(_ op: Op) -> Bool {
    let change = changes[op.change]!
    if case .genesis = self.op(op) { return op.change == genesis }
    if isForked(change) { return false }
    let view = view(op)
    let facts = facts(view)
    guard !places(author(op), facts).isEmpty else { return false }
    switch self.op(op) {
    case .genesis, .unknown: return false
    case .placeAdmit(let card, let role, let id, let countersign):
      guard (1...3).contains(role), card.isValid, places(card.device, facts).isEmpty,
        !facts.contains(.place(card.place))
      else { return false }
      guard let id else { return isA(Self.admin, author(op), facts) }
      return invite(id, countersign, card, role, nil, view) != nil
    case .deviceAdmit(let card, let role, let place, let id, let countersign):
      guard (1...2).contains(role), card.isValid, places(card.device, facts).isEmpty,
        facts.contains(.place(place))
      else { return false }
      guard let id else { return facts.contains(.role(Self.steward, author(op), place)) }
      return invite(id, countersign, card, role, place, view) != nil
    case .inviteCreate(let description):
      let isTaken = invites(description.id, view).count > 0
      let role = description.purpose == 1 ? Self.admin : Self.steward
      let isPossible = (1...(description.purpose == 1 ? 3 : 2)).contains(description.role)
      return !isTaken && isPossible && (1...2).contains(description.medium) && isA(role, author(op), facts)
    case .inviteClose(let id):
      let invites = invites(id, view)
      return !invites.isEmpty
        && (isA(Self.admin, author(op), facts) || invites.contains { author($0) == author(op) })
    }
  }

  func invites(_ id: InviteID, _ view: [Op]) -> [Op] {
    view.filter { if case .inviteCreate(let it) = op($0) { it.id == id } else { false } }
  }

  func description(_ invite: Op) -> InviteDescription {
    guard case .inviteCreate(let description) = op(invite) else { fatalError("no invite") }
    return description
  }

  /// The invite that an admit uses in a view.
  private func invite(
    _ id: InviteID, _ countersign: [UInt8]?, _ card: Card, _ role: UInt64, _ place: PlaceID?, _ view: [Op]
  ) -> Op? {
    let facts = facts(view)
    return invites(id, view).first { invite in
      let it = description(invite)
      let isForPlace = place.map { facts.contains(.role(Self.steward, author(invite), $0)) } ?? true
      return it.purpose == (place == nil ? 1 : 2) && it.role == role && isForPlace
        && isOpen(invite, view)
        && InvitationCode.verifyCountersign(countersign ?? [], card: card, inviteKey: it.key.bytes)
    }
  }

  func isOpen(_ invite: Op, _ view: [Op]) -> Bool {
    !view.contains { closes($0, invite) || used($0) == invite }
  }

  func closes(_ op: Op, _ invite: Op) -> Bool {
    guard case .inviteClose(description(invite).id) = self.op(op) else { return false }
    let view = view(op)
    return view.contains(invite) && (isA(Self.admin, author(op), facts(view)) || author(op) == author(invite))
  }

  /// The invite that an admit rests on.
  func used(_ op: Op) -> Op? {
    if let known = uses[op] { return known }
    let invite = findUsed(op)
    uses.updateValue(invite, forKey: op)
    return invite
  }

  private func findUsed(_ op: Op) -> Op? {
    switch self.op(op) {
    case .placeAdmit(let card, let role, let id?, let countersign):
      invite(id, countersign, card, role, nil, view(op))
    case .deviceAdmit(let card, let role, let place, let id?, let countersign):
      invite(id, countersign, card, role, place, view(op))
    default: nil
    }
  }

  func card(_ op: Op) -> Card? {
    switch self.op(op) {
    case .placeAdmit(let card, _, _, _), .deviceAdmit(let card, _, _, _, _): card
    default: nil
    }
  }

  private func isVoid(_ op: Op, among standing: [Op]) -> Bool {
    let view = view(op)
    let both = facts(Set(standing).intersection(view))
    if !isSupported(op, by: both, inFull: facts(view)) { return true }
    guard let invite = used(op) else { return false }
    return standing.contains { used($0) == invite && card($0) != card(op) }
  }

  private func isSupported(_ op: Op, by facts: Set<Fact>, inFull view: Set<Fact>) -> Bool {
    let author = author(op)
    let isPresent = !places(author, facts).isEmpty
    switch self.op(op) {
    case .genesis: return true
    case .unknown: return false
    case .placeAdmit(_, _, nil, _): return isA(Self.admin, author, facts)
    case .deviceAdmit(_, _, let place, nil, _):
      return facts.contains(.role(Self.steward, author, place)) && facts.contains(.place(place))
    case .placeAdmit: return isPresent && facts.contains(.invite(used(op)!))
    case .deviceAdmit(_, _, let place, _, _):
      let invite = used(op)!
      return isPresent && facts.contains(.invite(invite)) && facts.contains(.place(place))
        && facts.contains(.role(Self.steward, self.author(invite), place))
    case .inviteCreate(let it):
      return isA(it.purpose == 1 ? Self.admin : Self.steward, author, facts)
    case .inviteClose:
      return isA(Self.admin, author, view) ? isA(Self.admin, author, facts) : isPresent
    }
  }
}
