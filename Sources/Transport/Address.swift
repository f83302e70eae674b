// SPDX-License-Identifier: AGPL-3.0-or-later

/// Where a peer listens: `host:port`, `1.2.3.4`, `[::1]:7410`, `steki.example`.
public struct Address: Hashable, Sendable, CustomStringConvertible {
  public static let defaultPort = 7410

  /// A name, an IPv4 address, or an IPv6 address without brackets.
  public let host: String
  /// 0 to 65535; 0 lets the system choose, which only a listener may.
  public let port: Int

  public init(host: String, port: Int = defaultPort) {
    self.host = host
    self.port = port
  }

  /// Why a text is no address.
  public enum ParseError: Error, Equatable, Sendable {
    case empty
    case port(String)
    case brackets
    case host(String)
  }

  public init(parsing text: String) throws(ParseError) {
    guard !text.isEmpty else { throw .empty }
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { throw .brackets }
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { throw .brackets }
      self.init(
        host: String(text[text.index(after: text.startIndex)..<end]),
        port: try rest.isEmpty ? Self.defaultPort : Self.port(rest.dropFirst()))
    } else if text.filter({ $0 == ":" }).count > 1 {
      self.init(host: text)
    } else if let colon = text.firstIndex(of: ":") {
      self.init(host: String(text[..<colon]), port: try Self.port(text[text.index(after: colon)...]))
    } else {
      self.init(host: text)
    }
    let isPlain = !host.isEmpty && host.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F && $0 != "/" }
    guard isPlain else { throw .host(host) }
  }

  private static func port(_ text: Substring) throws(ParseError) -> Int {
    guard text.count <= 5, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text), port <= 65535
    else { throw .port(String(text)) }
    return port
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
