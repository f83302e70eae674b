// SPDX-License-Identifier: AGPL-3.0-or-later

/// Whether a change's ops take effect (protocol.md, section 6, "Which changes count").
public enum CountVerdict: Hashable, Sendable {
  case counts
  /// These governance changes, ascending, aren't held: the change waits.
  case unknownGovernance([ChangeID])
  /// It is stored and relayed, but has no effect.
  case doesNot(Uncounted)
}

/// Why a change doesn't count. Only `premature` and `kind` are final; more governance may mend the others.
public enum Uncounted: Hashable, Sendable {
  /// A change of this kind has no place in this space, or is of an unknown kind.
  case kind
  /// No space of this id is known.
  case noSuchSpace
  /// The author is no present device.
  case stranger
  /// The space is of another place than the author's.
  case otherPlace
  /// The author hasn't the role that the change needs.
  case role
  /// The author has the role now, but not by the governance that the change names.
  case premature
}

/// What `counts` was asked.
struct CountQuestion: Hashable, Sendable {
  let author: PublicKey
  let kind: ChangeKind
  let space: SpaceID
  let gov: [ChangeID]
}

extension GovernanceGraph {
  /// Whether a change counts: its author must have the role that it needs both in Resolve of the set that
  /// ends in `gov` and in Resolve of all that is held.
  ///
  /// Answers are kept, so that asking about change after change of one log costs next to nothing.
  ///
  /// - Parameter gov: what the change names under header key 10, or carries on from an earlier one of its
  ///   log.
  public mutating func counts(
    author: PublicKey, kind: ChangeKind, space: SpaceID, gov: [ChangeID]
  ) -> CountVerdict {
    let question = CountQuestion(author: author, kind: kind, space: space, gov: gov)
    if let last = cache.last, last.question == question { return last.verdict }
    let verdict = cache.verdicts[question] ?? keep(answer(question), question)
    cache.remember(question, verdict)
    return verdict
  }

  private mutating func keep(_ verdict: CountVerdict, _ question: CountQuestion) -> CountVerdict {
    cache.keep(verdict, for: question)
    return verdict
  }

  private mutating func answer(_ question: CountQuestion) -> CountVerdict {
    if question.kind == .governance {
      return question.space == .zero ? .counts : .doesNot(.kind)
    }
    let here: View
    do throws(GovernanceError) {
      here = try view(through: question.gov)
    } catch {
      guard case .unknown(let ids) = error else { preconditionFailure("only unknown heads are refused") }
      return .unknownGovernance(ids)
    }
    if let objection = objection(to: question, viewOfAll()) { return .doesNot(objection) }
    return objection(to: question, here) == nil ? .counts : .doesNot(.premature)
  }

  private func objection(to question: CountQuestion, _ view: View) -> Uncounted? {
    guard let role = Self.role(for: question.kind), question.space != .zero else { return .kind }
    guard let space = spaces[question.space] else { return .noSuchSpace }
    guard let device = facts.signers[question.author], facts.isPresent(device, view) else { return .stranger }
    guard case .place(let place) = space else {
      return facts.roles(of: device, view).contains(role) ? nil : .role
    }
    let roles = facts.roles(of: device, in: place, view)
    return roles.contains(role) ? nil : roles.isEmpty ? .otherPlace : .role
  }

  private static func role(for kind: ChangeKind) -> Roles? {
    switch kind {
    case .content, .redaction: .writer
    case .keys: .reader
    case .governance, .unknown: nil
    }
  }
}
