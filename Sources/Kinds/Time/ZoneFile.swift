// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc
import Synchronization

/// The rules of one time zone, as the system's files tell them (TZif, RFC 9636).
///
/// The C library reads the same files, but holds one zone for the whole process, by a variable of the
/// environment.
struct ZoneFile: Sendable {
  /// When the offset changes, in seconds since 1970 UTC, ascending.
  private var changes: [Int64] = []
  /// The offset from each of `changes` on, in seconds east of UTC.
  private var offsets: [Int64] = []
  /// The offset before the first change.
  private var first: Int64 = 0
  /// The rule after the last change.
  private var tail: ZoneTail?

  static let utc = ZoneFile()

  /// Seconds east of UTC at an instant.
  func offset(at seconds: Int64) -> Int64 {
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    if low == changes.count, let tail { return tail.offset(at: seconds) }
    return low == 0 ? first : offsets[low - 1]
  }
}

// MARK: - Reading

extension ZoneFile {
  /// Nil for what isn't a TZif file of version 2 or later.
  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard let old = reader.header(), old.version >= UInt8(ascii: "2"),
      reader.skip(old.size(ofTimes: 4)), let counts = reader.header(), counts.types > 0,
      let changes = reader.numbers(counts.times, size: 8), let types = reader.take(counts.times),
      let kinds = reader.take(counts.types * 6),
      reader.skip(counts.names + counts.leaps * 12 + counts.standards + counts.universals)
    else { return nil }
    let known = (0..<counts.types).map { Reader.signed(kinds[(kinds.startIndex + $0 * 6)...].prefix(4)) }
    guard types.allSatisfy({ $0 < known.count }), zip(changes, changes.dropFirst()).allSatisfy(<) else { return nil }
    self.changes = changes
    offsets = types.map { known[Int($0)] }
    first = known[0]
    tail = ZoneTail(String(decoding: reader.footer(), as: UTF8.self))
  }

  private struct Counts {
    let version: UInt8
    let universals, standards, leaps, times, types, names: Int

    /// Bytes of the data block that follows.
    func size(ofTimes width: Int) -> Int {
      times * (width + 1) + types * 6 + names + leaps * (width + 4) + standards + universals
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    static func signed(_ bytes: ArraySlice<UInt8>) -> Int64 {
      let number = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return bytes.count == 4 ? Int64(Int32(truncatingIfNeeded: number)) : Int64(bitPattern: number)
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count >= 0, count <= bytes.count - at else { return nil }
      defer { at += count }
      return bytes[at..<at + count]
    }

    mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    mutating func numbers(_ count: Int, size: Int) -> [Int64]? {
      take(count * size).map { all in
        (0..<count).map { Self.signed(all[(all.startIndex + $0 * size)...].prefix(size)) }
      }
    }

    mutating func header() -> Counts? {
      guard let head = take(20), head.starts(with: Array("TZif".utf8)),
        let n = numbers(6, size: 4), n.allSatisfy({ (0...1_000_000).contains($0) })
      else { return nil }
      return Counts(
        version: head[head.startIndex + 4], universals: Int(n[0]), standards: Int(n[1]), leaps: Int(n[2]),
        times: Int(n[3]), types: Int(n[4]), names: Int(n[5]))
    }

    /// The line after the data: a rule in the form of POSIX's TZ, or nothing.
    func footer() -> ArraySlice<UInt8> {
      bytes[at...].drop { $0 == UInt8(ascii: "\n") }.prefix { $0 != UInt8(ascii: "\n") }
    }
  }
}

// MARK: - The system's files

extension ZoneFile {
  /// Where the files lie: TZDIR, else where Linux has them.
  private static var folder: String { getenv("TZDIR").map { String(cString: $0) } ?? "/usr/share/zoneinfo" }

  /// The rules under a name that was checked to be one; nil where this machine doesn't have them.
  static func named(_ name: String) -> ZoneFile? { name == "UTC" ? .utc : file(folder + "/" + name) }

  private static let files = Mutex<[String: ZoneFile]>([:])

  /// The rules in a file, which is read once.
  private static func file(_ path: String) -> ZoneFile? {
    if let known = files.withLock({ $0[path] }) { return known }
    guard let rules = read(path) else { return nil }
    files.withLock { $0[path] = rules }
    return rules
  }

  /// The rules and the name of this machine's zone: TZ, else /etc/localtime, else UTC.
  static func ofThisMachine() -> (name: String, rules: ZoneFile) {
    if let variable = getenv("TZ") {
      let text = String(cString: variable)
      let name = text.hasPrefix(":") ? String(text.dropFirst()) : text
      if (try? ZoneName.check(name)) != nil, let rules = named(name) { return (name, rules) }
      if let tail = ZoneTail(name) { return ("UTC", ZoneFile(tail: tail)) }
      return ("UTC", .utc)
    }
    guard let rules = file("/etc/localtime") else { return ("UTC", .utc) }
    return (linkedName() ?? "UTC", rules)
  }

  private init(tail: ZoneTail) { self.tail = tail }

  /// The name that the link /etc/localtime leads to.
  private static func linkedName() -> String? {
    guard let path = realpath("/etc/localtime", nil) else { return nil }
    defer { free(path) }
    let parts = String(cString: path).split(separator: "/")
    guard let root = parts.lastIndex(of: "zoneinfo") else { return nil }
    let name = parts[(root + 1)...].joined(separator: "/")
    return (try? ZoneName.check(name)) != nil ? name : nil
  }

  private static func read(_ path: String) -> ZoneFile? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 256 << 10)
    var count = 0
    while count < bytes.count {
      let got = bytes[count...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      guard got > 0 else { break }
      count += got
    }
    return ZoneFile(Array(bytes[..<count]))
  }
}
