// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import MujawaraCrypto

extension RecordID {
  /// The id of a record that is made from something with a name elsewhere, so that whoever imports it into
  /// the same space makes the same record (protocol.md, section 16).
  public static func imported(kind: UInt64, source: String, externalID: String, into space: SpaceID)
    -> RecordID
  {
    var writer = CBORWriter()
    writer.array(count: 3)
    writer.uint(kind)
    writer.text(source)
    writer.text(externalID)
    return RecordID(ID16(Hash.H("import", space.bytes + writer.bytes), at: 0))
  }
}

extension ID16 {
  /// A name for a row that has none of its own, from the texts that identify it (protocol.md, section 16).
  public static func naming(row texts: [String]) -> ID16 {
    var writer = CBORWriter()
    writer.array(count: texts.count)
    for text in texts { writer.text(text) }
    return ID16(Hash.H("row", writer.bytes), at: 0)
  }
}
