// SPDX-License-Identifier: AGPL-3.0-or-later

// What there isn't enough of for all. What can be worked out is never stored: whether a thing is out, overdue or
// promised twice, how much of a stock is left and whether that is too little.

extension Kind {
  /// Something to lend. With a keeper, a claim waits for their word.
  public static let thing = Kind("thing", 15, [
    Field("parts", 16, .set, aliases: ["pièces", "piezas", "القطع"]),
    Field("care", 17, .text, aliases: ["entretien", "cuidado", "العناية"]),
    Field("keeper", 18, .reference([1]), .conflicts),
    Field("shelf", 19, .text, aliases: ["rangement", "estante", "الرف"]),
    Field("max_days", 20, .int(1...3650), aliases: ["jours max", "días máximos", "أقصى مدة"]),
    /// Whether the keeper's word is needed; so it is where nobody says no.
    Field("permission", 21, .bool),
    Field("capacity", 22, .int(1...100_000), .conflicts, aliases: ["exemplaires", "ejemplares", "النسخ"]),
    Field("broken", 23, .bool, .anyTrue, aliases: ["cassé", "roto", "مكسور"]),
    Field("incomplete", 24, .bool, .anyTrue, aliases: ["incomplet", "incompleto", "ناقص"]),
    /// Why it is lent no more.
    Field("retired", 25, .text, .conflicts),
    Field("checked_on", 26, .date, .max, aliases: ["vérifié le", "revisado el", "فُحص في"]),
    Field("next_check", 27, .date),
    Field("donor", 28, .text, aliases: ["donateur", "donante", "المتبرع"]),
    Field("deposit", 29, .text, aliases: ["caution", "fianza", "التأمين"]),
    Field("area", 30, .text),
  ])

  /// Somebody's wish to have a thing, and then its loan. Withdrawn or deleted, no edit brings it back.
  public static let claim = Kind("claim", 16, presence: .deleteWins, [
    Field("of", 16, .reference([15])),
    Field("by", 17, .text, .conflicts),
    /// When it is wanted; always, where nothing is said.
    Field("when", 18, .when, .conflicts),
    Field("qty", 19, .int(1...100_000), .conflicts),
    Field("purpose", 20, .text),
    /// The keeper's word. Others may write it, and it then says nothing.
    Field("agreed", 21, .bool),
    Field("withdrawn", 22, .bool, .anyTrue),
    Field("out_at", 23, .date),
    Field("out_condition", 24, .text),
    Field("back_at", 25, .date),
    Field("back_condition", 26, .text),
    Field("deposit", 27, .text),
  ])

  /// Something that is used up. How much is left is the sum of its movements.
  public static let stock = Kind("stock", 17, [
    Field("unit", 16, .text, .conflicts, aliases: ["unité", "unidad", "الوحدة"]),
    Field("minimum", 17, .quantity, .conflicts, aliases: ["seuil", "mínimo", "الحد الأدنى"]),
    Field("shelf", 18, .text, aliases: ["rangement", "estante", "الرف"]),
    Field("area", 19, .text),
  ])

  /// What came in, went out, spoiled, moved or was counted.
  public static let movement = Kind("movement", 18, presence: .deleteWins, [
    Field("of", 16, .reference([17])),
    Field("type", 17, .choice(["in", "out", "spoiled", "moved", "counted"])),
    /// What it adds. Of a count: what was counted less what its counter's replica had.
    Field("delta", 18, .quantity),
    Field("counted", 19, .quantity),
    Field("by", 20, .text),
    Field("day", 21, .date),
    /// Of a move, the stock at its other end.
    Field("other", 22, .reference([17])),
    Field("best_before", 23, .date),
  ])
}
