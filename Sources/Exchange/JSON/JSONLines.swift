// SPDX-License-Identifier: AGPL-3.0-or-later

/// JSON Lines: one value a line, lines ended by LF.
public enum JSONLines {
  /// A value and the line, counted from 1, on which it stands.
  public struct Line: Hashable, Sendable {
    public var number: Int
    public var value: JSONValue
  }

  public static func text(_ values: some Sequence<JSONValue>) -> String {
    var text = ""
    for value in values { text += value.text + "\n" }
    return text
  }

  /// Reads all lines; blank ones are passed over. `limits` hold for each line. Errors carry the line of the
  /// file.
  public static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> [Line] {
    var lines: [Line] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      do throws(JSONError) {
        lines.append(Line(number: index + 1, value: try JSONValue(parsing: Array(line), limits: limits)))
      } catch {
        throw JSONError(line: index + 1, column: error.column, reason: error.reason)
      }
    }
    return lines
  }
}
