// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

/// What takes place in a range of days, wherever it takes place, and apart from that what might.
public struct Agenda: Sendable {
  public struct Entry: Sendable {
    public let event: Record
    public let when: When
    public let occurrence: Occurrence
    /// The start as the reader's clock shows it: midnight of whole days, which are nobody's clock.
    public let local: CivilDateTime
    /// Seconds since 1970, by this machine's rules of zones.
    public let instant: Int64
    /// A zone was named that this machine doesn't know; the reader's was used.
    public let isUnknownZone: Bool
    /// People gave several times for the event and haven't chosen yet.
    public let isContested: Bool

    /// Whether this date, or the whole event, is called off.
    public var isCancelled: Bool { occurrence.isCancelled || event.text("status") == "cancelled" }
    public var isMoved: Bool { occurrence.isMoved }
  }

  /// By instant; at one instant whole days come first, then by id.
  public let dated: [Entry]
  /// Vague times, and what has begun without an end: by first day, then by id.
  public let vague: [Entry]
  /// Events whose time this version can't read.
  public let unreadable: [Record]

  /// - Parameters:
  ///   - events: records of kind event; archived ones are left out.
  ///   - range: days of the reader's calendar.
  ///   - zone: the reader's, an IANA name; nil is this machine's.
  public init(_ events: [Record], in range: ClosedRange<CivilDate>, zone: String? = nil) {
    var (dated, vague, unreadable) = ([Entry](), [Entry](), [Record]())
    for event in events where event.isVisible && !event.isArchived {
      let value = event.value("when")
      if value == .null { continue }
      guard let when = try? When(value: value) else {
        unreadable.append(event)
        continue
      }
      for occurrence in Self.occurrences(of: event, when, near: range) {
        let entry = Entry(event, when, occurrence, zone)
        if case .vague = occurrence.extent { vague.append(entry) } else { dated.append(entry) }
      }
    }
    self.dated = dated.filter { $0.touches(range, zone) }.sorted(by: Self.precedes)
    self.vague = vague.filter { $0.touches(range, zone) }.sorted(by: Self.precedes)
    self.unreadable = unreadable.sorted { $0.id < $1.id }
  }

  /// The overrides of an event, by original day; those that this version can't read are left out.
  public static func overrides(of event: Record) -> [CivilDate: Override] {
    var overrides: [CivilDate: Override] = [:]
    for cell in event.cells(of: Kind.event.field(named: "over")!.number) {
      guard let key = cell.key.key, let day = try? CivilDate(value: key) else { continue }
      if let override = try? Override(value: cell.value) { overrides[day] = override }
    }
    return overrides
  }

  /// A day more on both sides: elsewhere it may be another day.
  private static func occurrences(
    of event: Record, _ when: When, near range: ClosedRange<CivilDate>
  ) -> [Occurrence] {
    let first = range.lowerBound.adding(days: -1) ?? .earliest
    let last = range.upperBound.adding(days: 1) ?? .latest
    return Kinds.occurrences(of: when, overrides: overrides(of: event), in: first...last)
  }

  private static func precedes(_ one: Entry, _ other: Entry) -> Bool {
    (one.instant, one.isClocked ? 1 : 0, one.event.id, one.occurrence.original)
      < (other.instant, other.isClocked ? 1 : 0, other.event.id, other.occurrence.original)
  }
}

extension Agenda.Entry {
  fileprivate init(_ event: Record, _ when: When, _ occurrence: Occurrence, _ reader: String?) {
    self.event = event
    self.when = when
    self.occurrence = occurrence
    let placed = ZoneRules.instant(of: occurrence.start, in: Self.zone(of: occurrence.extent), reader: reader)
    instant = placed.seconds
    isUnknownZone = placed.isUnknownZone
    local = placed.isFloating ? occurrence.start : Self.local(placed.seconds, reader)
    isContested = event.contested.contains { ["when", "over"].contains($0.field?.name) }
  }

  private static func zone(of extent: When.Extent) -> String? {
    if case .moment(_, let zone, _) = extent { zone } else { nil }
  }

  private static func local(_ seconds: Int64, _ reader: String?) -> CivilDateTime {
    ZoneRules.local(at: seconds, in: reader ?? ZoneRules.ofThisMachine) ?? .latest
  }

  var isClocked: Bool {
    if case .moment = occurrence.extent { true } else { false }
  }

  /// Whether any of it falls on the reader's days.
  fileprivate func touches(_ range: ClosedRange<CivilDate>, _ reader: String?) -> Bool {
    guard case .moment(let start, let zone, let minutes) = occurrence.extent else {
      return occurrence.extent.firstDay <= range.upperBound
        && (occurrence.extent.lastDay ?? .latest) >= range.lowerBound
    }
    let lastMinute = start.adding(minutes: max(0, (minutes ?? 0) - 1)) ?? .latest
    let placed = ZoneRules.instant(of: lastMinute, in: zone, reader: reader)
    let last = placed.isFloating ? lastMinute : Self.local(placed.seconds, reader)
    return local.date <= range.upperBound && last.date >= range.lowerBound
  }
}
