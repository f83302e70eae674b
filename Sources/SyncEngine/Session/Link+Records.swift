// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

/// Records in, frames to the conversation; its frames out as records.
extension Link {
  func hear(_ bytes: [UInt8], _ now: UInt64) {
    var rest = bytes[...]
    do {
      while !isOver, !rest.isEmpty {
        clock.record = clock.record ?? now
        guard let plaintext = try cipher!.open(&rest) else { return }
        clock.record = nil
        hearFrames(plaintext, now)
      }
    } catch { leave(.malformed("a record isn't authentic")) }
  }

  private func hearFrames(_ plaintext: [UInt8], _ now: UInt64) {
    let waitingThen = decoder.waiting
    decoder.feed(plaintext)
    do throws(DecodingError) {
      while !isOver, let raw = try decoder.nextRaw() {
        let frame = try Frame(type: raw.type, payload: raw.payload)
        if frame.isOfUse { clock.useful = now }
        apply(conversation!.handle(.frame(frame, size: raw.payload.count)), now)
      }
      if decoder.waiting >= waitingThen + LinkLimits.part { clock.useful = now }
    } catch { apply(conversation!.fail(.malformed("a frame: \(error)"), as: nil), now) }
  }

  /// Fetches changes to send while there is room for them. A record ends with a frame as far as it can, so
  /// that what came before a link breaks is of use.
  func pump(_ now: UInt64) {
    while case .talking = phase, outstanding + frames.count < LinkLimits.outgoing {
      let before = effects.count + frames.count
      apply(conversation!.handle(.room), now)
      if effects.count + frames.count == before { return }
      if frames.count >= recordSize { flush(now) }
    }
  }

  /// Like frames, no record is much larger than all that went out before it.
  private var recordSize: Int { min(max(LinkLimits.firstRecord, bytesOut / 2), LinkLimits.record) }

  func apply(_ wanted: [SessionEffect], _ now: UInt64) {
    for effect in wanted {
      switch effect {
      case .send(let bytes): frames += bytes
      case .progress(let progress): effects.append(.progress(progress))
      case .finished: finish(or: .cut)
      }
    }
    if conversation?.isClosing == true { clock.closing = clock.closing ?? now }
  }

  /// Seals what lies ready. `now` is nil where no time passes any more.
  func flush(_ now: UInt64?) {
    guard !frames.isEmpty, let cipher, !isOver else { return }
    do {
      hand(try cipher.sealAll(frames))
      frames = []
      guard let now else { return }
      clock.sent = now
      clock.ping = draw(LinkLimits.ping)
    } catch {
      frames = []
      leave(.limit("the session is too long"))
    }
  }

  /// Bytes for the other side.
  func hand(_ bytes: [UInt8]) {
    bytesOut += bytes.count
    outstanding += bytes.count
    effects.append(.send(bytes))
  }
}

extension Frame {
  /// Whether a frame carries a conversation on: what doesn't keeps no link alive for ever.
  fileprivate var isOfUse: Bool {
    switch self {
    case .ping, .pad, .unknown: false
    default: true
    }
  }
}
