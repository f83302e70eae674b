// SPDX-License-Identifier: AGPL-3.0-or-later

extension ValueShape {
  /// The part of the filled values that have this shape, 0…1; nil when there are none.
  func share(of values: some Sequence<String>) -> Double? {
    let filled = values.filter { !$0.isEmpty }
    guard !filled.isEmpty else { return nil }
    return Double(filled.count(where: matches)) / Double(filled.count)
  }

  func matches(_ value: String) -> Bool {
    switch self {
    case .text: true
    case .edtf: Self.isEDTF(value)
    case .link: value.hasPrefix("http://") || value.hasPrefix("https://") || value.hasPrefix("www.")
    case .email: value.wholeMatch(of: /[^@\s]+@[^@\s]+\.[^@\s.]+/) != nil
    case .phone: value.wholeMatch(of: /\+?[0-9][0-9 ().\/-]{5,20}/) != nil && !Self.isEDTF(value)
    case .number: value.wholeMatch(of: /[+-]?[0-9]+([.,][0-9]+)?/) != nil
    }
  }

  private static func isEDTF(_ value: String) -> Bool {
    let sides = value.split(separator: "/", omittingEmptySubsequences: false)
    guard sides.count <= 2, sides.contains(where: { $0 != ".." }) else { return false }
    let date = /[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9:]{5,8}(Z|[+-][0-9:]{5})?)?)?)?[~?%]?/
    return sides.allSatisfy { side in
      side == ".." || side.isEmpty && sides.count == 2
        || side.wholeMatch(of: date) != nil
    }
  }
}
