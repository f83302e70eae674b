// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds
import Testing

@Suite("Wall clocks and instants") struct TimeZoneRulesTests {
  private func at(_ local: String, _ zone: String?, reader: String = "UTC") throws -> String {
    let placed = ZoneRules.instant(of: try CivilDateTime(iso: local), in: zone, reader: reader)
    return try #require(ZoneRules.local(at: placed.seconds, in: "UTC")).iso
  }

  @Test func `summer and winter in Paris`() throws {
    #expect(try at("2026-07-01T12:00", "Europe/Paris") == "2026-07-01T10:00")
    #expect(try at("2026-12-01T12:00", "Europe/Paris") == "2026-12-01T11:00")
    #expect(ZoneRules.local(at: 0, in: "UTC")?.iso == "1970-01-01T00:00")
    #expect(ZoneRules.local(at: -1, in: "UTC")?.iso == "1969-12-31T23:59")
  }

  @Test func `a time that the clock skips keeps the offset before the gap`() throws {
    // In Paris, 02:00 becomes 03:00 on 29 March 2026.
    #expect(try at("2026-03-29T01:59", "Europe/Paris") == "2026-03-29T00:59")
    #expect(try at("2026-03-29T02:00", "Europe/Paris") == "2026-03-29T01:00")
    #expect(try at("2026-03-29T02:30", "Europe/Paris") == "2026-03-29T01:30")
    #expect(try at("2026-03-29T03:00", "Europe/Paris") == "2026-03-29T01:00")
    let skipped = ZoneRules.instant(
      of: try CivilDateTime(iso: "2026-03-29T02:30"), in: "Europe/Paris")
    #expect(ZoneRules.local(at: skipped.seconds, in: "Europe/Paris")?.iso == "2026-03-29T03:30")
  }

  @Test func `a time that the clock shows twice is the first of the two`() throws {
    // In Paris, 03:00 becomes 02:00 on 25 October 2026.
    #expect(try at("2026-10-25T01:59", "Europe/Paris") == "2026-10-24T23:59")
    #expect(try at("2026-10-25T02:00", "Europe/Paris") == "2026-10-25T00:00")
    #expect(try at("2026-10-25T02:59", "Europe/Paris") == "2026-10-25T00:59")
    #expect(try at("2026-10-25T03:00", "Europe/Paris") == "2026-10-25T02:00")
  }

  @Test func `west of Greenwich, by half an hour, and over a day that never was`() throws {
    #expect(try at("2026-03-08T02:30", "America/New_York") == "2026-03-08T07:30")
    #expect(try at("2026-11-01T01:30", "America/New_York") == "2026-11-01T05:30")
    #expect(try at("2026-04-05T01:45", "Australia/Lord_Howe") == "2026-04-04T14:45")
    #expect(try at("2011-12-30T12:00", "Pacific/Apia") == "2011-12-30T22:00")
  }

  @Test(arguments: ["Europe/Paris", "America/Caracas", "Asia/Gaza", "Pacific/Chatham", "UTC"])
  func `a wall clock goes to an instant and back, unless it was skipped`(zone: String) throws {
    var local = try CivilDateTime(iso: "2026-01-01T00:10")
    let end = try CivilDateTime(iso: "2027-01-01T00:00")
    var skipped = 0
    while local < end {
      let placed = ZoneRules.instant(of: local, in: zone)
      if ZoneRules.local(at: placed.seconds, in: zone) != local { skipped += 1 }
      local = try #require(local.adding(minutes: 30))
    }
    #expect(skipped <= 2)
  }

  @Test func `no zone floats, an unknown one floats and says so`() throws {
    let noon = try CivilDateTime(iso: "2026-07-01T12:00")
    let floating = ZoneRules.instant(of: noon, in: nil, reader: "Europe/Paris")
    #expect(floating.isFloating && !floating.isUnknownZone)
    let unknown = ZoneRules.instant(of: noon, in: "Nowhere/At_all", reader: "Europe/Paris")
    #expect(unknown.isFloating && unknown.isUnknownZone)
    #expect(unknown.seconds == floating.seconds)
    let known = ZoneRules.instant(of: noon, in: "Europe/Paris", reader: "UTC")
    #expect(!known.isFloating && !known.isUnknownZone)
    #expect(known.seconds == floating.seconds)
  }

  @Test func `only names of the IANA are zones`() {
    #expect(ZoneRules.isKnown("Europe/Paris"))
    #expect(ZoneRules.isKnown("UTC"))
    for name in ["", "CEST", "GMT+2", "../../etc/passwd", "Europe/Paris ", "Mars/Olympus"] {
      #expect(!ZoneRules.isKnown(name), "\(name)")
    }
  }
}
