// SPDX-License-Identifier: AGPL-3.0-or-later
import CRDT
import SyncEngine

extension RecordEditor {
  /// Turns what people made of texts into steps on the texts as they stand.
  /// - Returns: the texts that these steps are for.
  mutating func settleProses(_ replica: Replica) throws -> [TextVersion] {
    var texts: [TextVersion] = []
    for place in drafts.indices where !drafts[place].proses.isEmpty {
      let proses = drafts[place].proses.sorted { $0.key < $1.key }
      drafts[place].proses = [:]
      for (name, prose) in proses {
        let text = try standing(name, place, replica)
        let steps = try prose.steps(on: text)
        guard !steps.isEmpty else { continue }
        if case .known = drafts[place].target { texts.append(text) }
        put(TextPieces(steps).changes, into: name, of: place)
      }
    }
    return texts
  }

  /// The text that a draft edits; that of a new record is empty.
  private func standing(_ name: CellKey, _ place: Int, _ replica: Replica) throws -> TextVersion {
    let space = drafts[place].space
    guard case .known(let id) = drafts[place].target else {
      return TextVersion(record: RecordID(high: 0, low: 0), space: space, name: name, text: "", mark: nil)
    }
    return try replica.text(name, of: id, in: space)
  }

  /// What one change has no room for goes into changes of its own, after all others.
  private mutating func put(_ pieces: [[TextEdit]], into name: CellKey, of place: Int) {
    let isTogether = size(of: place).bytes + TextPieces.size(of: pieces[0]) <= Self.byteRoom
    if pieces.count > 1 || !isTogether { giveID(place) }
    if isTogether { drafts[place].steps[name] = pieces[0] }
    for piece in pieces.dropFirst(isTogether ? 1 : 0) {
      var draft = Draft(target: drafts[place].target, space: drafts[place].space)
      draft.steps[name] = piece
      draft.startsChange = true
      drafts.append(draft)
    }
  }
}

extension RecordEditor.Prose {
  /// Its author's steps, on a text that others may have changed since they opened it.
  fileprivate func steps(on text: TextVersion) throws -> [TextEdit] {
    guard !text.isOverfull else {
      throw ReplicaError.tooLarge("more was written and deleted in this text than one can hold")
    }
    var steps = TextEdit.difference(from: opened, to: saved)
    let others = TextEdit.difference(from: opened, to: text.text)
    let length = opened.unicodeScalars.count
    if !others.isEmpty { steps = try TextEdit.rebase(steps, over: others, onLength: length) }
    let after = try TextEdit.apply(steps, to: text.text)
    guard after.unicodeScalars.count <= TextBounds.scalarsMax else {
      throw ReplicaError.tooLarge("a text has at most 4,194,304 characters")
    }
    return steps
  }
}
