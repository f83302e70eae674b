// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Glibc
import Kinds
import SyncEngine
import Transport

struct BundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle", abstract: "Exchange by stick: sealed files that only members can open.", subcommands: [Write.self, Read.self, Info.self])

  struct Write: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write what others lack into a sealed file.",
      discussion: """
        Any member opens it; a finder learns neither content nor members nor its exact size. It is read back before \
        this says that it is done.

        Examples:
          mujawara bundle write /media/stick               everything, for everyone
          mujawara bundle write /media/stick --for Steki   only what Steki is known to lack
        """)

    @Argument(help: "A folder (the stick), or a file's name that ends in .mjb.")
    var path: String

    @Option(name: .customLong("for"), help: ArgumentHelp("A place or device: leave out what it is known to hold.", valueName: "name"))
    var addressee: String?

    @Flag(help: "For the other devices of this place: with its own space, readable by them alone.")
    var ownPlace = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      try replica.settle()
      guard let place = try replica.placeID() else { throw ReplicaError.notMember }
      let space = ownPlace ? Space.place(place) : .commons
      let commons = replica.id(of: .commons)
      let spaces = ownPlace ? [commons, replica.id(of: space)] : [commons]
      let file = try fileName(context)
      let info = try BundleWriter.write(
        to: file, from: replica, spaces: spaces, held: try held(replica),
        key: try BundleKey.current(of: replica.id(of: space), in: replica))
      if context.isJSON { return context.emit("bundle-written/1", BundleWords.members(info, file: file)) }
      context.output.print(
        "\(SessionWords.plural(info.changes, "change")), sealed for \(ownPlace ? "this place's devices" : "the members"), \(BundleWords.size(info.size)).")
      context.output.print("Wrote and re-read \(context.output.user(file)). Safe to unplug.")
    }

    /// In a folder the file gets a name that tells nothing and that every file system takes.
    private func fileName(_ context: Context) throws -> String {
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        guard path.hasSuffix(".mjb") else {
          throw Failure(.usage, "There is no folder \(path): is the stick mounted? A file's name ends in .mjb.")
        }
        return path
      }
      let random = (0..<8).map { _ in "abcdefghijkmnpqrstuvwxyz23456789".randomElement()! }
      return (path.hasSuffix("/") ? String(path.dropLast()) : path) + "/" + String(random) + ".mjb"
    }

    /// What the addressee is known to hold: of a place what each of its devices holds.
    private func held(_ replica: Replica) throws -> Held {
      guard let addressee else { return Held() }
      let names = try Directory(replica)
      let places = names.places(called: addressee)
      var devices = names.devices(called: addressee)
      if places.count == 1 { devices = try replica.membership().places[places[0]]?.devices ?? [] }
      guard places.count == 1 || devices.count == 1 else {
        throw Failure(
          places.isEmpty && devices.isEmpty ? .notFound : .usage,
          places.isEmpty && devices.isEmpty
            ? "There is no place or device called \(addressee)." : "Several places or devices are called \(addressee): name one by its short id.")
      }
      var common: Held?
      for device in devices where device != replica.deviceID {
        let known = try replica.known(of: device).held
        common = common?.common(with: known) ?? known
      }
      return common ?? Held()
    }
  }

  struct Read: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take in bundles. The files are left as they are.",
      discussion: """
        Of a folder every .mjb file in it is read. Their order doesn't matter, and reading one twice changes nothing.

        Examples:
          mujawara bundle read /media/stick
          mujawara bundle read cantine.mjb steki.mjb
        """)

    @Argument(help: ArgumentHelp("The bundles, or folders with bundles in them.", valueName: "file"))
    var files: [String]

    @Flag(help: "Of a damaged file take the intact beginning.")
    var partial = false

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let reading = BundleReading(partial: partial, replica: try context.open(), context: context)
      try reading.run(try files.flatMap(BundleFolder.bundles))
    }
  }

  struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say what a bundle is, without taking it in.")

    @Argument(help: "The bundle.")
    var file: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      let info = try BundleReader.info(file, keys: try BundleKey.all(of: replica))
      if context.isJSON { return context.emit("bundle-info/1", BundleWords.members(info, file: file)) }
      let names = try Directory(replica)
      context.output.print(BundleWords.sentence(info, names, context.output))
      context.output.print("Who finds it and isn't a member learns only its rounded size.")
    }
  }
}
