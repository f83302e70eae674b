// SPDX-License-Identifier: AGPL-3.0-or-later

/// Names of days and months as people type them, in English, French, Spanish and Arabic (of the
/// Levant, of Egypt, of the Maghreb). For reading only; `mar` is left out, it has two meanings.
enum CalendarNames {
  static let weekdays: [String: Weekday] = table(weekdayNames).mapValues { Weekday(rawValue: $0)! }
  static let months: [String: Int] = table(monthNames)

  /// English names, for printing.
  static let englishWeekdays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  static let englishMonths = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// Line n holds the names of day or month n, cut at commas.
  private static func table(_ lines: [String]) -> [String: Int] {
    var table: [String: Int] = [:]
    for (index, line) in lines.enumerated() {
      for name in line.split(separator: ",") {
        let folded = Fold.word(String(name))
        let previous = table.updateValue(index + 1, forKey: folded)
        precondition(previous == nil || previous == index + 1, "one name, two meanings: \(name)")
      }
    }
    return table
  }

  private static let weekdayNames = [
    "monday,mon,lundi,lun,lunes,الاثنين,الإثنين,اثنين,إثنين",
    "tuesday,tue,tues,mardi,martes,الثلاثاء,ثلاثاء,الثلثاء",
    "wednesday,wed,mercredi,mer,miércoles,mié,الأربعاء,أربعاء,الاربعا",
    "thursday,thu,thur,thurs,jeudi,jeu,jueves,jue,الخميس,خميس",
    "friday,fri,vendredi,ven,viernes,vie,الجمعة,جمعة",
    "saturday,sat,samedi,sam,sábado,sáb,السبت,سبت",
    "sunday,sun,dimanche,dim,domingo,dom,الأحد,أحد",
  ]

  private static let monthNames = [
    "january,jan,janvier,janv,enero,ene,كانون الثاني,يناير,جانفي",
    "february,feb,février,fév,févr,febrero,شباط,فبراير,فيفري",
    "march,mars,marzo,آذار,مارس",
    "april,apr,avril,avr,abril,abr,نيسان,أبريل,إبريل,أفريل",
    "may,mai,mayo,أيار,مايو,ماي",
    "june,jun,juin,junio,حزيران,يونيو,يونيه,جوان",
    "july,jul,juillet,juil,julio,تموز,يوليو,يوليه,يوليوز,جويلية",
    "august,aug,août,agosto,ago,آب,أغسطس,غشت,أوت",
    "september,sep,sept,septembre,septiembre,setiembre,أيلول,سبتمبر,شتنبر",
    "october,oct,octobre,octubre,تشرين الأول,أكتوبر",
    "november,nov,novembre,noviembre,تشرين الثاني,نوفمبر,نونبر",
    "december,dec,décembre,déc,diciembre,dic,كانون الأول,ديسمبر,دجنبر",
  ]
}
