// SPDX-License-Identifier: AGPL-3.0-or-later

import CRDT
import MujawaraCrypto

@testable import SyncEngine

/// Changes as members might sign them who say one thing to some and another to others: each follows any earlier
/// change of its log, and has seen any changes.
struct Forger {
  /// Members who only look on.
  let observers: [TestPlace]
  var observer: TestPlace { observers[0] }
  let devices: [DeviceKeys]
  /// All that were made, parents before children.
  private(set) var changes: [Change] = []
  private let gov: [SyncEngine.ChangeID]
  private let epoch: EpochID
  private let secret: SecretBytes
  private let creation: UInt64
  private var nonces: UInt64 = 0

  /// A network of so many members besides those who only look on.
  init(members: Int, observers count: Int = 1) throws {
    let founder = try TestPlace(named: "A")
    let places = [founder] + (try (1..<members).map { try TestPlace(joining: founder, named: "P\($0)") })
    observers = try (0..<count).map { try TestPlace(joining: founder, named: "Observer \($0)") }
    try exchange(places + observers)
    devices = places.map(\.replica.keys)
    gov = Array(try founder.replica.governance().heads.prefix(Limits.governanceHeads))
    let current = try founder.replica.currentEpoch(of: .commons)!
    (epoch, secret) = (current.id, current.secret)
    creation = founder.replica.creation
  }

  var space: SpaceID { observer.commons }

  /// Makes a change.
  ///
  /// - Parameters:
  ///   - after: the change before it in its log; nil for a first one.
  ///   - log: which log of the device, where there is nothing before it.
  ///   - seeing: its heads.
  @discardableResult
  mutating func write(
    by device: Int, log: UInt64 = 1, after previous: Change? = nil, seeing: [Change] = [], _ entries: [ContentEntry] = []
  ) -> Change {
    let body = Content(label: 0, entries: entries).encoded()
    let length = UInt64(Padding.paddedSize(body.count) + XChaCha.overhead)
    nonces += 1
    let parents = seeing + (previous.map { [$0] } ?? [])
    let header = ChangeHeader(
      kind: .content, author: ID32(devices[device].card.sign, at: 0), space: space,
      incarnation: previous?.header.incarnation ?? log, seq: (previous?.header.seq ?? 0) + 1, prev: previous?.id,
      heads: Set(seeing.map(\.id)).sorted(), stamp: (parents.map(\.header.stamp).max() ?? creation) + 1 + nonces % 3,
      cum: (previous?.header.cum ?? 0) + length, gov: gov, epoch: epoch,
      nonce: Array(Hash.H("nonce", Array("\(nonces)".utf8)).prefix(24)), ctLength: length)
    let sealed = ContentSeal.seal(body: body, h0: header.encoded(), nonce: header.nonce!, epochSecret: secret)
    let change = Change(header: header, ciphertext: sealed, network: observer.replica.network, key: devices[device].sign)
    changes.append(change)
    return change
  }

  /// A chain of changes that each set one record's title.
  mutating func chain(by device: Int, after previous: Change? = nil, seeing: [Change] = [], _ titles: [String]) -> [Change] {
    var chain: [Change] = []
    for title in titles {
      let first = chain.isEmpty
      chain.append(write(by: device, after: chain.last ?? previous, seeing: first ? seeing : [], Self.title(title)))
    }
    return chain
  }

  /// Sets the title of the one record that is named so, which it may make.
  static func title(_ text: String, of number: UInt64 = 1) -> [ContentEntry] {
    [ContentEntry(.existing(record(number)), [
      FieldEdits(SystemField.alive, .bool(true)), FieldEdits(SystemField.kind, .int(12)),
      FieldEdits(titleField, .text(text)),
    ])]
  }

  static func count(_ delta: Int64, of number: UInt64 = 1) -> [ContentEntry] {
    [ContentEntry(.existing(record(number)), [
      FieldEdits(SystemField.alive, .bool(true)), FieldEdits(countField, [.add(delta)]),
    ])]
  }

  /// Puts the record into one of two lists.
  static func move(to list: UInt64, of number: UInt64 = 1) -> [ContentEntry] {
    let position = Position(list: RecordID(ID16(high: 78, low: list)), key: OrderKey.between(nil, nil, tag: RunTag(1, 2, 3))!)
    return [ContentEntry(.existing(record(number)), [FieldEdits(SystemField.at, [.set(.value(position.value))])])]
  }

  static func delete(_ number: UInt64 = 1) -> [ContentEntry] {
    [ContentEntry(.existing(record(number)), [FieldEdits(SystemField.alive, .bool(false))])]
  }

  static func record(_ number: UInt64) -> RecordID { RecordID(ID16(high: 77, low: number)) }

  /// The observer as it was before any of the changes.
  func freshObserver() throws -> TestPlace { try TestPlace(copyOf: observer) { _ in } }

  // MARK: Random histories

  /// A member of four who may go on from any of its earlier changes, or begin a log again; the last one never does.
  mutating func writeAnything(_ random: inout Seeded, records: UInt64) {
    let device = random.below(devices.count)
    let isHonest = device == devices.count - 1
    let log = isHonest ? 1 : UInt64(1 + random.below(2))
    let mine = changes.filter { $0.header.author.bytes == devices[device].card.sign && $0.header.incarnation == log }
    var previous = mine.last
    if !isHonest, random.below(4) == 0 { previous = random.below(5) == 0 ? nil : mine.randomElement(using: &random) }
    let others = changes.filter { change in
      change.header.author.bytes != devices[device].card.sign || change.header.incarnation != log
    }
    let seeing = (0..<random.below(3)).compactMap { _ in others.randomElement(using: &random) }
    let record = UInt64(1 + random.below(Int(records)))
    let entries: [[ContentEntry]] = [
      Self.title("\(changes.count)", of: record), Self.count(Int64(changes.count), of: record), Self.delete(record),
      Self.move(to: UInt64(random.below(2)), of: record), [], Self.title("\(changes.count)", of: record),
    ]
    write(by: device, log: log, after: previous, seeing: seeing, entries[random.below(entries.count)])
  }

  /// Some of the changes with all in their past, in the order in which they were made.
  func someWithTheirPast(_ random: inout Seeded, _ count: Int) -> [Change] {
    var chosen: Set<SyncEngine.ChangeID> = []
    for _ in 0..<count {
      guard let change = changes.randomElement(using: &random) else { continue }
      chosen.formUnion(past(of: change).union([change.id]))
    }
    return changes.filter { chosen.contains($0.id) }
  }

  // MARK: The oracle

  /// Which changes count, as slowly and plainly as it can be said: no vectors, no branches, no order.
  var counted: Set<SyncEngine.ChangeID> {
    let logs = Dictionary(grouping: changes) { "\($0.header.author) \($0.header.incarnation)" }
    var forks: [String: UInt64] = [:]
    for (log, all) in logs {
      forks[log] = Dictionary(grouping: all, by: \.header.seq).filter { Set($0.value.map(\.id)).count > 1 }.keys.min()
    }
    var vouched: Set<SyncEngine.ChangeID> = []
    for (log, all) in logs where forks[log] == nil {
      for change in all { vouched.formUnion(past(of: change)) }
    }
    return Set(changes.filter { change in
      guard let fork = forks["\(change.header.author) \(change.header.incarnation)"] else { return true }
      return change.header.seq < fork || vouched.contains(change.id)
    }.map(\.id))
  }

  func past(of change: Change) -> Set<SyncEngine.ChangeID> {
    let byID = Dictionary(changes.map { ($0.id, $0) }) { one, _ in one }
    var past: Set<SyncEngine.ChangeID> = []
    var left = change.header.heads + (change.header.prev.map { [$0] } ?? [])
    while let id = left.popLast() {
      guard let parent = byID[id], past.insert(id).inserted else { continue }
      left += parent.header.heads + (parent.header.prev.map { [$0] } ?? [])
    }
    return past
  }

  /// The records that the counted changes give. Each change stands in a log of its own there.
  func naive() throws -> (reducer: NaiveReducer, ids: [Dot: SyncEngine.ChangeID]) {
    let counted = counted
    let dots = Dictionary(uniqueKeysWithValues: changes.enumerated().map { ($1.id, Dot(log: UInt32($0 + 1), seq: 1)) })
    let all = try changes.map { change in
      let dot = dots[change.id]!
      let body = try ContentSeal.open(change.ciphertext!, h0: change.h0, nonce: change.header.nonce!, epochSecret: secret)
      let parts = try Content(decoding: body).operations(changeID: change.id, dot: dot)
      return NaiveReducer.Change(
        dot: dot, parents: (change.header.heads + (change.header.prev.map { [$0] } ?? [])).compactMap { dots[$0] },
        counts: counted.contains(change.id),
        ops: Dictionary(uniqueKeysWithValues: parts.map { ($0.record, $0.ops) }))
    }
    return (NaiveReducer(all), Dictionary(uniqueKeysWithValues: dots.map { ($1, $0) }))
  }
}

/// What a replica makes of the forger's changes, in words that mean the same everywhere.
struct ForkPortrait: Equatable {
  var held: Set<SyncEngine.ChangeID> = []
  var cells: [RecordID: Set<String>] = [:]
  var presence: [RecordID: String] = [:]

  /// Of a replica.
  init(_ place: TestPlace, _ forger: Forger, records: UInt64) throws {
    for change in forger.changes {
      if case .held = try place.replica.entry(change.id)?.kind { held.insert(change.id) }
    }
    let replica = place.replica
    for id in (1...records).map(Forger.record) {
      guard let view = try replica.record(id), !view.state.cells.isEmpty else { continue }
      presence[id] = Self.name(view.presence)
      for entry in view.state.cells {
        for head in entry.cell.heads {
          let change = try replica.reading { try replica.log.id(of: head.op.dot)! }
          cells[id, default: []].insert("\(entry.key.field) \(change) \(head.op.index) \(head.value)")
        }
        if !entry.cell.sums.isEmpty { cells[id, default: []].insert("\(entry.key.field) sum \(entry.cell.total)") }
      }
    }
  }

  /// By the oracle.
  init(_ forger: Forger, records: UInt64) throws {
    held = Set(forger.changes.map(\.id)).subtracting(forger.counted)
    let (naive, ids) = try forger.naive()
    for id in (1...records).map(Forger.record) {
      let state = naive.cells(of: id)
      guard !state.isEmpty else { continue }
      presence[id] = Self.name(naive.presence(of: id))
      for (key, cell) in state {
        for head in cell.heads {
          cells[id, default: []].insert("\(key.field) \(ids[head.op.dot]!) \(head.op.index) \(head.value)")
        }
        if !cell.sums.isEmpty { cells[id, default: []].insert("\(key.field) sum \(cell.sums.values.reduce(0, &+))") }
      }
    }
  }

  private static func name(_ presence: Presence) -> String {
    switch presence {
    case .absent: "absent"
    case .visible: "visible"
    case .revived: "revived"
    case .deleted: "deleted"
    }
  }
}

/// All orders of a few things.
func permutations<T>(_ items: [T]) -> [[T]] {
  guard items.count > 1 else { return [items] }
  return items.indices.flatMap { place in
    var rest = items
    let first = rest.remove(at: place)
    return permutations(rest).map { [first] + $0 }
  }
}
