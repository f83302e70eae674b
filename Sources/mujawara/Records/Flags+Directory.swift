// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Kinds

struct EventFlags: NounFlags {
  @Option(help: "When: 'thu 19:00', '2026-12-05 19:00-21:00', 2026-12-05..2026-12-09, ~december, 2026-10.. .")
  var when: String?

  @Option(name: .customLong("repeat"), help: "How it comes again: weekly:thu, 'monthly on the 5th', 'tous les jeudis'; none for no more.")
  var rule: String?

  @Option(help: "The time zone of the event: Europe/Paris. Else this computer's.")
  var zone: String?

  @Option(help: "Where, in words.")
  var place: String?

  @Option(help: "Where: a venue of the directory.")
  var venue: String?

  @Option(help: "The address.")
  var address: String?

  @Option(help: "A link: https://…")
  var link: String?

  @Option(help: "draft, tentative, confirmed or cancelled.")
  var status: String?

  @Option(help: "A language spoken there. May be given several times.")
  var language: [String] = []

  @Option(help: "A language interpreted into. May be given several times.")
  var interpretation: [String] = []

  @Option(help: "wheelchair, sign-language, subtitles, smoke-free, children… May be given several times.")
  var access: [String] = []

  @Option(help: "What it costs, in words.")
  var price: String?

  @Option(help: "open, ask, invite or none.")
  var join: String?

  @Option(help: "How many people fit.")
  var capacity: String?

  @Option(help: "What there is to eat.")
  var food: String?

  @Option(help: "Whom to reach: an organisation, a person or a contact point.")
  var contact: String?

  @Option(help: "Who holds it: an organisation or a person.")
  var organiser: String?

  var changes: [FieldChange] {
    FieldChange.given(
      ("when", when), ("repeat", rule), ("place", place), ("venue", venue), ("address", address), ("link", link),
      ("status", status), ("price", price), ("join", join), ("capacity", capacity), ("food", food),
      ("contact", contact), ("organiser", organiser))
      + FieldChange.all("languages", language) + FieldChange.all("interpretation", interpretation)
      + FieldChange.all("access", access)
  }
}

struct DirFlags: NounFlags {
  @Option(help: "The address.")
  var address: String?

  @Option(help: "How exact the address is: exact, area, city or none.")
  var precision: String?

  @Option(help: "Whereabouts.")
  var area: String?

  @Option(help: "A link: https://…")
  var link: String?

  @Option(help: "Opening hours, in words.")
  var opening: String?

  @Option(help: "What it is about. May be given several times.")
  var topic: [String] = []

  @Option(help: "A language. May be given several times.")
  var language: [String] = []

  @Option(help: "A person's skill. May be given several times.")
  var skill: [String] = []

  @Option(help: "wheelchair, sign-language… May be given several times.")
  var access: [String] = []

  @Option(help: "active, dormant or closed.")
  var status: String?

  @Option(help: "Of a medium: newspaper, radio…; of a contact point: phone, email, message, web or post.")
  var type: String?

  @Option(help: "The organisation that it belongs to.")
  var organisation: String?

  @Option(help: "How many people fit in.")
  var capacity: String?

  @Option(help: "How far a person agrees to be known: place, network or public.")
  var consent: String?

  @Option(help: "When it was last seen to be right: 2026-12-05, today.")
  var verified: String?

  @Option(name: .customLong("of"), help: "Whose contact point it is.")
  var owner: String?

  var changes: [FieldChange] {
    FieldChange.given(
      ("address", address), ("precision", precision), ("area", area), ("link", link), ("opening", opening),
      ("status", status), ("type", type), ("organisation", organisation), ("capacity", capacity),
      ("consent", consent), ("verified_on", verified), ("of", owner))
      + FieldChange.all("topics", topic) + FieldChange.all("languages", language) + FieldChange.all("skills", skill)
      + FieldChange.all("access", access)
  }
}
