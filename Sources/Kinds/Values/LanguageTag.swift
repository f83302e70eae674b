// SPDX-License-Identifier: AGPL-3.0-or-later

/// Language tags (BCP 47) in one spelling each, so that `FR`, `fr` and `Fr` are one key.
public enum LanguageTag {
  /// The key of a text whose language nobody said.
  public static let undetermined = "und"

  /// In the case that RFC 5646, section 2.1.1, recommends: `fr`, `pt-BR`, `sr-Latn`. Nil for what is no tag.
  public static func canonical(_ text: some StringProtocol) -> String? {
    let parts = text.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "_" }.map {
      $0.lowercased()
    }
    guard let language = parts.first, (2...8).contains(language.utf8.count), parts.count <= 8 else {
      return nil
    }
    guard language.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else { return nil }
    guard parts.dropFirst().allSatisfy(isSubtag) else { return nil }
    var tag = language
    var isInExtension = false
    for part in parts.dropFirst() {
      tag += "-" + (isInExtension ? part : cased(part))
      if part.utf8.count == 1 { isInExtension = true }
    }
    return tag
  }

  private static func isSubtag(_ part: String) -> Bool {
    (1...8).contains(part.utf8.count)
      && part.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
  }

  private static func cased(_ part: String) -> String {
    switch part.utf8.count {
    case 2: part.uppercased()
    case 4 where part.first?.isLetter == true: part.prefix(1).uppercased() + part.dropFirst()
    default: part
    }
  }

  /// The language without script and region: `pt` of `pt-BR`.
  public static func primary(_ tag: String) -> String { String(tag.prefix { $0 != "-" }) }

  /// Of the tags there are, the one to show: the first wish that is there, else in the same language; else
  /// nil.
  public static func best(of tags: [String], preferring wishes: [String]) -> String? {
    for wish in wishes.compactMap(canonical) {
      if tags.contains(wish) { return wish }
      if let near = tags.sorted().first(where: { primary($0) == primary(wish) }) { return near }
    }
    return nil
  }
}
