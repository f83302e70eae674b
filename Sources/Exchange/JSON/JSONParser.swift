// SPDX-License-Identifier: AGPL-3.0-or-later

extension JSONValue {
  /// Reads one value and nothing else (RFC 8259, strictly; a byte order mark is passed over). Names may stand
  /// once in an object.
  public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
    guard bytes.count <= limits.bytes else {
      throw JSONError(line: 1, column: 1, reason: .tooLarge(limit: limits.bytes))
    }
    var parser = JSONParser(bytes: bytes, depthLimit: limits.depth)
    self = try parser.document()
  }

  public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), limits: limits)
  }
}

/// Reads from left to right; each function takes one production of RFC 8259 off the front.
struct JSONParser {
  let bytes: [UInt8]
  let depthLimit: Int
  var position = 0

  init(bytes: [UInt8], depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  mutating func document() throws(JSONError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    skipSpace()
    let result = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error(.leftover) }
    return result
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard let byte = peek else { throw error(.endsEarly) }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw error(.expected("a value"))
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= depthLimit else { throw error(.tooDeep(limit: depthLimit)) }
    var members: [JSONMember] = []
    var names: Set<String> = []
    position += 1
    skipSpace()
    if skip("}") { return .object([]) }
    repeat {
      skipSpace()
      let start = position
      guard peek == UInt8(ascii: "\"") else { throw error(.expected("a name in quotes")) }
      let name = try string()
      guard names.insert(name).inserted else { throw error(.repeatedName(name), at: start) }
      skipSpace()
      guard skip(":") else { throw error(.expected(":")) }
      skipSpace()
      members.append(JSONMember(name, try value(depth: depth)))
      skipSpace()
    } while skip(",")
    guard skip("}") else { throw error(.expected(", or }")) }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= depthLimit else { throw error(.tooDeep(limit: depthLimit)) }
    var values: [JSONValue] = []
    position += 1
    skipSpace()
    if skip("]") { return .array([]) }
    repeat {
      skipSpace()
      values.append(try value(depth: depth))
      skipSpace()
    } while skip(",")
    guard skip("]") else { throw error(.expected(", or ]")) }
    return .array(values)
  }

  private mutating func literal(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw error(.expected("a value")) }
    position += word.utf8.count
    return value
  }
}

extension JSONParser {
  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skip(_ sign: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: sign) else { return false }
    position += 1
    return true
  }

  mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D { position += 1 }
  }

  /// The end of the text is an error of its own, whatever was expected there.
  func error(_ reason: JSONError.Reason, at place: Int? = nil) -> JSONError {
    let end = min(place ?? position, bytes.count)
    var (line, column) = (1, 1)
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    for byte in bytes[min(start, end)..<end] {
      if byte == 0x0A { (line, column) = (line + 1, 1) } else if byte & 0xC0 != 0x80 { column += 1 }
    }
    if case .expected = reason, end == bytes.count {
      return JSONError(line: line, column: column, reason: .endsEarly)
    }
    return JSONError(line: line, column: column, reason: reason)
  }
}
