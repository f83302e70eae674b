// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Kinds

/// Who is to read a record, as it is typed.
enum PrivacyChoice: String, ExpressibleByArgument, CaseIterable {
  case place, network, `public`

  var privacy: Privacy {
    switch self {
    case .place: .place
    case .network: .network
    case .public: .public
    }
  }
}

/// The named flags of a noun.
protocol NounFlags: ParsableArguments {
  var changes: [FieldChange] { get }
}

/// What every record can be told.
struct CommonFlags: ParsableArguments {
  @Option(help: "Its title.")
  var title: String?

  @Option(help: ArgumentHelp("The language of the texts given: fr, ar, es, en, pt-BR.", valueName: "tag"))
  var lang: String?

  @Option(help: "A longer text.")
  var body: String?

  @Option(help: "A tag to add. May be given several times.")
  var tag: [String] = []

  @Option(help: "A tag to take away. May be given several times.")
  var untag: [String] = []

  @Option(help: "Who reads it: place (this place's devices), network (all places), public (also feeds and posters).")
  var privacy: PrivacyChoice?

  @Option(help: ArgumentHelp("Set any field: field=value, field:language=value. May be given several times.", valueName: "field=value"))
  var set: [String] = []

  @Option(help: ArgumentHelp("Take a field's value away; of a set, field:member. May be given several times.", valueName: "field"))
  var unset: [String] = []

  var language: String? {
    get throws {
      guard let lang else { return nil }
      guard let tag = LanguageTag.canonical(lang) else { throw Failure(.unreadable, "\(lang) is no language tag: write fr, ar, es, en, pt-BR.") }
      return tag
    }
  }

  var changes: [FieldChange] {
    get throws {
      FieldChange.given(("title", title), ("body", body)) + FieldChange.all("tags", tag)
        + untag.map { .unset(name: "tags", key: $0) } + (try set.map(FieldChange.parse(set:)))
        + unset.map(FieldChange.parse(unset:))
    }
  }
}

struct ListFlags: NounFlags {
  @Option(help: "What the list is for.")
  var purpose: String?

  var changes: [FieldChange] { FieldChange.given(("purpose", purpose)) }
}

struct ItemFlags: NounFlags {
  @Option(help: "How much: 3, 12kg, '1,5 l', or words.")
  var qty: String?

  @Option(help: "By when: 2026-12-05, thu, +3d.")
  var due: String?

  @Option(help: "low, normal or high.")
  var priority: String?

  @Option(help: "The heading it stands under.")
  var section: String?

  @Option(help: "Who does it. May be given several times.")
  var assign: [String] = []

  @Option(name: .customLong("repeat"), help: "How it comes again: weekly:thu, 'monthly on the 5th'.")
  var rule: String?

  var changes: [FieldChange] {
    FieldChange.given(("qty", qty), ("due", due), ("priority", priority), ("section", section), ("repeat", rule))
      + FieldChange.all("assigned", assign)
  }
}

struct NeedFlags: NounFlags {
  @Option(help: "How much: 3, 12kg, '1,5 l', or words.")
  var qty: String?

  @Option(help: "1-2d, 3-5d, week or anytime.")
  var urgency: String?

  @Option(help: "Until when: 2026-12-05, thu, +3d.")
  var until: String?

  @Option(help: "Whereabouts; an area, never an address.")
  var area: String?

  @Option(name: .customLong("for"), help: "For whom: an alias is enough, and nobody needs one.")
  var alias: String?

  @Option(help: "How many people it is for.")
  var household: String?

  @Option(help: "When to ask again.")
  var followUp: String?

  @Option(help: "A language spoken there. May be given several times.")
  var language: [String] = []

  @Option(name: .customLong("repeat"), help: "How it comes again: weekly:thu, 'monthly on the 5th'.")
  var rule: String?

  @Option(help: "Whom to reach about it: a person or a contact point.")
  var contact: String?

  @Flag(help: "Nobody is to be named.")
  var anonymous = false

  var changes: [FieldChange] {
    FieldChange.given(
      ("qty", qty), ("urgency", urgency), ("until", until), ("area", area), ("alias", alias), ("household", household),
      ("follow_up", followUp), ("repeat", rule), ("contact", contact), ("anonymous", anonymous ? "yes" : nil))
      + FieldChange.all("languages", language)
  }
}

struct OfferFlags: NounFlags {
  @Option(help: "How much: 3, 12kg, '1,5 l', or words.")
  var qty: String?

  @Flag(help: "It isn't used up.")
  var inexhaustible = false

  @Option(help: "How often a month at most.")
  var monthlyLimit: String?

  @Option(help: "From when on.")
  var from: String?

  @Option(help: "Until when.")
  var until: String?

  @Option(help: "bring, pick-up or either.")
  var delivery: String?

  @Option(help: "Whereabouts.")
  var area: String?

  @Option(help: "A skill. May be given several times.")
  var skill: [String] = []

  @Option(help: "A language. May be given several times.")
  var language: [String] = []

  @Option(name: .customLong("by"), help: "Who offers it: an alias is enough.")
  var alias: String?

  @Option(help: "Whom to reach about it: a person or a contact point.")
  var contact: String?

  var changes: [FieldChange] {
    FieldChange.given(
      ("qty", qty), ("inexhaustible", inexhaustible ? "yes" : nil), ("monthly_limit", monthlyLimit), ("from", from),
      ("until", until), ("delivery", delivery), ("area", area), ("alias", alias), ("contact", contact))
      + FieldChange.all("skills", skill) + FieldChange.all("languages", language)
  }
}
