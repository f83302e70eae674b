// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc

/// From wall clocks to instants and back, by the zone rules of this machine.
///
/// Rules change and differ between machines, so instants order and remind; they are never stored
/// as the truth about an event.
public enum ZoneRules {
  /// A wall-clock time placed on the world's time line.
  public struct Placed: Hashable, Sendable {
    /// Since 1970-01-01T00:00Z, leap seconds not counted.
    public let seconds: Int64
    /// No zone was given, or one that this machine doesn't know: the reader's zone was used.
    public let isFloating: Bool
    /// A zone was given that this machine doesn't know.
    public let isUnknownZone: Bool
  }

  /// In a gap of summer time the offset before the gap holds (02:30 becomes 03:30); where a clock
  /// shows a time twice, the first is meant (RFC 5545, section 3.3.5).
  ///
  /// - Parameters:
  ///   - zone: an IANA name; nil is floating.
  ///   - reader: the zone for what floats; nil is this machine's.
  public static func instant(
    of local: CivilDateTime, in zone: String?, reader: String? = nil
  ) -> Placed {
    let named = zone.flatMap(known)
    let rules = named ?? reader.flatMap(known) ?? ZoneFile.ofThisMachine().rules
    return Placed(
      seconds: resolve(local, rules), isFloating: named == nil,
      isUnknownZone: zone != nil && named == nil)
  }

  /// What the wall clock of a zone shows; UTC where the zone is unknown, nil outside the years
  /// 1…9999. Seconds are cut off.
  public static func local(at seconds: Int64, in zone: String) -> CivilDateTime? {
    local(at: seconds, known(zone) ?? .utc)
  }

  public static func isKnown(_ zone: String) -> Bool { known(zone) != nil }

  /// The IANA name of this machine's zone.
  public static var ofThisMachine: String { ZoneFile.ofThisMachine().name }

  /// The wall clock of this machine, now.
  public static func now() -> CivilDateTime {
    local(at: Int64(time(nil)), ZoneFile.ofThisMachine().rules) ?? .latest
  }
}

extension ZoneRules {
  private static func known(_ name: String) -> ZoneFile? {
    guard (try? ZoneName.check(name)) != nil, name == "UTC" || name.contains("/") else { return nil }
    return ZoneFile.named(name)
  }

  private static func local(at seconds: Int64, _ zone: ZoneFile) -> CivilDateTime? {
    let (wall, overflow) = seconds.addingReportingOverflow(zone.offset(at: seconds))
    guard !overflow else { return nil }
    let minutes = (wall - (wall % 60 + 60) % 60) / 60
    return CivilDateTime(CivilDate(unchecked: 1970, 1, 1)).adding(minutes: Int(minutes))
  }

  /// Offsets a day before and a day after surround at most one change, as zones are at most 14
  /// hours from UTC; a time that neither offset gives back lies in a gap.
  private static func resolve(_ local: CivilDateTime, _ zone: ZoneFile) -> Int64 {
    let wall = Int64(local.minutes(since: CivilDateTime(CivilDate(unchecked: 1970, 1, 1)))) * 60
    let before = zone.offset(at: wall - 86_400)
    let after = zone.offset(at: wall + 86_400)
    let fitting = [before, after].map { (at: wall - $0, by: $0) }
      .filter { zone.offset(at: $0.at) == $0.by }
    return fitting.map(\.at).min() ?? wall - before
  }
}
