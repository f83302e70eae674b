// SPDX-License-Identifier: AGPL-3.0-or-later
import SyncEngine

// Fields from 16 on belong to the kind. A number is never given twice, not even after its field has gone.
// `.conflicts` stands where a value lost unseen would hurt somebody: a date, a place, a promise, a contact.

extension Kind {
  /// The profile of a place; its id is the place's.
  public static let place = Kind("place", Replica.Profile.placeKind, [
    Field("name", Replica.Profile.name, .text),
  ])

  /// The profile of a device; its id is the device's.
  public static let device = Kind("device", Replica.Profile.deviceKind, [
    Field("name", Replica.Profile.name, .text),
    Field("place", Replica.Profile.place, .reference([1])),
  ])

  public static let list = Kind("list", 10, [
    Field("purpose", 16, .text, .conflicts, aliases: ["but", "objectif", "objetivo", "الغرض"]),
  ])

  /// Stands in a list by its cell `at`.
  public static let item = Kind("item", 11, [
    Field("state", 16, .choice(["todo", "doing", "done", "dropped"]),
      aliases: ["status", "état", "estado", "الحالة"]),
    Field("done_by", 17, .text, aliases: ["fait par", "hecho por", "أنجزه"]),
    Field("done_at", 18, .date, aliases: ["fait le", "hecho el", "أنجز في"]),
    Field("due", 19, .date, .conflicts),
    Field("priority", 20, .choice(["low", "normal", "high"])),
    Field("section", 21, .text),
    Field("qty", 22, .quantity, .conflicts),
    Field("assigned", 23, .set),
    Field("repeat", 24, .rule),
  ])

  public static let need = Kind("need", 12, [
    Field("state", 16, .choice(["open", "promised", "done", "withdrawn"]), .conflicts,
      aliases: ["status", "état", "estado", "الحالة"]),
    Field("qty", 17, .quantity, .conflicts),
    Field("urgency", 18, .choice(["1-2d", "3-5d", "week", "anytime"])),
    Field("until", 19, .date, .conflicts),
    Field("area", 20, .text),
    Field("alias", 21, .text, aliases: ["pour", "for", "para", "لأجل"]),
    Field("household", 22, .int(1...1000), aliases: ["foyer", "personnes", "hogar", "الأسرة"]),
    Field("follow_up", 23, .date, aliases: ["relance", "suivi", "seguimiento", "متابعة"]),
    Field("promised_by", 24, .text, .conflicts, aliases: ["promis par", "prometido por", "وعد به"]),
    Field("handled_by", 25, .text, aliases: ["suivi par", "a cargo de", "يتابعه"]),
    Field("closing", 26, .choice(["duplicate", "passed-on", "unreachable", "outside-area"])),
    Field("languages", 27, .set),
    Field("repeat", 28, .rule),
    Field("anonymous", 29, .bool),
    Field("contact", 30, .reference([23, 24]), .conflicts),
  ])

  public static let offer = Kind("offer", 13, [
    Field("state", 16, .choice(["open", "promised", "done", "withdrawn"]), .conflicts,
      aliases: ["status", "état", "estado", "الحالة"]),
    Field("qty", 17, .quantity, .conflicts),
    Field("inexhaustible", 18, .bool),
    Field("monthly_limit", 19, .int(1...100_000),
      aliases: ["limite par mois", "límite mensual", "الحد الشهري"]),
    Field("from", 20, .date, aliases: ["à partir de", "desde", "من"]),
    Field("until", 21, .date, .conflicts),
    Field("delivery", 22, .choice(["bring", "pick-up", "either"]),
      aliases: ["livraison", "entrega", "التسليم"]),
    Field("skills", 23, .set),
    Field("languages", 24, .set),
    Field("area", 25, .text),
    Field("alias", 26, .text),
    Field("promised_to", 27, .text, .conflicts, aliases: ["promis à", "prometido a", "موعود لـ"]),
    Field("contact", 28, .reference([23, 24]), .conflicts),
  ])

  public static let event = Kind("event", 14, [
    Field("when", 16, .when, .conflicts),
    Field("over", 17, .overrides, .conflicts),
    Field("status", 18, .choice(["draft", "tentative", "confirmed", "cancelled"]), .conflicts),
    Field("place", 19, .text, .conflicts),
    Field("venue", 20, .reference([21]), .conflicts),
    Field("address", 21, .text, .conflicts),
    Field("link", 22, .link),
    Field("languages", 23, .set),
    Field("interpretation", 24, .set, aliases: ["interprétation", "interpretación", "الترجمة"]),
    Field("access", 25, .set),
    Field("price", 26, .text, aliases: ["prix", "precio", "السعر"]),
    Field("contact", 27, .reference([20, 23, 24]), .conflicts),
    Field("join", 28, .choice(["open", "ask", "invite", "none"])),
    Field("capacity", 29, .int(1...1_000_000), aliases: ["places", "capacité", "aforo", "السعة"]),
    Field("food", 30, .text, aliases: ["repas", "comida", "الطعام"]),
    Field("organiser", 31, .reference([20, 23]), .conflicts),
    Field("rsvp", 32, .answers),
  ])

  /// Minutes, or anything else that several people write.
  public static let note = Kind("note", 19, [
    Field("text", 16, .prose),
    /// The day that it tells of.
    Field("held", 17, .date, .conflicts, aliases: ["date", "le", "fecha", "التاريخ"]),
    Field("meeting", 18, .reference([14]), .conflicts, aliases: ["réunion", "reunión", "الاجتماع"]),
    Field("present", 19, .set, aliases: ["présents", "presentes", "الحاضرون"]),
    Field("state", 20, .choice(["draft", "approved"]), .conflicts, aliases: ["status", "état", "estado", "الحالة"]),
  ])

  public static let organisation = Kind("organisation", 20, [
    Field("topics", 16, .set),
    Field("languages", 17, .set),
    Field("area", 18, .text),
    Field("address", 19, .text, .conflicts),
    Field("precision", 20, .choice(["exact", "area", "city", "none"])),
    Field("link", 21, .link, .conflicts),
    Field("opening", 22, .text, .conflicts, aliases: ["horaires", "horario", "المواعيد"]),
    Field("access", 23, .set),
    Field("verified_on", 24, .date, .max),
    Field("verified_by", 25, .text),
    Field("status", 26, .choice(["active", "dormant", "closed"]), .conflicts),
  ])

  public static let venue = Kind("venue", 21, [
    Field("address", 16, .text, .conflicts),
    Field("precision", 17, .choice(["exact", "area", "city", "none"])),
    Field("area", 18, .text),
    Field("capacity", 19, .int(1...1_000_000)),
    Field("opening", 20, .text, .conflicts, aliases: ["horaires", "horario", "المواعيد"]),
    Field("access", 21, .set),
    Field("organisation", 22, .reference([20])),
    Field("link", 23, .link, .conflicts),
    Field("verified_on", 24, .date, .max),
    Field("verified_by", 25, .text),
    Field("status", 26, .choice(["active", "dormant", "closed"]), .conflicts),
  ])

  public static let medium = Kind("medium", 22, [
    Field("type", 16, .text, aliases: ["genre", "tipo", "النوع"]),
    Field("topics", 17, .set),
    Field("languages", 18, .set),
    Field("area", 19, .text),
    Field("link", 20, .link, .conflicts),
    Field("organisation", 21, .reference([20])),
    Field("frequency", 22, .text, aliases: ["fréquence", "frecuencia", "التواتر"]),
    Field("verified_on", 24, .date, .max),
    Field("verified_by", 25, .text),
    Field("status", 26, .choice(["active", "dormant", "closed"]), .conflicts),
  ])

  /// Its title is the name to show, which may be an alias. No date of birth, no legal identity.
  public static let person = Kind("person", 23, privacy: .place, [
    Field("pronouns", 16, .text),
    Field("languages", 17, .set),
    Field("skills", 18, .set),
    Field("channels", 19, .set),
    Field("preferred_channel", 20, .text, .conflicts),
    Field("hours", 21, .text),
    Field("organisation", 22, .reference([20])),
    Field("area", 23, .text),
    /// How far the person has agreed to be known; no farther than the place where nothing is said.
    Field("consent", 24, .choice(["place", "network", "public"]), .conflicts),
    Field("consent_on", 25, .date),
    Field("consent_how", 26, .text),
    Field("consent_until", 27, .date),
    Field("consent_revoked", 28, .bool, .anyTrue),
  ])

  /// One way to reach somebody, with an audience of its own.
  public static let contact = Kind("contact", 24, privacy: .place, [
    Field("of", 16, .reference([14, 20, 21, 22, 23])),
    Field("type", 17, .choice(["phone", "email", "message", "web", "post"])),
    Field("value", 18, .text, .conflicts, aliases: ["valeur", "valor", "القيمة"]),
    Field("preferred", 19, .bool),
    Field("hours", 20, .text),
  ])
}
