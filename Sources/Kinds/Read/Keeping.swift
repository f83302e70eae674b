// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// Who may answer claims on a thing: whoever kept it in the past of their answer, whatever came since. So an answer
/// and a change of keeper at the same time both stand.
struct Keeping {
  private static let keeper = Kind.thing.field(named: "keeper")!.number
  private static let permission = Kind.thing.field(named: "permission")!.number
  private static let of = Kind.claim.field(named: "of")!.number
  static let agreed = CellKey(field: Kind.claim.field(named: "agreed")!.number)

  private let thing: RecordView
  private let replica: Replica
  /// The places of which anybody says that they keep it.
  let keepers: [PlaceID]

  init(_ thing: RecordView, in replica: Replica) {
    self.thing = thing
    self.replica = replica
    keepers = Self.keepers(in: thing.state)
  }

  /// Of the thing that a claim is on; nil if it isn't here.
  init?(ofClaim claim: RecordView, in replica: Replica) throws {
    guard case .reference(let id) = claim.state[Self.of]?.winner(by: replica.history)?.value,
      let thing = try replica.record(id)
    else { return nil }
    self.init(thing, in: replica)
  }

  private static func keepers(in thing: RecordState) -> [PlaceID] {
    let places = (thing[keeper]?.heads ?? []).compactMap { head in
      if case .reference(let id) = head.value { PlaceID(id) } else { nil }
    }
    return Set(places).sorted()
  }

  /// Whether a claim waits for a keeper's word.
  var needsGrant: Bool {
    let words = (thing.state[Self.permission]?.heads ?? []).map(\.value)
    return !keepers.isEmpty && (words.isEmpty || words.contains { $0 != .bool(false) })
  }

  // MARK: Words

  /// The keepers' words on a claim; those of others are looked past, down to what they overwrote.
  func words(on claim: RecordView) throws -> [Head] {
    guard claim.space == thing.space, let cell = claim.state.cell(Self.agreed) else { return [] }
    let entry = RecordState.Entry(key: Self.agreed, cell: cell)
    return try replica.rightfulHeads(of: entry, in: claim, by: isRightful)
  }

  func answers(to claim: RecordView) throws -> [Allocation.Answer] {
    try words(on: claim).map { head in
      if case .bool(let isYes) = head.value { return Allocation.Answer(dot: head.op.dot, isYes: isYes) }
      return Allocation.Answer(dot: head.op.dot, isYes: nil)
    }
  }

  private func isRightful(_ answer: Dot) throws -> Bool {
    let places = try replica.places(writing: answer)
    let now = thing.state[Self.keeper]?.heads ?? []
    if now.count == 1, replica.history.has(answer, seen: now[0].op.dot) {
      return places.contains(where: keepers.contains)
    }
    let then = try replica.state(of: thing.id, in: thing.space, seenBy: answer)
    return places.contains(where: Self.keepers(in: then).contains)
  }
}
