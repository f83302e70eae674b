// SPDX-License-Identifier: AGPL-3.0-or-later

/// The names of places and devices. They go into the network, so people say them: none is taken from the computer.
enum Names {
  static let bytes = 200

  static func checked(_ name: String) throws -> String {
    let ends = SafeText.line(name).drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace)
    let name = String(ends.reversed())
    guard !name.isEmpty else { throw Failure(.usage, "A name can't be empty.") }
    guard name.utf8.count <= bytes else { throw Failure(.usage, "A name has at most \(bytes) bytes.") }
    return name
  }

  /// What the place calls itself, asked for at a terminal if nobody said it.
  static func place(_ given: String?, flag: String, _ context: Context) throws -> String {
    if let given { return try checked(given) }
    guard context.prompt.canAsk else { throw Failure(.usage, "Say what your place calls itself: give \(flag).") }
    return try checked(try context.prompt.line("What does your place call itself?", flag: flag))
  }

  /// What the device calls itself: as said, as typed, or the place's name with a number.
  static func device(_ given: String?, of place: String?, _ context: Context) throws -> String {
    if let given { return try checked(given) }
    let usual = place.map(first)
    guard context.prompt.canAsk else {
      guard let usual else { throw Failure(.usage, "Say what this device calls itself: give --device NAME.") }
      return usual
    }
    let hint = usual.map { " [\($0)]" } ?? ""
    let typed = try context.prompt.line("What does this device call itself?\(hint)", flag: "--device")
    return try checked(typed.isEmpty ? usual ?? typed : typed)
  }

  /// `Steki-1`, for the first device of Steki.
  private static func first(of place: String) -> String {
    place.utf8.count + 2 <= bytes ? place + "-1" : "device-1"
  }
}
