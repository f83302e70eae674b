// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto
import SyncEngine

/// What must hold once the network has healed.
extension World {
  func demandAll() throws {
    try demandEqualFrontiers()
    try demandNothingWaits()
    try demandNothingLost()
    try demandContainment()
    for space in try audiences() { try demandState(of: space.id, at: space.readers) }
    for host in hosts { try demandSoundness(host, full: host === hosts.last) }
  }

  /// Every space that a device reads, and governance, with its readers.
  private func audiences() throws -> [(id: SpaceID, readers: [Host])] {
    var readers: [SpaceID: [Host]] = [:]
    for host in hosts {
      for space in try host.replica?.readableSpaces() ?? [] { readers[space, default: []].append(host) }
    }
    return readers.sorted { $0.key < $1.key }.map { (id: $0.key, readers: $0.value) }
  }

  private func demandEqualFrontiers() throws {
    for (space, readers) in try audiences() + [(id: .zero, readers: hosts)] {
      let first = try readers[0].replica?.snapshot(of: space)
      for host in readers.dropFirst() {
        let snapshot = try host.replica?.snapshot(of: space)
        guard snapshot?.frontier == first?.frontier else {
          throw Failure(.convergence, "\(readers[0].name) and \(host.name) hold different changes of \(space)")
        }
        guard snapshot?.digest == first?.digest else {
          throw Failure(.convergence, "\(readers[0].name) and \(host.name) have different digests of \(space)")
        }
      }
    }
  }

  // MARK: What is held

  /// Only what hostile members wrote, and what nobody has, is waited for.
  private func demandNothingWaits() throws {
    let wicked = villains.map(\.author)
    for host in hosts {
      guard let replica = host.replica else { continue }
      for (id, envelope) in try host.auditor?.waiting() ?? [] {
        let change = try Change(envelope: envelope, network: replica.network)
        guard wicked.contains(change.header.author) else {
          throw Failure(.nothingWaits, "\(id) still waits at \(host.name)")
        }
        let missing = try (Raw.parents(of: change) + (change.header.gov ?? [])).filter { try replica.signedChange($0) == nil }
        if missing.isEmpty { throw Failure(.nothingWaits, "\(id) waits at \(host.name) for what is there") }
      }
    }
  }

  private func demandNothingLost() throws {
    for host in hosts {
      guard let replica = host.replica, let auditor = host.auditor else { continue }
      let read = Set(try replica.readableSpaces() + [.zero])
      for entry in ledger.entries where read.contains(entry.space) {
        if try !auditor.holds(entry.change) {
          throw Failure(.nothingLost, "\(host.name) lacks \(entry.change), which was acknowledged at host \(entry.host)")
        }
      }
    }
  }

  // MARK: State

  /// The state of each reader is what the naive reducer makes of the changes, with a judgement of its own of what
  /// counts.
  func demandState(of space: SpaceID, at readers: [Host]) throws {
    guard let replica = readers[0].replica else { return }
    let judge = try SlowJudge(try Raw.changes(of: replica, in: .zero), network: replica.network)
    let raw = try RawSpace(space, try Raw.changes(of: replica, in: space))
    try raw.demandStamps(creation: judge.creation)
    let opened = try OpenedSpace(
      raw, judge: judge, secrets: try replica.epochSecrets(of: space), network: replica.network)
    let expected = opened.portrait()
    tally.reduced += expected.records.count * (readers.count + 1)
    try demandOrderDoesNotMatter(opened, expected)
    for host in readers {
      guard let replica = host.replica else { continue }
      let portrait = try Portrait(of: replica, in: raw) { [self] in tampered($1, at: host) }
      guard portrait == expected else {
        throw Failure(
          .stateIsThatOfTheLog, "at \(host.name), in \(space): \(portrait.difference(from: expected))")
      }
    }
  }

  /// A canary: of the first record that has a write, one replica has lost it.
  private func tampered(_ state: RecordState, at host: Host) -> RecordState {
    guard canary == .droppedOp, host.index == 1, let last = state.cells.last else { return state }
    var cells = state.cells
    cells[cells.count - 1] = .init(
      key: last.key, cell: Cell(heads: Array(last.cell.heads.dropFirst()), sums: last.cell.sums))
    return RecordState(cells: cells, clock: state.clock, texts: state.texts)
  }

  /// Changes may start to count after what follows them: applied last first, they give the same state.
  private func demandOrderDoesNotMatter(_ opened: OpenedSpace, _ expected: Portrait) throws {
    let backwards = opened.portraitAppliedBackwards(isOneWay: canary == .oneWayDomination)
    let expected = expected.withoutTexts
    guard backwards == expected else {
      throw Failure(
        .stateIsThatOfTheLog,
        "applied last first, in \(opened.space.id): \(backwards.difference(from: expected))")
    }
  }

  /// The same demand of one device, now.
  func inspect(_ host: Host) throws {
    guard let replica = host.replica else { return }
    for space in try replica.readableSpaces() { try demandState(of: space, at: [host]) }
  }

  // MARK: Replicas and hostile members

  private func demandSoundness(_ host: Host, full: Bool) throws {
    guard let damage = try host.replica?.check(full: full).damage.first else { return }
    throw Failure(.soundness, "\(host.name): \(damage)")
  }

  /// Everyone agrees who belongs, and nobody does whom no admin admitted.
  private func demandContainment() throws {
    for host in hosts {
      guard let replica = host.replica else { continue }
      let judge = try SlowJudge(try Raw.changes(of: replica, in: .zero), network: replica.network)
      let members = Set(try replica.membership().devices.keys)
      guard members == judge.devices else {
        throw Failure(.containment, "\(host.name) counts \(members.count) devices, and governance gives \(judge.devices.count)")
      }
    }
  }
}
