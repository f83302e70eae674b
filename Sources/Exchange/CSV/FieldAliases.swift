// SPDX-License-Identifier: AGPL-3.0-or-later

/// What people call fields in French, Arabic, Spanish and English, by the field's own name.
public enum FieldAliases {
  public static let common: [String: [String]] = [
    "title": words(
      "name titre nom intitulé objet quoi titulo título nombre qué asunto subject what label "
        + "العنوان عنوان الاسم اسم"),
    "names": words("name nom nombre title titre título organisation organization الاسم اسم العنوان"),
    "body": words(
      "description détails texte text note notes remarques commentaire comment comments contenu "
        + "descripción detalles texto observaciones comentario الوصف وصف ملاحظات تفاصيل النص"),
    "description": words(
      "body détails texte text about présentation descripción detalles texto الوصف وصف تفاصيل"),
    "when": words(
      "edtf date dates quand jour début start start_date starts when fecha cuándo día inicio "
        + "التاريخ تاريخ متى اليوم الموعد"),
    "repeat": words(
      "repeats répétition récurrence recurrence fréquence frequency rrule repetición frecuencia "
        + "التكرار تكرار يتكرر"),
    "place": words(
      "lieu location où ville venue where city lugar dónde ciudad sitio المكان مكان أين المدينة مدينة"),
    "address": words("adresse street rue dirección calle العنوان_البريدي الشارع"),
    "link": words(
      "url links lien liens site website web page homepage uri enlace enlaces sitio_web página "
        + "الرابط رابط الموقع موقع"),
    "assigned": words(
      "who qui responsable assigné attribué_à assignee assigned_to responsible quién encargado "
        + "asignado المسؤول مسؤول من المكلف"),
    "section": words("rubrique catégorie category group groupe partie sección categoría القسم قسم الفئة"),
    "tags": words("tag étiquettes étiquette mots_clés keywords etiquetas etiqueta الوسوم وسوم وسم"),
    "topics": words("topic thèmes thème themes temas tema المواضيع موضوع"),
    "qty": words("quantity quantité nombre_de amount count combien cantidad cuánto الكمية كمية العدد"),
    "unit": words("unité units unidad الوحدة وحدة"),
    "due": words("due_date échéance deadline avant_le pour_le until vencimiento plazo الاستحقاق الأجل"),
    "until": words("jusqu_à fin end end_date expires hasta vence حتى النهاية"),
    "priority": words("priorité prioridad الأولوية أولوية"),
    "status": words("état statut state estado الحالة حالة"),
    "urgency": words("urgence urgencia الاستعجال"),
    "area": words("quartier zone secteur neighbourhood neighborhood barrio zona المنطقة الحي"),
    "languages": words("langues langue language lang idiomas idioma lengua اللغات اللغة لغة"),
    "skills": words("compétences compétence skill habilidades المهارات مهارات"),
    "email": words(
      "e-mail mail courriel mél correo correo_electrónico البريد بريد_إلكتروني البريد_الإلكتروني"),
    "phone": words("tel tél téléphone telephone mobile portable teléfono móvil الهاتف هاتف الجوال"),
    "access": words("accessibilité accessibility accesibilidad إمكانية_الوصول"),
    "external_id": words("id identifiant identifier ref référence reference uid identificador المعرف الرقم"),
  ]

  private static func words(_ list: String) -> [String] {
    list.split(separator: " ").map { String($0.map { $0 == "_" ? " " : $0 }) }
  }
}
