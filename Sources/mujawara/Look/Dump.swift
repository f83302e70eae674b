// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import SyncEngine

struct Dump: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show raw objects as JSON.", subcommands: [Heads.self, Change.self, Bundle.self])

  struct Heads: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The tips of all logs and the digests of the spaces.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      for space in [ChangeHeader.governanceSpace] + (try replica.readableSpaces()) {
        let snapshot = try replica.snapshot(of: space)
        context.emit(
          "heads/1",
          [
            JSONMember("space", .string(space.hex)),
            JSONMember("digest", snapshot.digest.map { .string(Hex.encode($0)) } ?? .null),
            JSONMember(
              "logs",
              .array(
                snapshot.frontier.entries.map {
                  .object([
                    JSONMember("log", .string($0.log.hex)), JSONMember("author", .string($0.author.hex)),
                    JSONMember("seq", .int(Int64($0.seq))), JSONMember("tip", .string($0.tip.hex)),
                  ])
                })),
          ])
      }
    }
  }

  struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A change: its signed header, and its body if it can be opened.")

    @Argument(help: "Its id, or the beginning of it.")
    var id: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      let found = try replica.changeIDs(hexPrefix: id)
      guard found.count == 1, let change = try replica.signedChange(found[0]) else {
        throw Failure(found.isEmpty ? .notFound : .usage, found.isEmpty ? "There is no change \(id)." : "Several changes begin with \(id).")
      }
      let body = try replica.plainBody(of: change.id)
      context.emit(
        "raw-change/1",
        [
          JSONMember("change", .string(change.id.hex)),
          JSONMember("header", try JSONValue(parsing: CBOR(decoding: change.h0).json())),
          JSONMember("body", try body.map { try JSONValue(parsing: CBOR(decoding: $0).json()) } ?? .null),
          JSONMember("envelope", .string(Hex.encode(change.envelope()))),
        ])
    }
  }

  struct Bundle: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A bundle's head.")

    @Argument(help: "The bundle.")
    var file: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      let info = try BundleReader.info(file, keys: try BundleKey.all(of: replica))
      context.emit(
        "raw-bundle/1",
        BundleWords.members(info, file: file) + [
          JSONMember("head", try JSONValue(parsing: CBOR(decoding: info.head.encoded()).json())),
        ])
    }
  }
}
