// SPDX-License-Identifier: AGPL-3.0-or-later

/// A number between two others: an integer part, and digits from 1 to 255 after the point, where 1 is the
/// zero.
struct OrderFraction: Hashable, Sendable {
  var int: Int64
  var digits: [UInt8]

  /// Below every canonical fraction, so that there is always room in front.
  static let floor = OrderFraction(int: .min, digits: [])

  /// A last digit of 1 would leave no room below it.
  var isCanonical: Bool {
    digits.last != 1 && !digits.contains(0) && self != .floor
  }

  /// A short fraction strictly between two others; nil is an open end. It depends on them alone, so that two
  /// writers at the same spot choose the same one and their tags decide.
  static func between(_ lower: OrderFraction?, _ upper: OrderFraction?) -> OrderFraction {
    switch (lower, upper) {
    case (nil, nil): OrderFraction(int: 0, digits: [])
    case (let lower?, nil): above(lower)
    case (nil, let upper?) where upper.int > .min + 1: OrderFraction(int: upper.int - 1, digits: [])
    case (let lower, let upper?): between(lower ?? .floor, upper)
    }
  }

  private static func above(_ lower: OrderFraction) -> OrderFraction {
    if lower.int < .max { return OrderFraction(int: lower.int + 1, digits: []) }
    return OrderFraction(int: lower.int, digits: digits(above: lower.digits, below: nil))
  }

  private static func between(_ lower: OrderFraction, _ upper: OrderFraction) -> OrderFraction {
    if lower.int == upper.int {
      return OrderFraction(int: lower.int, digits: digits(above: lower.digits, below: upper.digits))
    }
    let distance = UInt64(bitPattern: upper.int &- lower.int)
    if distance > 1 { return OrderFraction(int: lower.int &+ Int64(distance / 2), digits: []) }
    if !upper.digits.isEmpty { return OrderFraction(int: upper.int, digits: []) }
    return OrderFraction(int: lower.int, digits: digits(above: lower.digits, below: nil))
  }

  /// Copies digits until two differ by enough to put one between them. Nil is an open end.
  private static func digits(above lower: [UInt8], below upper: [UInt8]?) -> [UInt8] {
    var upper = upper
    var result: [UInt8] = []
    while true {
      let place = result.count
      let low = place < lower.count ? Int(lower[place]) : 1
      let high = upper.map { Int($0[place]) } ?? 256
      if high - low > 1 { return result + [UInt8((low + high) / 2)] }
      if high > low {
        if let upper, upper.count > place + 1 { return result + [UInt8(high)] }
        upper = nil
      }
      result.append(UInt8(low))
    }
  }
}
