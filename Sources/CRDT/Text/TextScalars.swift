// SPDX-License-Identifier: AGPL-3.0-or-later

extension String {
  /// The numbers of its scalars.
  var scalarValues: [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(utf8.count)
    for byte in utf8 {
      if byte & 0xC0 == 0x80 {
        result[result.count - 1] = result[result.count - 1] << 6 | UInt32(byte & 0x3F)
      } else {
        let mask: UInt8 = byte < 0x80 ? 0x7F : byte < 0xE0 ? 0x1F : byte < 0xF0 ? 0x0F : 0x07
        result.append(UInt32(byte & mask))
      }
    }
    return result
  }

  /// From the numbers of scalars.
  init(scalarValues values: some Collection<UInt32>) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count)
    for value in values {
      if value < 0x80 { bytes.append(UInt8(value)) } else { bytes += UTF8.encode(Unicode.Scalar(value)!)! }
    }
    self.init(decoding: bytes, as: UTF8.self)
  }

  init(scalars: ArraySlice<Unicode.Scalar>) {
    self.init(scalarValues: scalars.lazy.map(\.value))
  }
}
