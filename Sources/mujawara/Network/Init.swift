// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Kinds
import SyncEngine

struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a network, with this place as its first.",
    discussion: """
      Found with two places rather than one as soon as you can: as long as there is a single admin, who steals \
      that device's key speaks for the network.

      Until the database is encrypted at rest, a seized disk shows everything in it: put it on an encrypted disk.
      """)

  @Argument(help: ArgumentHelp("What your place calls itself.", valueName: "place"))
  var name: String?

  @Option(help: "What this device calls itself. Else the place's name with -1.")
  var device: String?

  @Flag(help: "Protect the keys by nothing but the file's permissions.")
  var noPassphrase = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let context = Context(global)
    if context.hasReplica { throw StoreError.exists(context.folder) }
    try refuseBeginning(context)
    let place = try Names.place(name, flag: "its name: mujawara init NAME", context)
    let names = Replica.Names(place: place, device: try Names.device(device, of: place, context))
    let passphrase = try context.newPassphrase(none: noPassphrase)
    let beginning = try Beginning.make(context.folder, passphrase: passphrase)
    let replica: Replica
    do {
      replica = try Replica.found(
        in: context.folder, keys: beginning.keys, master: beginning.master, names: names, clock: Context.wallClock)
    } catch {
      beginning.takeBack()
      throw error
    }
    try report(replica, names, context)
  }

  /// Keys are never overwritten, not even those of a beginning that came to nothing: they may be all that is left of
  /// a device.
  private func refuseBeginning(_ context: Context) throws {
    guard Beginning.isIn(context.folder) else { return }
    guard JoinNotes.read(context.folder) == nil else {
      throw Failure(.failed, "A joining was begun in \(context.folder) and isn't finished. Finish it with  mujawara join CODE …  or name another folder with --replica.")
    }
    throw Failure(.failed, "In \(context.folder) there are keys and no replica: an init that broke off, or a replica whose database is gone. Name another folder with --replica; or, if they are of no use, delete the file keys there and try again.")
  }

  private func report(_ replica: Replica, _ names: Replica.Names, _ context: Context) throws {
    guard let place = try replica.placeID() else { throw ReplicaError.notMember }
    if context.isJSON {
      return context.emit(
        "init/1",
        [
          JSONMember("network", .string(replica.network.hex)), JSONMember("place", .string(place.hex)),
          JSONMember("device", .string(replica.deviceID.hex)), JSONMember("folder", .string(context.folder)),
        ])
    }
    let output = context.output
    output.print("Place \(output.user(names.place ?? "")) made on this computer (\(ShortID.brief(place))), in \(output.user(context.folder)).")
    output.print("This device is called \(output.user(names.device)).")
    if noPassphrase { output.print("Its keys have no passphrase: whoever can read the folder is this place.") }
    output.print("A seized disk shows everything in it: keep the folder on an encrypted disk.")
    output.print("Next: mujawara need add · mujawara event add · mujawara invite")
  }
}
