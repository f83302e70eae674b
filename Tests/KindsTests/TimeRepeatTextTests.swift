// SPDX-License-Identifier: AGPL-3.0-or-later
import Kinds
import Testing

@Suite("Repeat rules in words") struct TimeRepeatTextTests {
  @Test(arguments: [
    ("daily", "daily"), ("weekly", "weekly"), ("every 2 weeks", "weekly;interval=2"),
    ("weekly on Thursday", "weekly:thu"),
    ("weekly on Monday and Thursday", "weekly:mon,thu"),
    ("every 2 weeks on Monday, Wednesday and Friday", "weekly:mon,wed,fri;interval=2"),
    ("monthly on the 5th", "monthly:day=5"),
    ("monthly on the 1st, the 22nd and the last day", "monthly:day=1,day=22,day=-1"),
    ("monthly on the 3rd last day", "monthly:day=-3"),
    ("monthly on the 11th, the 12th, the 13th and the 23rd", "monthly:day=11,day=12,day=13,day=23"),
    ("monthly on the first Thursday", "monthly:thu=1"),
    ("monthly on the last Friday", "monthly:fri=-1"),
    ("monthly on the second last Friday", "monthly:fri=-2"),
    ("monthly on the first Monday and the third Monday", "monthly:mon=1,mon=3"),
    ("monthly on the 13th if Friday", "monthly:fri,day=13"),
    ("yearly on 20 December", "yearly:day=20,month=12"),
    ("yearly on 1 and 15 May and June", "yearly:day=1,day=15,month=5,month=6"),
    ("yearly on the last Friday in May", "yearly:fri=-1,month=5"),
    ("yearly on the last day in February", "yearly:day=-1,month=2"),
    ("daily in July and August", "daily:month=7,month=8"),
    ("weekly on Thursday until 2027-01-31", "weekly:thu;until=2027-01-31"),
    ("monthly on the 5th 10 times", "monthly:day=5;count=10"),
    ("daily once", "daily;count=1"),
    ("every 2 weeks on Monday with weeks from Sunday", "weekly:mon;interval=2;weekstart=sun"),
  ])
  func `both forms print what they read, and mean the same`(words: String, short: String) throws {
    let rule = try Repeat(words: words)
    #expect(rule.words == words)
    #expect(rule.short == short)
    #expect(try Repeat(short: short) == rule)
    #expect(try Repeat(words) == rule)
    #expect(try Repeat(short) == rule)
  }

  @Test(arguments: UInt64(0)..<1000)
  func `every rule survives both forms`(seed: UInt64) throws {
    var draw = TimeGenerator(seed: seed)
    let rule = draw.rule(endingAfter: draw.date())
    #expect(try Repeat(words: rule.words) == rule, "\(rule.words)")
    #expect(try Repeat(short: rule.short) == rule, "\(rule.short)")
  }

  @Test(arguments: [
    ("WEEKLY ON thu", "weekly on Thursday"), ("every Thursday", "weekly on Thursday"),
    ("every other week on Monday", "every 2 weeks on Monday"), ("every day", "daily"),
    ("each month on the first Thursday", "monthly on the first Thursday"),
    ("monthly on the 1st Thursday", "monthly on the first Thursday"),
    ("monthly on 5", "monthly on the 5th"), ("monthly on the ٥", "monthly on the 5th"),
    ("weekly on jeudi and الخميس", "weekly on Thursday"),
    ("yearly on December 20", "yearly on 20 December"),
    ("yearly on 20 كانون الأول", "yearly on 20 December"),
    ("yearly on 20 décembre", "yearly on 20 December"),
    ("  weekly   on Monday , Thursday ", "weekly on Monday and Thursday"),
    ("monthly on the 5th for 10 times", "monthly on the 5th 10 times"),
    ("monthly:day=5,16", "monthly on the 5th and the 16th"),
    ("yearly:day=20,month=dec", "yearly on 20 December"), ("weekly:jeu", "weekly on Thursday"),
    ("monthly:thu=١", "monthly on the first Thursday"),
  ])
  func `other ways of writing are understood`(typed: String, words: String) throws {
    #expect(try Repeat(typed).words == words)
  }

  @Test(arguments: [
    ("tous les jours", "daily"), ("quotidien", "daily"), ("tous les 2 jours", "every 2 days"),
    ("tous les jeudis", "weekly on Thursday"), ("chaque jeudi", "weekly on Thursday"), ("les jeudis", "weekly on Thursday"),
    ("hebdomadaire le lundi et le jeudi", "weekly on Monday and Thursday"),
    ("toutes les deux semaines le lundi", "every 2 weeks on Monday"), ("tous les lundis, mercredis", "weekly on Monday and Wednesday"),
    ("le 5 de chaque mois", "monthly on the 5th"), ("le 1er du mois", "monthly on the 1st"), ("mensuel le 5 et le 16", "monthly on the 5th and the 16th"),
    ("le premier jeudi de chaque mois", "monthly on the first Thursday"), ("chaque premier jeudi du mois", "monthly on the first Thursday"),
    ("tous les mois le dernier jour", "monthly on the last day"), ("le dernier vendredi du mois", "monthly on the last Friday"),
    ("annuel le 20 décembre", "yearly on 20 December"), ("le 20 décembre de chaque année", "yearly on 20 December"),
    ("chaque semaine le jeudi jusqu'au 2027-01-31", "weekly on Thursday until 2027-01-31"), ("les jeudis 10 fois", "weekly on Thursday 10 times"),
    ("todos los días", "daily"), ("diario", "daily"), ("cada jueves", "weekly on Thursday"), ("los jueves", "weekly on Thursday"),
    ("los sábados y domingos", "weekly on Saturday and Sunday"), ("cada 2 semanas los lunes", "every 2 weeks on Monday"),
    ("semanal los lunes y jueves hasta el 2027-01-31", "weekly on Monday and Thursday until 2027-01-31"),
    ("el 5 de cada mes", "monthly on the 5th"), ("el primer jueves de cada mes", "monthly on the first Thursday"),
    ("mensual el último viernes", "monthly on the last Friday"), ("el 20 de diciembre de cada año", "yearly on 20 December"),
    ("anual el 20 de diciembre 5 veces", "yearly on 20 December 5 times"),
    ("يوميا", "daily"), ("كل يوم", "daily"), ("كل خميس", "weekly on Thursday"), ("كل أسبوعين", "every 2 weeks"),
    ("أسبوعيا يوم الاثنين والخميس", "weekly on Monday and Thursday"), ("شهريًّا يوم ٥", "monthly on the 5th"),
    ("يوم ٥ من كل شهر", "monthly on the 5th"), ("الخميس الأول من كل شهر", "monthly on the first Thursday"),
    ("أول خميس من كل شهر", "monthly on the first Thursday"), ("آخر جمعة من الشهر", "monthly on the last Friday"),
    ("سنويا في ٢٠ ديسمبر", "yearly on 20 December"), ("كل خميس حتى 2027-01-31", "weekly on Thursday until 2027-01-31"),
    ("the first Thursday of each month", "monthly on the first Thursday"), ("every first Thursday of the month", "monthly on the first Thursday"),
    ("every two weeks", "every 2 weeks"), ("on Thursdays", "weekly on Thursday"), ("the 20th of December each year", "yearly on 20 December"),
  ])
  func `French, Spanish and Arabic are understood, and how often may come last`(typed: String, words: String) throws {
    #expect(try Repeat(typed).words == words)
    #expect(try Repeat(typed.uppercased()).words == words)
  }

  @Test(arguments: ["jeudi", "le jeudi", "el jueves", "le 5", "on the 5th", "الخميس", "les jeudis 5 décembre", "les", "le 5 de", "chaque"])
  func `one day alone is no rule`(text: String) {
    #expect { try Repeat(text) } throws: { error in
      guard case .unreadable? = error as? TimeError else { return false }
      return true
    }
  }

  @Test(arguments: [
    ("", 0), ("often", 0), ("weekly on Blursday", 10), ("every 2", 7), ("every 2 Mondays", 8),
    ("monthly on the 5th or Monday", 28), ("monthly on Monday and the 5th", 26),
    ("weekly until tomorrow", 13), ("weekly until", 12), ("daily if Monday", 9),
    ("monthly on the last", 19), ("daily 3 times until 2027-01-01", 20), ("monthly:", 8),
    ("monthly:day", 8), ("monthly:day=x", 12), ("monthly:foo=1", 8), ("weekly;until=soon", 13),
    ("weekly;every=2", 7), ("weekly:mon thu", 10), ("hourly:day=1", 0), ("weekly;count", 12),
    ("daily;count=1;until=2027-01-01", 14),
  ])
  func `what can't be read is refused, saying where`(text: String, place: Int) {
    #expect { try Repeat(text) } throws: { error in
      guard case .unreadable(_, at: place, _)? = error as? TimeError else { return false }
      return true
    }
  }

  @Test(arguments: [
    ("every 0 weeks", TimeError.intervalOutOfRange(0)), ("every 1000 weeks", .intervalOutOfRange(1000)),
    ("daily 0 times", .countOutOfRange(0)), ("monthly on the 32nd", .monthDayOutOfRange(32)),
    ("monthly on the 6th Monday", .ordinalOutOfRange(6)), ("weekly on the 5th", .monthDayInWeekly),
    ("weekly on the first Monday", .ordinalNeedsMonth), ("yearly:month=13", .monthOutOfRange(13)),
    ("monthly:day=0", .monthDayOutOfRange(0)), ("monthly:mon=0", .ordinalOutOfRange(0)),
    ("daily;interval=0", .intervalOutOfRange(0)), ("daily;count=100000", .countOutOfRange(100_000)),
    ("daily;until=2026-02-30", .noSuchDay(year: 2026, month: 2, day: 30)),
  ])
  func `what can be read and is impossible is refused by name`(text: String, cause: TimeError) {
    #expect { try Repeat(text) } throws: { error in
      guard case .impossible(_, _, cause)? = error as? TimeError else { return false }
      return true
    }
  }

  @Test func `mar is March here and Tuesday there, so it is refused`() {
    #expect(throws: TimeError.ambiguous("weekly on mar", at: 10, write: ["march", "tuesday"])) {
      try Repeat("weekly on mar")
    }
  }

  @Test func `order and repetition don't make another rule`() throws {
    #expect(try Repeat("weekly:thu,mon,thu") == Repeat("weekly:mon,thu"))
    #expect(try Repeat("monthly:day=-1,day=5").monthDays == [5, -1])
  }

  @Test func `as RFC 5545 writes it`() throws {
    #expect(try Repeat("monthly:thu=1").rrule() == "FREQ=MONTHLY;BYDAY=1TH;WKST=MO")
    #expect(
      try Repeat("every 2 weeks on Monday and Friday 10 times").rrule()
        == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=10;WKST=MO")
    #expect(
      try Repeat("yearly on 20 December until 2030-12-20").rrule()
        == "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20;UNTIL=20301220;WKST=MO")
    #expect(
      try Repeat("daily until 2030-12-20").rrule { "\(Repeat.basic($0))T180000Z" }
        == "FREQ=DAILY;UNTIL=20301220T180000Z;WKST=MO")
  }
}
