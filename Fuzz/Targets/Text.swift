// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT

/// A text that several write at once, as what each of them claims to have done.
///
///     input = step*
///     step  = head, [number of the change whose author it follows], op{0,3}
///     head  = ops (2 bits) << 4 | past (2 bits) << 2 | log (2 bits)
///     op    = position, 1 to 127 scalars to insert or 128 + so many to delete
private struct TextStory {
  private(set) var changes: [TextChange] = []
  /// What each change had seen, itself included.
  private var pasts: [VersionVector] = []
  private var own = [VersionVector](repeating: VersionVector(), count: 4)
  private var all = VersionVector()

  init(_ bytes: [UInt8]) {
    var input = Input(bytes)
    while !input.isEmpty, changes.count < 64 { step(&input) }
  }

  private mutating func step(_ input: inout Input) {
    let head = input.byte()
    let log = Int(head & 3)
    var past = own[log]
    switch head >> 2 & 3 {
    case 0: past = all
    case 1: break
    default: if !pasts.isEmpty { past.merge(pasts[Int(input.byte()) % pasts.count]) }
    }
    let dot = Dot(log: UInt32(log), seq: own[log][UInt32(log)] + 1)
    let ops = (0..<Int(head >> 4 & 3)).map { TextOp(index: UInt32($0), edit: edit(&input)) }
    changes.append(TextChange(dot: dot, past: past, ops: ops))
    past.include(dot)
    pasts.append(past)
    own[log] = past
    all.include(dot)
  }

  private func edit(_ input: inout Input) -> TextEdit {
    let (place, size) = (input.byte(), Int(input.byte()))
    let position = place == 255 ? Int.max : place == 254 ? -1 : Int(place)
    if size >= 128 { return .delete(at: position, count: size == 255 ? Int.max : size - 128) }
    let letter = Unicode.Scalar(UInt8(97 + changes.count % 26))
    return .insert(at: position, String(String.UnicodeScalarView(repeatElement(letter, count: size))))
  }
}

extension FuzzTarget {
  /// The text is the same change by change, all at once, walked again, and read from what was packed.
  static let text = FuzzTarget("text-merge", longest: 512) { bytes in
    let changes = TextStory(bytes).changes
    var graph = TextGraph()
    var text: [Unicode.Scalar] = []
    for change in changes { try apply(try graph.merge([change], order: LogsByNumber()), to: &text) }
    let walked = graph.text(order: LogsByNumber())
    try require(Array(walked.unicodeScalars) == text, "the edits give “\(text)”, the history “\(walked)”")
    var whole = TextGraph()
    _ = try whole.merge(changes, order: LogsByNumber())
    try require(whole.text(order: LogsByNumber()) == walked, "all at once it is another text")
    let again = try TextGraph(tip: try TextTip(packed: graph.tip.packed), packedChanges: graph.packedChanges)
    try require(again.text(order: LogsByNumber()) == walked, "packed and read it is another text")
    return !text.isEmpty
  }

  private static func apply(_ edits: [TextEdit], to text: inout [Unicode.Scalar]) throws {
    for edit in edits {
      switch edit {
      case .insert(let place, let string):
        try require((0...text.count).contains(place), "\(edit) on a text of \(text.count)")
        text.insert(contentsOf: string.unicodeScalars, at: place)
      case .delete(let place, let count):
        try require(place >= 0 && count > 0 && place <= text.count - count, "\(edit) on a text of \(text.count)")
        text.removeSubrange(place..<place + count)
      }
    }
  }
}

/// A text's logs in the order of their local numbers.
struct LogsByNumber: LogOrder {
  func log(_ one: UInt32, precedes other: UInt32) -> Bool { one < other }
}
