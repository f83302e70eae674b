// SPDX-License-Identifier: AGPL-3.0-or-later

/// The words of a rule as people type them, in English, French, Spanish and Arabic. Days and months are in
/// `CalendarNames`. For reading only.
enum RepeatNames {
  static let frequencies = table([
    (Repeat.Frequency.daily, "daily quotidien quotidienne quotidiennement journalier diario diaria diariamente يوميا يومي"),
    (.weekly, "weekly hebdomadaire hebdo semanal semanalmente أسبوعيا أسبوعي"),
    (.monthly, "monthly mensuel mensuelle mensuellement mensual mensualmente شهريا شهري"),
    (.yearly, "yearly annuel annuelle annuellement anual anualmente سنويا سنوي"),
  ])

  static let units = table([
    (Repeat.Frequency.daily, "day days jour jours día días يوم أيام"),
    (.weekly, "week weeks semaine semaines semana semanas أسبوع أسابيع الأسبوع"),
    (.monthly, "month months mois mes meses شهر أشهر شهور الشهر"),
    (.yearly, "year years an ans année années l'année año años سنة سنوات السنة عام أعوام العام"),
  ])

  /// Arabic has a form of its own for two.
  static let pairs = table([
    (Repeat.Frequency.daily, "يومين"), (.weekly, "أسبوعين"), (.monthly, "شهرين"), (.yearly, "سنتين عامين"),
  ])

  static let every = set("every each chaque cada tous toutes todos todas كل")
  static let counts = table([(2, "two deux dos"), (3, "three trois tres ثلاثة"), (4, "four quatre cuatro أربعة")])

  /// Which one; -1 is the last.
  static let ordinals = table([
    (1, "first premier première primer primero primera أول"), (2, "second deuxième segundo segunda ثاني"),
    (3, "third troisième tercer tercero tercera ثالث"), (4, "fourth quatrième cuarto cuarta رابع"),
    (5, "fifth cinquième quinto quinta خامس"), (-1, "last dernier dernière último última آخر"),
  ])
  /// The same behind the day, as Arabic has them: الخميس الأول.
  static let ordinalsBehind = table([
    (1, "الأول الأولى"), (2, "الثاني الثانية"), (3, "الثالث الثالثة"), (4, "الرابع الرابعة"), (5, "الخامس الخامسة"),
    (-1, "الأخير الأخيرة"),
  ])
  /// What may follow the digits of `5th`, `1er`, `2ème`, `1º`.
  static let ordinalEnds = set("st nd rd th er ère e ème º ª").union([""])

  static let day = set("day jour día يوم")
  static let times = set("times time fois veces vez مرات مرة")
  static let until = set("until jusqu'au jusqu'à hasta حتى")
  static let conditions = set("if when si إذا")
  /// Before several days, which come again by that alone: les jeudis.
  static let plurals = set("les los las")
  static let articles = set("the on le la el au du al يوم").union(plurals)
  static let links = set(", and or in of for et ou de des del en dans pour y o e u و في من").union(articles)

  private static func set(_ words: String) -> Set<String> {
    Set(words.split(separator: " ").map { Fold.word(String($0)) })
  }

  private static func table<T: Equatable>(_ lines: [(T, String)]) -> [String: T] {
    var table: [String: T] = [:]
    for (meaning, words) in lines {
      for word in set(words) {
        let previous = table.updateValue(meaning, forKey: word)
        precondition(previous == nil || previous == meaning, "one word, two meanings: \(word)")
      }
    }
    return table
  }
}
