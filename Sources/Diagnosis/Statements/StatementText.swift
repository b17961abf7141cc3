import Judging
import RoPE

extension Statement: CustomStringConvertible {
  /// The statement in a sentence, such as `key matches pairing-swapped (B04): …`.
  package var description: String { (run.map { "in run \($0), " } ?? "") + finding }

  /// The tensors, with the part of them that is wrong: `key, head 3 of 4`.
  private var subject: String {
    let names = tensors.map(\.rawValue).joined(separator: " and ")
    guard let place, !place.sets.isEmpty else { return names }
    return "\(names) (\(place))"
  }

  private var isOne: Bool { tensors.count == 1 }

  private var finding: String {
    switch cause {
    case .changes(let changes, let residual, let within):
      let rest = within.map { "what remains is rounding: \($0.name) holds" }
      return "\(subject) \(changes.map { $0.text(isOne) }.joined(separator: ", and "))\(others); "
        + (rest ?? "error \(residual.threeDigits) of the limit after this")
    case .rounding(let budget, let like):
      let known = like.map { ", like a computation that \($0.summary)" } ?? ""
      return
        "\(subject) \(isOne ? "exceeds its" : "exceed their") limits by no more than rounding does\(known): \(budget.name) holds"
    case .confined:
      return "\(subject): \(count) there \(isAre) wrong, all others are within their limits; \(unexplained)"
    case .unknown: return "\(subject): \(count) \(isAre) wrong; \(unexplained)"
    }
  }

  /// The wrong elements of the place, and all.
  private var count: String {
    place.map { "\($0.failedCount) of \($0.elementCount) element\($0.elementCount == 1 ? "" : "s")" } ?? "elements"
  }

  private var isAre: String { place?.failedCount == 1 ? "is" : "are" }

  private var unexplained: String { isCompared ? "no known mistake matches" : "not compared with known mistakes" }

  /// The changes that the case cannot tell from the one that is named.
  private var others: String {
    guard !alternatives.isEmpty else { return "" }
    let texts = alternatives.map { $0.text(isOne) }.joined(separator: ", or ")
    return " (this case cannot tell whether \(isOne ? "it" : "they") \(texts))"
  }

  /// The cause in a few words, without what differs from case to case: the heading of a group of cases.
  package var heading: String {
    switch cause {
    case .changes(let changes, _, _): changes.map(\.heading).joined(separator: ", and ")
    case .rounding(let budget, _): "no more than rounding: \(budget.name) holds"
    case .confined: "wrong in some places, by no known mistake"
    case .unknown: "no known mistake, in no particular place"
    }
  }
}

extension Change {
  /// The change as a predicate of one tensor, or of several.
  fileprivate func text(_ isOne: Bool) -> String {
    switch self {
    case .mistake(let mistake):
      var text = "\(isOne ? "matches" : "match") \(mistake.named): \(mistake.summary)"
      if !mistake.indistinguishable.isEmpty {
        text += " (this case cannot tell it from \(mistake.indistinguishable.joined(separator: ", ")))"
      }
      return text
    case .measured(let change): return change.text(isOne)
    }
  }

  /// The change in a few words.
  package var heading: String {
    switch self {
    case .mistake(let mistake): "\(mistake.named): \(mistake.summary)"
    case .measured(let change): change.heading
    }
  }
}

extension KnownMistake {
  /// The name, with the published bugs.
  package var named: String { bugs.isEmpty ? name : "\(name) (\(bugs.joined(separator: ", ")))" }
}

extension MeasuredChange {
  /// The change as a predicate of one tensor, or of several.
  func text(_ isOne: Bool) -> String {
    let (isAre, turns, has) = isOne ? ("is", "turns", "has") : ("are", "turn", "have")
    switch self {
    case .unrotated: return "\(isAre) not rotated: the outputs are the inputs"
    case .zero: return "\(isAre) 0"
    case .exchanged: return "\(has) the two outputs of each pair exchanged"
    case .negated: return "\(has) the wrong sign"
    case .gain(let factor): return "\(isAre) \(factor.text(insteadOf: 1)) times the result"
    case .noAngle: return "\(turns) by the angle 0, whatever the position"
    case .opposite: return "\(turns) in the wrong direction: by the negated angle"
    case .multiple(let factor): return "\(turns) by \(factor.text(insteadOf: 1)) times the position"
    case .shift(let shift):
      return "\(turns) by a position that is \(shift.magnitude.text) \(shift.value < 0 ? "less" : "more") than given"
    case .position(let position): return "\(turns) every token by the position \(position.text)"
    case .otherToken(let distance):
      return "\(turns) each token by the position \(Self.distance(distance, "token")), as far as its row has one"
    case .otherBatchRow(let row): return "\(turns) every row of the batch by the positions of row \(row)"
    case .otherTensor: return "\(turns) by the positions of the other tensor"
    case .otherAxis(let axis): return "\(turns) by the positions of axis \(axis)"
    case .inverseFrequency: return "\(turns) by the position divided by the frequency, not multiplied"
    case .otherPair(let distance):
      return "\(turns) by the frequency \(Self.distance(distance, "pair"))"
    case .frequencyMultiple(let factor): return "\(turns) by \(factor.text(insteadOf: 1)) times the frequency"
    case .base(let base, let right): return "\(turns) by frequencies of the base \(base.text(insteadOf: right))"
    }
  }

  private static func distance(_ distance: Int, _ step: String) -> String {
    "\(distance.magnitude) \(step)\(distance.magnitude == 1 ? "" : "s") \(distance > 0 ? "after" : "before") it"
  }
}

extension MeasuredChange {
  /// The kind of change in a few words, without its number.
  package var heading: String {
    switch self {
    case .unrotated: "not rotated: the outputs are the inputs"
    case .zero: "the outputs are 0"
    case .exchanged: "the two outputs of each pair are exchanged"
    case .negated: "one output of each pair has the wrong sign"
    case .gain: "the results are multiplied by a factor"
    case .noAngle: "the angle is 0, whatever the position"
    case .opposite: "the angle is negated"
    case .multiple: "positions are multiplied by a factor"
    case .shift: "positions are shifted"
    case .position: "every token has one position"
    case .otherToken: "tokens have the positions of others"
    case .otherBatchRow: "every row of the batch has the positions of one"
    case .otherTensor: "positions are those of the other tensor"
    case .otherAxis: "positions are those of another axis"
    case .inverseFrequency: "positions are divided by the frequency, not multiplied"
    case .otherPair: "the frequency is that of another pair"
    case .frequencyMultiple: "frequencies are multiplied by a factor"
    case .base: "frequencies are those of another base"
    }
  }
}

extension Fitted {
  /// The number without its sign.
  var magnitude: Fitted { Fitted(value.magnitude, uncertainty: uncertainty) }
}
