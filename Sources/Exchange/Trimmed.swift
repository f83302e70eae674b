// SPDX-License-Identifier: AGPL-3.0-or-later

extension String {
  /// Without white space at either end.
  var trimmed: String {
    let inner = drop(while: \.isWhitespace)
    return String(inner[..<(inner.lastIndex { !$0.isWhitespace }.map { inner.index(after: $0) } ?? inner.startIndex)])
  }
}
