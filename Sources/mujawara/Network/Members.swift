// SPDX-License-Identifier: AGPL-3.0-or-later

import ArgumentParser
import Exchange
import Kinds
import SyncEngine

struct PlaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "place", abstract: "The places of the network.", subcommands: [Ls.self, Rename.self], defaultSubcommand: Ls.self)

  struct Ls: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the places.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      let names = try Directory(replica)
      let members = try replica.membership()
      let own = members.place(of: replica.deviceID)
      var table = Table([.init("PLACE", minimum: 8), .init("ID"), .init("DEVICES", .trailing), .init("SINCE"), .init("")])
      for place in members.sortedPlaces {
        let name = names.name(ofPlace: place.id)
        if context.isJSON {
          context.emit("place/1", PlaceCommand.members(place, name, isOwn: place.id == own))
        } else {
          table.add(
            .user(name.text), .own(ShortID.brief(place.id)), .own("\(place.devices.count)"),
            .own(Times.local(place.stamp)), .own(place.id == own ? "this place" : ""))
        }
      }
      if !context.isJSON { table.print(to: context.output) }
    }
  }
}

extension PlaceCommand {
  static func members(_ place: PlaceFacts, _ name: Directory.Name, isOwn: Bool) -> [JSONMember] {
    [
      JSONMember("place", .string(place.id.hex)), JSONMember("name", name.given.map(JSONValue.string) ?? .null),
      JSONMember("devices", .array(place.devices.map { .string($0.hex) })),
      JSONMember("since", .int(Int64(place.stamp))), JSONMember("own", .bool(isOwn)),
    ]
  }

  struct Rename: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Call this place otherwise.",
      discussion: "The name belongs to the place: only its own devices can change it. Everybody sees it after the next sync.")

    @Argument(help: "The new name.")
    var name: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let profile = try OwnProfile(Context(global))
      try profile.rename(.place, to: name)
      try profile.tellPlace()
    }
  }
}

struct DeviceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device", abstract: "The devices of the places.", subcommands: [Ls.self, Rename.self], defaultSubcommand: Ls.self)

  struct Ls: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the devices and what they may do.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      let names = try Directory(replica)
      var table = Table([.init("DEVICE", minimum: 8), .init("ID"), .init("PLACE", minimum: 8), .init("ROLES", minimum: 8), .init("")])
      for device in try replica.membership().sortedDevices {
        let name = names.name(ofDevice: device.id)
        let roles = DeviceCommand.roles(device.roles)
        if context.isJSON {
          context.emit("device/1", DeviceCommand.members(device, name, isOwn: device.id == replica.deviceID))
        } else {
          table.add(
            .user(name.text), .own(ShortID.brief(device.id)), .user(names.name(ofPlace: device.place).text),
            .own(roles.joined(separator: ", ")), .own(device.id == replica.deviceID ? "this device" : ""))
        }
      }
      if !context.isJSON { table.print(to: context.output) }
    }
  }
}

extension DeviceCommand {
  static func members(_ device: DeviceFacts, _ name: Directory.Name, isOwn: Bool) -> [JSONMember] {
    [
      JSONMember("device", .string(device.id.hex)), JSONMember("name", name.given.map(JSONValue.string) ?? .null),
      JSONMember("place", .string(device.place.hex)),
      JSONMember("roles", .array(roles(device.roles).map(JSONValue.string))), JSONMember("own", .bool(isOwn)),
    ]
  }

  static func roles(_ roles: Roles) -> [String] {
    [(Roles.admin, "admin"), (.steward, "steward"), (.writer, "writer"), (.reader, "reader")]
      .filter { roles.contains($0.0) }.map(\.1)
  }

  struct Rename: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Call this device otherwise.", discussion: "Everybody sees the new name after the next sync.")

    @Argument(help: "The new name.")
    var name: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let profile = try OwnProfile(Context(global))
      try profile.rename(.device, to: name)
      try profile.tellDevice()
    }
  }
}

struct SpaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "space", abstract: "The audiences that this device reads.", subcommands: [Ls.self],
    defaultSubcommand: Ls.self)

  struct Ls: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the audiences, who reads them, and how much is in them.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
      let context = Context(global)
      let replica = try context.open()
      let members = try replica.membership()
      let tallies = try replica.tallies()
      var table = Table([.init("SPACE"), .init("READERS", .trailing), .init("RECORDS", .trailing), .init("DIGEST"), .init("", minimum: 8)])
      for space in members.spaces(readBy: replica.deviceID) {
        let id = replica.id(of: space)
        let records = tallies.filter { $0.space == id }.reduce(0) { $0 + $1.visible }
        let readers = members.readers(of: space).count
        let digest = Hex.encode(try replica.snapshot(of: id).digest ?? [])
        if context.isJSON {
          context.emit(
            "space/1",
            [
              JSONMember("space", .string(id.hex)), JSONMember("name", .string(space == .commons ? "commons" : "place")),
              JSONMember("readers", .int(Int64(readers))), JSONMember("records", .int(Int64(records))),
              JSONMember("digest", .string(digest)),
            ])
        } else {
          table.add(
            .own(space == .commons ? "commons" : "place"), .own("\(readers)"), .own("\(records)"), .own(String(digest.prefix(12))),
            .own(space == .commons ? "every place reads it" : "this place's devices alone read it"))
        }
      }
      if !context.isJSON { table.print(to: context.output) }
    }
  }
}
