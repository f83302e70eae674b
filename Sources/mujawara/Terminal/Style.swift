// SPDX-License-Identifier: AGPL-3.0-or-later

/// How text may look; never what it means (ECMA-48, SGR).
enum Style: Int, Sendable {
  case bold = 1
  case dim = 2
  case red = 31
  case green = 32
  case yellow = 33
  case blue = 34
  case cyan = 36
}
