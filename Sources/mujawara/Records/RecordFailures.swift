// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Kinds
import SyncEngine

/// The errors of records, imports and editors, in words.
enum RecordFailures {
  static func failure(for error: any Error) -> Failure? {
    switch error {
    case let error as FieldError: Failure(FieldWords.status(error), FieldWords.sentence(error) + ". Nothing was changed.")
    case let error as TimeError: Failure(.unreadable, TimeWords.sentence(error) + ". Nothing was changed.")
    case let error as ResolveError: Failure(error)
    case let error as AudienceError: Failure(error)
    case let error as EditorError: Failure(error)
    case let error as StockError: Failure(error)
    case let error as ContentError: Failure(error)
    case let error as CSVError: Failure(error)
    case let error as MappingError: Failure(error)
    case let error as ImportRefused: ImportWords.refusal(error.problems.count)
    case let error as JSONLProblem: Failure(.unreadable, ImportWords.sentence(error) + ". Nothing was written.")
    case let error as JSONError:
      Failure(.unreadable, "line \(error.line), column \(error.column): \(ImportWords.sentence(error.reason)). Nothing was written.")
    default: nil
    }
  }
}

extension Failure {
  init(_ error: ResolveError) {
    switch error {
    case .notContested: self.init(.usage, "There is nothing to choose there. What waits for a decision:  mujawara conflicts")
    case .noSuchOption(let count): self.init(.usage, "There are \(count) answers: choose a number from 1 to \(count).")
    }
  }

  init(_ error: AudienceError) {
    switch error {
    case .noPlace: self.init(.notAllowed, "This device belongs to no place (any more), so there is no space of its place.")
    case .noConsent(let consent):
      let said = consent.map { "agreed to “\($0)” only" } ?? "hasn't agreed to be known beyond this place"
      self.init(.usage, "This person \(said). If they have agreed since: --consent network, then --privacy network. Nothing was changed.")
    case .cannotMove: self.init(.usage, "Profiles, and what was deleted, have no other audience.")
    }
  }

  init(_ error: StockError) {
    switch error {
    case .notAnAmount(let text): self.init(.unreadable, "“\(FieldWords.brief(text))” is no amount: write 3, or 1.5 kg, with at most six decimals. Nothing was written.")
    case .otherUnit(let given, let own): self.init(.usage, "It is kept in \(own), and \(given) isn't converted: say how much it is in \(own). Nothing was written.")
    case .notPositive(let text): self.init(.usage, "“\(FieldWords.brief(text))” is no amount to move: it has to be more than nothing. Nothing was written.")
    }
  }

  init(_ error: EditorError) {
    switch error {
    case .noFolder: self.init(.failed, "There is no folder for the text to edit: set XDG_RUNTIME_DIR.")
    case .file(let code): self.init(.disk, "The text for the editor can't be written or read: \(systemWords(code)). Nothing was changed.")
    case .notStarted(let code): self.init(.failed, "The editor can't be started: \(systemWords(code)). Set EDITOR. Nothing was changed.")
    case .ended(let status): self.init(.failed, "The editor ended with \(status). Nothing was changed.")
    case .notText: self.init(.unreadable, "What was saved isn't UTF-8. Nothing was changed.")
    case .tooLong(let limit): self.init(.unreadable, "What was saved has more than \(limit >> 10) KiB. Nothing was changed.")
    }
  }

  init(_ error: ContentError) {
    switch error {
    case .tooManyOps, .tooLong: self.init(.unreadable, "That is too much for one change. Nothing was written.")
    case .valueTooLong: self.init(.unreadable, "A text has at most 64 KiB. Nothing was written.")
    default: self.init(.failed, "The change doesn't hold together: \(error). Nothing was written.")
    }
  }

  init(_ error: CSVError) {
    switch error {
    case .fileTooLarge(let limit): self.init(.unreadable, "The file has more than \(limit >> 20) MiB. Nothing was written.")
    case .empty: self.init(.unreadable, "The file is empty: it has no header. Nothing was written.")
    case .badHeader(let problem):
      self.init(.unreadable, "line \(problem.line), the header: \(ImportWords.sentence(problem.reason)). Nothing was written.")
    case .tooManyRows(let limit): self.init(.unreadable, "The file has more than \(limit) rows. Nothing was written.")
    }
  }

  init(_ error: MappingError) {
    switch error {
    case .notAPair(let text): self.init(.usage, "--map \(text): write column=field.")
    case .noSuchColumn(let name): self.init(.usage, "--map: the file has no column \(name).")
    case .severalColumns(let name): self.init(.usage, "--map: several columns are called \(name): say which by its place, as #3.")
    case .noSuchField(let name): self.init(.usage, "--map: there is no field \(name) for these rows.")
    case .noLanguages(let name): self.init(.usage, "--map: the field \(name) holds one text, not one for each language.")
    case .fieldTwice(let target): self.init(.usage, "--map: two columns would become \(target).")
    }
  }
}

/// What is wrong with a field's text: which field, what was written, and what is expected.
enum FieldWords {
  /// A text that should be a date, a number, a link … and isn't is input that can't be read; a field or a word
  /// that there isn't is wrong usage; what names no record isn't found.
  static func status(_ error: FieldError) -> ExitStatus {
    switch error.reason {
    case .time, .notAnInteger, .notABool, .notADay, .notALink, .notALanguage, .needsADay, .tooLong: .unreadable
    case .noSuchRecord, .wrongKind: .notFound
    case .noSuchField, .notOneOf, .takesNoKey, .empty: .usage
    }
  }

  /// - Parameter isNamed: whether the field's name stands before the text; not where a column says it already.
  static func sentence(_ error: FieldError, isNamed: Bool = true) -> String {
    let name = isNamed ? "\(error.field): " : ""
    switch error.reason {
    case .noSuchField(let kind, let known):
      let names = known.isEmpty ? "" : ": \(known.joined(separator: ", "))"
      return kind.isEmpty ? "\(error.field) isn't for people to write" : "a \(kind) has no field \(error.field)\(names)"
    case .time(let time): return name + TimeWords.sentence(time)
    default: return "\(name)“\(brief(error.text))” \(expected(error.reason))"
    }
  }

  /// What was written, as much of it as helps to find it.
  static func brief(_ text: String) -> String { text.count > 80 ? text.prefix(80) + "…" : text }

  private static func expected(_ reason: FieldError.Reason) -> String {
    switch reason {
    case .notAnInteger(let range): "isn't a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .notABool: "isn't yes or no"
    case .notOneOf(let words): "isn't one of: \(words.joined(separator: ", "))"
    case .notADay: "isn't a single day: write 2026-12-05, thu or +3d"
    case .notALink: "isn't an address that begins with http:// or https://"
    case .noSuchRecord: "names no record; use its short id or title"
    case .wrongKind(let kinds): "isn't a \(kinds.joined(separator: " or "))"
    case .notALanguage: "isn't a language tag: write title:fr, or --lang fr"
    case .needsADay: "needs a day after the field's name: over:2026-12-05"
    case .takesNoKey: "can't stand after the field's name: the field holds one value"
    case .empty: "is empty; to take a value away, unset it"
    case .tooLong(let limit): "has more than \(limit) bytes"
    case .noSuchField, .time: ""
    }
  }
}

/// What is wrong with a time.
enum TimeWords {
  static func sentence(_ error: TimeError) -> String {
    switch error {
    case .unreadable(let text, let at, let expected): return "“\(FieldWords.brief(text))” can't be read at “\(rest(of: text, at))”: expected \(expected)"
    case .ambiguous(let text, _, let write): return "“\(FieldWords.brief(text))” can be read in several ways: write \(write.joined(separator: " or "))"
    case .impossible(let text, _, let cause): return "“\(FieldWords.brief(text))”: \(sentence(cause))"
    case .yearOutOfRange(let year): return "years run from 1 to 9999, not \(year)"
    case .monthOutOfRange(let month): return "there is no month \(month)"
    case .noSuchDay(let year, let month, let day): return "there is no day \(day) in month \(month) of \(year)"
    case .hourOutOfRange(let hour): return "hours run from 0 to 23, not \(hour)"
    case .minuteOutOfRange(let minute): return "minutes run from 0 to 59, not \(minute)"
    case .durationOutOfRange: return "it lasts at most 366 days, and not less than no time"
    case .endBeforeStart(let start, let end): return "it ends (\(end)) before it starts (\(start))\(overnight(start))"
    case .outsideCalendar: return "it leaves the years 1 to 9999"
    case .untilBeforeStart(let until, let start): return "the repeat ends on \(until.iso), before its first day \(start.iso)"
    default: return rule(error)
    }
  }

  /// How to write what does end on the next day, where only times of day were given.
  private static func overnight(_ start: String) -> String {
    guard start.count == 5 else { return "" }
    return "; an end on the next day is taken up to 12 hours later, a later one is written 2026-12-05 21:00..2026-12-06 19:00"
  }

  private static func rule(_ error: TimeError) -> String {
    switch error {
    case .intervalOutOfRange: "a repeat steps by 1 to 999"
    case .countOutOfRange: "a repeat ends after 1 to 99,999 times"
    case .ordinalOutOfRange: "the nth weekday is 1 to 5, or -1 to -5 from the end"
    case .monthDayOutOfRange: "days of the month are 1 to 31, or -1 to -31 from the end"
    case .ordinalNeedsMonth: "“the first Thursday” needs a month or a year: monthly on the first Thursday"
    case .monthDayInWeekly: "a weekly repeat has no days of the month"
    case .vagueCannotRepeat: "only what has a day can repeat"
    case .tooLongToRepeat(let days): "what repeats lasts at most 366 days, not \(days)"
    case .notAZoneName(let name): "“\(name)” is no time zone: write Europe/Paris"
    default: "that is no time"
    }
  }

  private static func rest(of text: String, _ at: Int) -> String {
    let rest = text.dropFirst(at)
    return rest.isEmpty ? "its end" : String(rest.prefix(24))
  }
}
