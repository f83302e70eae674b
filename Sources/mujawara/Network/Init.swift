// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Glibc
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
  var name: String

  @Option(help: "What this device calls itself. Else the computer's name.")
  var device: String?

  @Flag(help: "Protect the keys by nothing but the file's permissions.")
  var noPassphrase = false

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let context = Context(global)
    let names = Replica.Names(place: try Names.checked(name), device: try Names.checked(device ?? Names.computer))
    let passphrase = try context.newPassphrase(none: noPassphrase)
    let (keys, master) = try Replica.prepare(context.folder, passphrase: passphrase)
    let replica: Replica
    do {
      replica = try Replica.found(
        in: context.folder, keys: keys, master: master, names: names, clock: Context.wallClock)
    } catch {
      unlink(context.folder + "/keys")
      throw error
    }
    try report(replica, context)
  }

  private func report(_ replica: Replica, _ context: Context) throws {
    let place = try replica.placeID()!
    if context.isJSON {
      return context.emit(
        "init/1",
        [
          JSONMember("network", .string(replica.network.hex)), JSONMember("place", .string(place.hex)),
          JSONMember("device", .string(replica.deviceID.hex)), JSONMember("folder", .string(context.folder)),
        ])
    }
    let output = context.output
    output.print("Place \(output.user(name)) made on this computer (\(ShortID.brief(place))), in \(output.user(context.folder)).")
    if noPassphrase { output.print("Its keys have no passphrase: whoever can read the folder is this place.") }
    output.print("A seized disk shows everything in it: keep the folder on an encrypted disk.")
    output.print("Next: mujawara need add · mujawara event add · mujawara invite")
  }
}

/// The names of places and devices that people give.
enum Names {
  static func checked(_ name: String) throws -> String {
    let name = SafeText.line(name)
    guard !name.isEmpty else { throw Failure(.usage, "A name can't be empty.") }
    guard name.utf8.count <= 200 else { throw Failure(.usage, "A name has at most 200 bytes.") }
    return name
  }

  static var computer: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, 255) == 0 else { return "computer" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
