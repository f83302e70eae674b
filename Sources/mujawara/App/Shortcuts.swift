// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser

/// The way from the words that name a command to the command itself, without a look at any other: that look takes
/// most of a short command's time.
enum Shortcuts {
  /// The command that the first words name, and how many words that takes; nil where it isn't plain.
  static func command(named words: [String]) -> (type: any ParsableCommand.Type, words: Int)? {
    guard let first = words.first else { return nil }
    if let single = single(first) { return (single, 1) }
    guard words.count > 1, let second = member(words[1], of: first) else { return nil }
    return (second, 2)
  }

  private static func single(_ name: String) -> (any ParsableCommand.Type)? {
    switch name {
    case "init": Init.self
    case "join": Join.self
    case "agenda": AgendaCommand.self
    case "search": SearchCommand.self
    case "undo": Undo.self
    case "redact": Redact.self
    case "restore": Restore.self
    case "sync": Sync.self
    case "serve": Serve.self
    case "status": Status.self
    case "log": LogCommand.self
    case "show": Show.self
    case "blame": BlameCommand.self
    case "why": WhyCommand.self
    case "diff": DiffCommand.self
    case "conflicts": ConflictsCommand.self
    case "resolve": Resolve.self
    case "check": Check.self
    case "import": ImportCommand.self
    case "version": Version.self
    case "exit-codes": ExitCodes.self
    default: nil
    }
  }

  private static func member(_ verb: String, of group: String) -> (any ParsableCommand.Type)? {
    switch group {
    case "list": verb == "move" ? ListCommand.Move.self : record(verb, ListNoun.self)
    case "need": stateful(verb, NeedNoun.self)
    case "offer": stateful(verb, OfferNoun.self)
    case "item": item(verb)
    case "event": event(verb)
    case "thing": thing(verb)
    case "stock": stock(verb)
    case "note": note(verb)
    case "dir": verb == "add" ? Dir.Add.self : record(verb, DirNoun.self)
    case "bundle": bundle(verb)
    default: nil
    }
  }

  private static func record<N: Noun>(_ verb: String, _: N.Type) -> (any ParsableCommand.Type)? {
    switch verb {
    case "add": AddRecord<N>.self
    case "ls": ListRecords<N>.self
    case "show": ShowRecord<N>.self
    case "edit": EditRecord<N>.self
    case "rm": RemoveRecord<N>.self
    default: nil
    }
  }

  private static func stateful<N: Noun>(_ verb: String, _ noun: N.Type) -> (any ParsableCommand.Type)? {
    switch verb {
    case "promise": PromiseRecord<N>.self
    case "done": FinishRecord<N>.self
    case "withdraw": WithdrawRecord<N>.self
    case "reopen": ReopenRecord<N>.self
    default: record(verb, noun)
    }
  }

  private static func item(_ verb: String) -> (any ParsableCommand.Type)? {
    switch verb {
    case "add": ItemCommand.Add.self
    case "ls": ItemCommand.Ls.self
    case "done": FinishRecord<ItemNoun>.self
    case "reopen": ReopenRecord<ItemNoun>.self
    case "drop": ItemCommand.Drop.self
    case "move": ItemCommand.Move.self
    default: record(verb, ItemNoun.self)
    }
  }

  private static func event(_ verb: String) -> (any ParsableCommand.Type)? {
    switch verb {
    case "move": EventCommand.Move.self
    case "rsvp": EventCommand.RSVP.self
    case "cancel": EventCommand.Cancel.self
    case "reopen": EventCommand.Reopen.self
    default: record(verb, EventNoun.self)
    }
  }

  private static func thing(_ verb: String) -> (any ParsableCommand.Type)? {
    switch verb {
    case "claim": ThingCommand.Claim.self
    case "grant": ThingCommand.Grant.self
    case "decline": ThingCommand.Decline.self
    case "out": ThingCommand.Out.self
    case "back": ThingCommand.Back.self
    case "withdraw": ThingCommand.Withdraw.self
    default: record(verb, ThingNoun.self)
    }
  }

  private static func stock(_ verb: String) -> (any ParsableCommand.Type)? {
    switch verb {
    case "in": StockCommand.In.self
    case "out": StockCommand.Out.self
    case "spoil": StockCommand.Spoil.self
    case "count": StockCommand.Count.self
    case "move": StockCommand.Move.self
    default: record(verb, StockNoun.self)
    }
  }

  private static func note(_ verb: String) -> (any ParsableCommand.Type)? {
    switch verb {
    case "edit": NoteCommand.Edit.self
    case "append": NoteCommand.Append.self
    default: record(verb, NoteNoun.self)
    }
  }

  private static func bundle(_ verb: String) -> (any ParsableCommand.Type)? {
    switch verb {
    case "write": BundleCommand.Write.self
    case "read": BundleCommand.Read.self
    case "info": BundleCommand.Info.self
    default: nil
    }
  }
}
