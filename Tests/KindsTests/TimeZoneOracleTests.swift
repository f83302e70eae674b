// SPDX-License-Identifier: AGPL-3.0-or-later
import Testing

@testable import Kinds

@Suite("Zone rules against other opinions") struct TimeZoneOracleTests {
  /// Zones with every habit: none, north, south, half hours, moved date lines, Ramadan, footers of all forms.
  private static let zones = [
    "Europe/Paris", "Europe/Dublin", "Europe/London", "Europe/Madrid", "Europe/Moscow", "Europe/Istanbul",
    "Africa/Algiers", "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "Africa/Tunis", "Asia/Gaza",
    "Asia/Beirut", "Asia/Tehran", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe",
    "Australia/Sydney", "America/New_York", "America/St_Johns", "America/Santiago", "America/Caracas",
    "America/Nuuk", "America/Sao_Paulo", "Antarctica/Troll", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati",
    "Atlantic/Azores",
  ]

  @Test(.enabled(if: Python.path != nil, "MUJAWARA_PYTHON names no Python"))
  func `Python finds the same offsets from 1900 to 2190`() throws {
    var draw = TimeGenerator(seed: 1)
    var questions: [String: [Int64]] = [:]
    for zone in Self.zones {
      questions[zone] = (0..<300).map { _ in Int64(draw.int(-2_208_000_000...6_942_000_000)) }
    }
    let answers: [String: [Int64]] = try Python.ask("zone_oracle.py", questions)
    for zone in Self.zones {
      let rules = try #require(ZoneFile.named(zone))
      #expect(questions[zone]!.map(rules.offset) == answers[zone]!, "\(zone)")
    }
  }

  @Test func `a rule of POSIX is read, and nothing else`() throws {
    let paris = try #require(ZoneTail("CET-1CEST,M3.5.0,M10.5.0/3"))
    #expect(paris.offset(at: 1_782_864_000) == 7200)  // 2026-07-01
    #expect(paris.offset(at: 1_767_225_600) == 3600)  // 2026-01-01
    #expect(ZoneTail("<+0330>-3:30")?.offset(at: 0) == 12_600)
    #expect(ZoneTail("IST-1GMT0,M10.5.0,M3.5.0/1")?.offset(at: 1_767_225_600) == 0)
    #expect(ZoneTail("EST5EDT,J60/2:30,300/-1")?.offset(at: 1_782_864_000) == -14_400)
    for text in ["", "Europe/Paris", "C", "CET", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0", "CET-1x", "<+03"] {
      #expect(ZoneTail(text) == nil, "\(text)")
    }
  }

  @Test func `a file that is damaged or cut is no zone`() throws {
    let good = Array(
      "TZif2".utf8) + [UInt8](repeating: 0, count: 15) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4]
      + [0, 0, 0, 0, 0, 0] + Array("UTC\0".utf8)
    let whole = good + good.prefix(44) + [0, 0, 14, 16, 0, 0] + Array("CET\0\nCET-1\n".utf8)
    #expect(ZoneFile(whole)?.offset(at: 0) == 3600)
    for count in 0..<(whole.count - 12) { #expect(ZoneFile(Array(whole[..<count])) == nil, "\(count)") }
    var draw = TimeGenerator(seed: 2)
    for _ in 0..<2_000 {
      var damaged = whole
      damaged[draw.int(0...damaged.count - 1)] = UInt8(draw.int(0...255))
      _ = ZoneFile(damaged)?.offset(at: 4_000_000_000)
    }
  }
}
