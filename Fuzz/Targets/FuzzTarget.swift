// SPDX-License-Identifier: AGPL-3.0-or-later

/// One decoder under attack: any bytes go in, and the laws that bind it are checked.
///
/// The fuzzer and the tests run the same targets. That nothing traps, hangs or takes memory out of proportion
/// is for whoever runs them to see.
public struct FuzzTarget: Sendable {
  /// Also the name of the corpus's folder.
  public let name: String
  /// Bytes of an input, at most: what shows every fault in the least time.
  public let longest: Int
  private let body: @Sendable ([UInt8]) throws -> Bool

  /// - Parameter body: says whether the bytes were taken; throws `BrokenLaw`.
  init(_ name: String, longest: Int = 4_096, _ body: @escaping @Sendable ([UInt8]) throws -> Bool) {
    self.name = name
    self.longest = longest
    self.body = body
  }

  /// Whether the decoder took the bytes. It may refuse them; it must keep what it takes.
  public func check(_ input: [UInt8]) throws(BrokenLaw) -> Bool {
    do { return try body(input) } catch let law as BrokenLaw { throw law } catch {
      throw BrokenLaw("refused by an error that isn't the decoder's own: \(error)")
    }
  }

  public static let all: [FuzzTarget] = values + wire + store + crypto + people + exchange + whole

  public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// What a decoder must never do, and did.
public struct BrokenLaw: Error, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Throws unless a law holds.
func require(_ holds: Bool, _ law: @autoclosure () -> String) throws(BrokenLaw) {
  if !holds { throw BrokenLaw(law()) }
}

extension FuzzTarget {
  /// What decodes encodes to the same bytes, and nothing but the decoder's own error refuses it.
  static func recoding<Refusal: Error>(
    _ name: String, longest: Int = 4_096, refusedBy: Refusal.Type,
    _ recode: @escaping @Sendable ([UInt8]) throws -> [UInt8]
  ) -> FuzzTarget {
    FuzzTarget(name, longest: longest) { input in
      let again: [UInt8]
      do { again = try recode(input) } catch { return try refused(error, by: Refusal.self) }
      try require(again == input, "came back as \(again)")
      return true
    }
  }

  /// A text that is read prints as one that reads the same and prints the same.
  static func printing<Thing: Equatable & SendableMetatype, Refusal: Error>(
    _ name: String, longest: Int = 256, refusedBy: Refusal.Type,
    read: @escaping @Sendable (String) throws -> Thing, print: @escaping @Sendable (Thing) -> String
  ) -> FuzzTarget {
    FuzzTarget(name, longest: longest) { input in
      let thing: Thing
      do { thing = try read(String(decoding: input, as: UTF8.self)) } catch {
        return try refused(error, by: Refusal.self)
      }
      try requireFixed(thing, read: read, print: print)
      return true
    }
  }
}

/// False for a decoder's own error; any other goes on.
private func refused<Refusal: Error>(_ error: any Error, by refusal: Refusal.Type) throws -> Bool {
  guard error is Refusal else { throw error }
  return false
}

/// Throws unless what is printed reads as the same thing, which prints the same again.
func requireFixed<Thing: Equatable>(
  _ thing: Thing, read: (String) throws -> Thing, print: (Thing) -> String
) throws {
  let text = print(thing)
  let again: Thing
  do { again = try read(text) } catch { throw BrokenLaw("printed as “\(text)”, which is refused: \(error)") }
  try require(again == thing, "printed as “\(text)”, which reads as \(again) and not as \(thing)")
  try require(print(again) == text, "“\(text)” prints as “\(print(again))”")
}

/// Takes an input apart, for targets that need more than one thing from it. What is short is empty.
struct Input {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isEmpty: Bool { rest.isEmpty }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// A length in two bytes, big-endian, and so many bytes as there are of it.
  mutating func piece() -> [UInt8] {
    let count = Int(byte()) << 8 | Int(byte())
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// All that is left.
  mutating func remainder() -> [UInt8] {
    defer { rest = [] }
    return Array(rest)
  }
}
