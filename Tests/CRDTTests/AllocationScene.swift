// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// Claims on one thing, made, changed, withdrawn and answered by devices that sync now and then.
struct AllocationScene {
  static let minutes: Range<Int64> = 0..<6

  private struct Draft {
    var quantity: Int64
    var spans: [Range<Int64>]
    let made: Dot
    var changed: [Dot] = []
    var answers: [Allocation.Answer] = []
    var state = Allocation.Claim.State.active
  }

  private(set) var devices: Devices
  let capacity: Int64
  let needsGrant: Bool
  private var drafts: [Draft] = []

  init(seed: UInt64, steps: Int = 24) {
    var random = Seeded(seed &+ 9_000)
    devices = Devices(seed: seed)
    capacity = Int64(1 + random.below(3))
    needsGrant = random.chance(30)
    let answering = random.chance(50) ? 25 : 0
    for _ in 0..<steps { step(&random, answering) }
  }

  var history: History { devices.history }

  var claims: [Allocation.Claim] { drafts.indices.map(claim) }

  private func claim(_ index: Int) -> Allocation.Claim {
    let draft = drafts[index]
    let changed = draft.changed.filter { one in
      !draft.changed.contains { $0 != one && history.ancestors(of: $0).contains(one) }
    }
    return Allocation.Claim(
      id: Self.id(index), quantity: draft.quantity, spans: draft.spans, stakes: [draft.made] + changed,
      answers: draft.answers, state: draft.state)
  }

  static func id(_ index: Int) -> RecordID { RecordID(high: UInt64(index * 7919 % 64), low: UInt64(index)) }

  private static func span(_ random: inout Seeded) -> Range<Int64> {
    let first = Int64(random.below(5))
    return first..<(first + 1 + Int64(random.below(Int(minutes.upperBound - first))))
  }

  private mutating func step(_ random: inout Seeded, _ answering: Int) {
    let device = random.below(devices.count)
    if random.chance(35) { return devices.sync(device, from: random.below(devices.count)) }
    let known = drafts.indices.filter { devices.knows(device).contains(drafts[$0].made) }
    guard !known.isEmpty, random.chance(45) else {
      let spans = (0..<(random.chance(15) ? 2 : 1)).map { _ in Self.span(&random) }
      let dot = devices.write(device, [])
      return drafts.append(Draft(quantity: Int64(1 + random.below(2)), spans: spans, made: dot))
    }
    let index = random.pick(known)
    if random.chance(answering * 3) {
      let isYes: Bool? = random.chance(10) ? nil : random.chance(70)
      return drafts[index].answers.append(Allocation.Answer(dot: devices.write(device, []), isYes: isYes))
    }
    switch random.below(4) {
    case 0: drafts[index].state = .withdrawn
    case 1: drafts[index].state = .over
    default:
      drafts[index].spans = [Self.span(&random)]
      drafts[index].changed.append(devices.write(device, []))
    }
  }

  /// One more claim by somebody who has seen everything; its id comes last.
  mutating func claimLast(_ quantity: Int64, _ spans: [Range<Int64>]) -> Allocation.Claim {
    for other in 0..<devices.count { devices.sync(0, from: other) }
    drafts.append(Draft(quantity: quantity, spans: spans, made: devices.write(0, [])))
    return claim(drafts.count - 1)
  }
}

/// What every claim's standing should be, minute by minute and from sets of ancestors, as the words say it.
struct AllocationOracle {
  let scene: AllocationScene
  let claims: [Allocation.Claim]
  private var history: History { scene.history }

  init(_ scene: AllocationScene, _ claims: [Allocation.Claim]? = nil) {
    self.scene = scene
    self.claims = claims ?? scene.claims
  }

  /// The words that count: unseen by any other, and said of what is asked now.
  private func words(_ claim: Allocation.Claim) -> Set<Bool> {
    let last = claim.answers.filter { one in
      !claim.answers.contains { $0.dot != one.dot && history.ancestors(of: $0.dot).contains(one.dot) }
    }
    let apt = last.filter { answer in
      claim.stakes.allSatisfy { history.ancestors(of: answer.dot).contains($0) }
    }
    return Set(apt.compactMap(\.isYes))
  }

  private func isBefore(_ one: Allocation.Claim, _ other: Allocation.Claim) -> Bool {
    one.stakes.allSatisfy { stake in
      other.stakes.contains { $0 != stake && history.ancestors(of: $0).contains(stake) }
    }
  }

  func isGranted(_ claim: Allocation.Claim) -> Bool { claim.state == .active && words(claim) == [true] }
  private func isOpen(_ claim: Allocation.Claim) -> Bool {
    claim.state == .active && words(claim).count != 1
  }

  /// The most, over the claim's minutes, that it and those others take.
  private func peak(_ claim: Allocation.Claim, with others: [Allocation.Claim]) -> Int64 {
    AllocationScene.minutes.filter { Self.covers(claim, $0) }.map { minute in
      claim.quantity + others.filter { Self.covers($0, minute) }.reduce(0) { $0 + $1.quantity }
    }.max()!
  }

  static func covers(_ claim: Allocation.Claim, _ minute: Int64) -> Bool {
    claim.spans.contains { $0.contains(minute) }
  }

  func standing(_ claim: Allocation.Claim) -> Allocation.Standing {
    if claim.state == .withdrawn { return .withdrawn }
    if claim.state == .over { return .over }
    let words = words(claim)
    if words == [true] { return .granted }
    if words == [false] { return .declined }
    if words == [true, false] { return .contested }
    if scene.needsGrant { return .requested }
    let others = claims.filter { $0.id != claim.id }
    let before = others.filter { isGranted($0) || (isOpen($0) && isBefore($0, claim)) }
    if peak(claim, with: before) > scene.capacity { return .waiting }
    let all = others.filter { isGranted($0) || (isOpen($0) && !isBefore(claim, $0)) }
    return peak(claim, with: all) > scene.capacity ? .contested : .held
  }
}
