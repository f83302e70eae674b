// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import CRDT
import Kinds
import SyncEngine

enum ThingNoun: Noun {
  typealias Flags = ThingFlags
  static let word = "thing"
  static let kinds = [Kind.thing]
  static let examples = """
    Examples:
      mujawara thing add Perceuse --keep --max-days 7 --part mèches
      mujawara thing add Tentes --capacity 5 --shelf "cave, gauche"

    A thing with a keeper (--keep: this place) is lent by the keeper's word: claims on it are requests until the \
    keeper grants them. Without a keeper the first claim has it; those who claim at the same time are told of each \
    other.
    """
  static let question = "What is lent?"
  static func isOver(_ record: Record) -> Bool { record.isArchived || record.value("retired") != .null }
  static func next(_ id: String) -> String { "mujawara thing claim \(id) --from DAY --until DAY · mujawara sync" }

  static func prepare(
    _ changes: [FieldChange], _ flags: ThingFlags, _ kind: Kind, isNew: Bool, _ desk: Desk
  ) throws -> [FieldChange] {
    guard let index = changes.firstIndex(of: ThingFlags.keeping) else { return changes }
    guard let place = try desk.replica.placeID() else { throw AudienceError.noPlace }
    var changes = changes
    changes[index] = .set(name: "keeper", text: place.hex)
    return changes
  }
}

struct ThingFlags: NounFlags {
  /// Stands for this place until `ThingNoun.prepare` names it.
  static let keeping = FieldChange.set(name: "keeper", text: "(this place)")

  @Flag(help: "This place keeps it, and grants claims on it.")
  var keep = false

  @Option(help: "The place that keeps it; empty for none.")
  var keeper: String?

  @Option(help: "Whether the keeper has to grant claims: yes or no. Yes, unless said.")
  var permission: String?

  @Option(help: "How many of them there are. One, unless said.")
  var capacity: String?

  @Option(help: "For how many days at most.")
  var maxDays: String?

  @Option(help: "A part that belongs to it. May be given several times.")
  var part: [String] = []

  @Option(help: "What to take care of.")
  var care: String?

  @Option(help: "Where it stands.")
  var shelf: String?

  @Option(help: "Whereabouts it is fetched.")
  var area: String?

  @Option(help: "What is left as a deposit.")
  var deposit: String?

  @Option(help: "Who gave it, or owns it.")
  var donor: String?

  @Option(help: "Whether it is broken: yes or no.")
  var broken: String?

  @Option(help: "Whether parts are missing: yes or no.")
  var incomplete: String?

  @Option(help: "Why it isn't lent any more.")
  var retired: String?

  @Option(help: "When somebody last looked it over.")
  var checkedOn: String?

  @Option(help: "When it has to be looked over.")
  var nextCheck: String?

  var changes: [FieldChange] {
    FieldChange.given(
      ("keeper", keeper), ("permission", permission), ("capacity", capacity), ("max_days", maxDays), ("care", care),
      ("shelf", shelf), ("area", area), ("deposit", deposit), ("donor", donor), ("broken", broken),
      ("incomplete", incomplete), ("retired", retired), ("checked_on", checkedOn), ("next_check", nextCheck))
      + FieldChange.all("parts", part) + (keep ? [Self.keeping] : [])
  }
}

struct ThingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "thing", abstract: "What is lent, and who claims it.",
    discussion: """
      mujawara thing add Perceuse --keep
      mujawara thing claim Perceuse --by Nour --from thu --until sat
      mujawara thing grant Nour
      mujawara thing out Nour
      mujawara thing back Nour
      """,
    subcommands: [
      AddRecord<ThingNoun>.self, ListRecords<ThingNoun>.self, ShowRecord<ThingNoun>.self, EditRecord<ThingNoun>.self,
      RemoveRecord<ThingNoun>.self, Claim.self, Grant.self, Decline.self, Out.self, Back.self, Withdraw.self,
    ])

  struct Claim: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask for it, for some days or for good.",
      discussion: """
        mujawara thing claim Perceuse --by Nour --from 2026-12-03 --until 2026-12-05
        mujawara thing claim Camionnette --when "sat 10:00-14:00"

        What is known here to be taken is refused, unless --anyway. What others claimed and this place hasn't heard \
        of yet can't be known: the claim says from whom nothing was heard, and since when.
        """)

    @Argument(help: "The thing's short id or title.")
    var thing: String

    @Option(help: "For whom: a name or an alias. This place, unless said.")
    var by: String?

    @Option(help: "The first day.")
    var from: String?

    @Option(help: "The last day.")
    var until: String?

    @Option(help: "Instead of both: a time or a span, as of an event.")
    var when: String?

    @Option(help: "How many of them.")
    var qty: String?

    @Option(help: "What for.")
    var purpose: String?

    @Option(help: "What was left as a deposit.")
    var deposit: String?

    @Flag(help: "Claim it although it is known to be taken.")
    var anyway = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let desk = try Desk(global)
      let thing = try desk.find(self.thing, [.thing])
      let when = try ClaimTime.read(from: from, until: until, when: when, desk)
      let wish = ClaimWish(thing: thing, when: when, quantity: try quantity(desk), desk: desk)
      if !anyway { try wish.refuse() }
      var editor = RecordEditor()
      let handle = editor.claim(thing)
      if let when { editor.set(handle, CellKey(field: Kind.claim.field(named: "when")!.number), to: when.value) }
      try FieldWriter(desk: desk, kind: .claim).apply(
        FieldChange.given(("by", try by ?? wish.ownName), ("qty", qty), ("purpose", purpose), ("deposit", deposit)),
        to: handle, of: nil, in: &editor)
      let id = try desk.commit(editor).id(handle)
      try desk.report([try desk.fresh(id)])
      try wish.tell(id)
    }

    private func quantity(_ desk: Desk) throws -> Int64 {
      guard let qty, !qty.isEmpty else { return 1 }
      let (_, value) = try desk.input().edit(Kind.claim.field(named: "qty")!, text: qty)
      guard case .int(let number) = value else { return 1 }
      return number
    }
  }

  struct Grant: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Grant a claim; only the keeper's word counts.")

    @Argument(help: "The claim's short id, who it is for, or the thing if it has one claim to answer.")
    var claim: String

    @Flag(help: "Grant it although others were granted what there is.")
    var anyway = false

    @OptionGroup var global: GlobalOptions

    func run() throws { try ClaimStep(claim, .grant(anyway: anyway), try Desk(global)).run() }
  }

  struct Decline: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Decline a claim; only the keeper's word counts.")

    @Argument(help: "The claim's short id, who it is for, or the thing if it has one claim to answer.")
    var claim: String

    @OptionGroup var global: GlobalOptions

    func run() throws { try ClaimStep(claim, .decline, try Desk(global)).run() }
  }

  struct Out: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say that it was handed out.")

    @Argument(help: "The claim's short id, who it is for, or the thing if it has one claim that may have it.")
    var claim: String

    @Option(help: "On which day. Today, unless said.")
    var on: String?

    @Option(help: "In what condition it went.")
    var condition: String?

    @Flag(help: "Hand it out although the claim doesn't hold.")
    var anyway = false

    @OptionGroup var global: GlobalOptions

    func run() throws { try ClaimStep(claim, .out(on: on, condition, anyway: anyway), try Desk(global)).run() }
  }

  struct Back: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say that it has come back.")

    @Argument(help: "The claim's short id, who it is for, or the thing if it has one claim that is out.")
    var claim: String

    @Option(help: "On which day. Today, unless said.")
    var on: String?

    @Option(help: "In what condition it came.")
    var condition: String?

    @OptionGroup var global: GlobalOptions

    func run() throws { try ClaimStep(claim, .back(on: on, condition), try Desk(global)).run() }
  }

  struct Withdraw: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take a claim back; others may then have it.")

    @Argument(help: "The claim's short id, who it is for, or the thing if it has one claim that isn't over.")
    var claim: String

    @OptionGroup var global: GlobalOptions

    func run() throws { try ClaimStep(claim, .withdraw, try Desk(global)).run() }
  }
}
