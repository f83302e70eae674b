// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Kinds

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Shared lists, in an order that everybody sees.",
    discussion: """
      mujawara list add Courses
      mujawara item add Courses riz "12 kg d'oignons"
      mujawara list show Courses
      """,
    subcommands: [
      AddRecord<ListNoun>.self, ListRecords<ListNoun>.self, ShowRecord<ListNoun>.self, EditRecord<ListNoun>.self,
      RemoveRecord<ListNoun>.self, Move.self,
    ])
}

struct NeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "need", abstract: "What somebody needs.",
    discussion: """
      mujawara need add Riz --qty 12kg --urgency 3-5d --tag cantine
      mujawara need promise Riz --by Nour
      mujawara need done Riz
      """,
    subcommands: [
      AddRecord<NeedNoun>.self, ListRecords<NeedNoun>.self, ShowRecord<NeedNoun>.self, EditRecord<NeedNoun>.self,
      RemoveRecord<NeedNoun>.self, PromiseRecord<NeedNoun>.self, FinishRecord<NeedNoun>.self,
      WithdrawRecord<NeedNoun>.self, ReopenRecord<NeedNoun>.self,
    ])
}

struct OfferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offer", abstract: "What somebody offers.",
    discussion: """
      mujawara offer add "Camionnette le samedi" --until 2026-12-31 --skill conduite
      mujawara offer promise Camionnette --to Steki
      """,
    subcommands: [
      AddRecord<OfferNoun>.self, ListRecords<OfferNoun>.self, ShowRecord<OfferNoun>.self, EditRecord<OfferNoun>.self,
      RemoveRecord<OfferNoun>.self, PromiseRecord<OfferNoun>.self, FinishRecord<OfferNoun>.self,
      WithdrawRecord<OfferNoun>.self, ReopenRecord<OfferNoun>.self,
    ])
}
