import Foundation
import Goldens
import RoPE

/// A rule for wrong angles, in words and as a function.
struct AngleRule {
  let change: MeasuredChange
  /// The angle beyond the right one, in radians, of a pair of a token; nil if the rule does not say.
  let turn: (_ token: Int, _ pair: Int) -> Double?
  /// The error of `turn` in radians, from the error of the fitted number.
  let reach: (_ token: Int, _ pair: Int) -> Double

  init(
    change: MeasuredChange, reach: @escaping (_ token: Int, _ pair: Int) -> Double = { _, _ in 0 },
    turn: @escaping (_ token: Int, _ pair: Int) -> Double?
  ) {
    (self.change, self.reach, self.turn) = (change, reach, turn)
  }
}

/// The rules that explain measured turns.
struct AngleRules {
  private let facts: RotationFacts
  private let turns: [MeasuredTurn]

  init(_ facts: RotationFacts, _ turns: [MeasuredTurn]) {
    self.facts = facts
    self.turns = turns
  }

  /// The chance up to which turns that agree are no accident.
  private static let smallestChance = 0.01

  private var isOnePair: Bool { Set(turns.map(\.pair)).count == 1 }

  /// The rules that change something and that more turns agree with than an accident explains, the simplest first.
  func all() -> [AngleRule] {
    // One of several pairs has no positions of its own.
    let rules = fixed + (isOnePair && facts.pairs.count > 1 ? [] : positions) + frequencies
    return rules.filter { rule in
      isKnown(rule.change) && agrees(rule) && chance(rule, of: rules.count) < Self.smallestChance
    }
  }

  /// False for a number that the turns are too few to tell from the right one.
  private func isKnown(_ change: MeasuredChange) -> Bool {
    switch change {
    case .multiple(let value), .frequencyMultiple(let value): value.isOther(than: 1, from: turns.count)
    case .shift(let value): value.isOther(than: 0, from: turns.count)
    case .base(let value, let right): value.isOther(than: right, from: turns.count)
    default: true
    }
  }

  /// The chance that all turns agree with one of some rules by accident.
  private func chance(_ rule: AngleRule, of count: Int) -> Double {
    // Small angles agree with most rules.
    let telling = turns.filter { $0.angle.magnitude > $0.uncertainty }
    let chances = telling.map { turn in
      min(1, (turn.uncertainty + slack(rule, turn) + rule.reach(turn.token, turn.pair)) / .pi)
    }
    // A number that is fitted agrees with the most precise turn whatever it is.
    return chances.sorted().dropFirst(rule.change.value == nil ? 0 : 1).reduce(Double(count), *)
  }

  /// The error of a rule's angle, as far as the exact results do not tell it.
  private func slack(_ rule: AngleRule, _ turn: MeasuredTurn) -> Double {
    let right = facts.angle(turn.token, turn.pair), predicted = rule.turn(turn.token, turn.pair) ?? 0
    return facts.slack(right.magnitude + (right + predicted).magnitude)
  }

  private func agrees(_ rule: AngleRule) -> Bool {
    turns.allSatisfy { turn in
      guard let predicted = rule.turn(turn.token, turn.pair) else { return false }
      return (turn.angle - predicted).wrapped.magnitude
        <= turn.uncertainty + slack(rule, turn) + rule.reach(turn.token, turn.pair)
    }
  }

  /// Rules without a number.
  private var fixed: [AngleRule] {
    let facts = facts
    var rules = [
      AngleRule(change: .noAngle) { -facts.angle($0, $1) },
      AngleRule(change: .opposite) { -2 * facts.angle($0, $1) },
    ]
    for axis in 0..<facts.extent.positions.axisCount where facts.extent.positions.axisCount > 1 {
      rules.append(
        AngleRule(change: .otherAxis(axis)) { token, pair in
          (facts.position(token, pair, axis: axis) - facts.position(token, pair)) * facts.frequencies[pair]
        })
    }
    if facts.other != nil {
      rules.append(
        AngleRule(change: .otherTensor) { token, pair in
          facts.positionOfOther(token, pair).map { ($0 - facts.position(token, pair)) * facts.frequencies[pair] }
        })
    }
    return rules
  }

  // MARK: Positions

  /// Rules by which positions are wrong, with the numbers that the turns give.
  private var positions: [AngleRule] {
    let facts = facts, nearRight = positionErrors(near: 1)
    var rules: [AngleRule] = []
    if isPositionKnown, let shift = nearRight?.map(\.error).common {
      rules.append(
        AngleRule(
          change: .shift(shift), reach: { shift.uncertainty * facts.frequencies[$1].magnitude },
          turn: { shift.value * facts.frequencies[$1] }))
    }
    for (near, errors) in multiples.map({ ($0, $0 == 1 ? nearRight : positionErrors(near: $0)) }) {
      let multiples = errors?.filter { $0.position != 0 }.map { position, error in
        Fitted(near + error.value / position, uncertainty: error.uncertainty / position.magnitude)
      }
      guard let multiple = multiples?.common else { continue }
      rules.append(
        AngleRule(
          change: .multiple(multiple), reach: { multiple.uncertainty * facts.angle($0, $1).magnitude },
          turn: { (multiple.value - 1) * facts.angle($0, $1) }))
    }
    return rules + tokenRules + onePosition(nearRight)
  }

  /// False for pairs of one frequency: whole turns of it are a position, too.
  private var isPositionKnown: Bool { Set(turns.map { facts.frequencies[$0.pair] }).count > 1 }

  /// The multiples of a position or frequency that are tried where angles are too large to tell their whole turns.
  ///
  /// None if pairs of one frequency all turn by one angle: whole turns are an unknown shift of the position then.
  private var multiples: [Double] {
    let isShift = turns.allSatisfy { turn in
      (turn.angle - turns[0].angle).wrapped.magnitude <= turn.uncertainty + turns[0].uncertainty
    }
    return isShift && !isPositionKnown ? [] : [1, 0.5, 2, 0.25, 4, 1.5, 3, 0.75]
  }

  /// The position of each token and axis beyond a multiple of the right one, which all its pairs together tell; nil if
  /// they contradict each other.
  private func positionErrors(near multiple: Double) -> [(position: Double, error: Fitted)]? {
    var errors: [(position: Double, error: Fitted)] = []
    for turns in Dictionary(grouping: turns, by: { [$0.token, facts.pairs[$0.pair].axis] }).values {
      let samples = turns.map { sample($0, near: multiple, factor: facts.frequencies[$0.pair]) }
      guard let error = samples.unwrapped() else { return nil }
      errors.append((turns.first.map { facts.position($0.token, $0.pair) } ?? 0, error))
    }
    return errors
  }

  /// A turn beyond that of a multiple of the right angle.
  private func sample(_ turn: MeasuredTurn, near multiple: Double, factor: Double) -> PhaseSample {
    let beyond = (multiple - 1) * facts.angle(turn.token, turn.pair)
    return PhaseSample(
      factor: factor, angle: (turn.angle - beyond).wrapped, uncertainty: turn.uncertainty + facts.slack(beyond))
  }

  /// The rule that every token has one position; `errors` are those beyond the right ones.
  private func onePosition(_ errors: [(position: Double, error: Fitted)]?) -> [AngleRule] {
    let facts = facts
    let given = errors?.map { Fitted($0.position + $0.error.value, uncertainty: $0.error.uncertainty) }.common
    // It shows only if several tokens have different positions.
    guard isPositionKnown, Set(turns.map { facts.position($0.token, $0.pair) }).count > 1,
      let position = given ?? positionErrors(near: 0)?.map(\.error).common
    else { return [] }
    return [
      AngleRule(
        change: .position(position), reach: { position.uncertainty * facts.frequencies[$1].magnitude },
        turn: { token, pair in (position.value - facts.position(token, pair)) * facts.frequencies[pair] })
    ]
  }

  /// Rules by which tokens have the positions of others.
  private var tokenRules: [AngleRule] {
    let facts = facts, sequence = facts.extent.sequence
    func rule(_ change: MeasuredChange, _ source: @escaping (Int) -> Int) -> AngleRule {
      AngleRule(change: change) { token, pair in
        (facts.position(source(token), pair) - facts.position(token, pair)) * facts.frequencies[pair]
      }
    }
    var rules: [AngleRule] = []
    if facts.extent.batch > 1 {
      rules = [0, facts.extent.batch - 1].map { row in
        rule(.otherBatchRow(row)) { row * sequence + $0 % sequence }
      }
    }
    // The first and the last token of a row keep their own positions.
    return rules
      + [-1, 1, -2, 2].filter { abs($0) < sequence }.map { distance in
        rule(.otherToken(distance)) { token in
          token / sequence * sequence + min(max(token % sequence + distance, 0), sequence - 1)
        }
      }
  }

  // MARK: Frequencies

  /// Rules by which frequencies are wrong, with the numbers that the turns give.
  private var frequencies: [AngleRule] {
    let facts = facts, right = facts.frequencies
    func rule(
      _ change: MeasuredChange, relative: @escaping (Int) -> Double = { _ in 0 },
      _ frequency: @escaping (Int) -> Double?
    ) -> AngleRule {
      AngleRule(
        change: change, reach: { relative($1) * facts.angle($0, $1).magnitude },
        turn: { token, pair in frequency(pair).map { facts.position(token, pair) * ($0 - right[pair]) } })
    }
    var rules = [rule(.inverseFrequency) { right[$0] == 0 ? nil : 1 / right[$0] }]
    let reach = isOnePair ? right.count - 1 : 2
    for distance in (1...max(1, reach)).flatMap({ [-$0, $0] }) where !isOnePair || isOnly(distance) {
      rules.append(
        rule(.otherPair(distance)) { right.indices.contains($0 + distance) ? right[$0 + distance] : nil })
    }
    for near in multiples {
      guard let multiple = frequencyMultiples(near: near)?.map(\.multiple).common else { continue }
      rules.append(
        rule(.frequencyMultiple(multiple), relative: { _ in multiple.uncertainty }) { multiple.value * right[$0] })
    }
    if let base = facts.base, base > 1, let multiples = frequencyMultiples(near: 1) {
      let exponents = multiples.compactMap { pair, multiple -> Fitted? in
        let log = log(right[pair].magnitude)
        guard log != 0, multiple.value > 0 else { return nil }
        return Fitted(
          1 + Foundation.log(multiple.value) / log,
          uncertainty: multiple.uncertainty / multiple.value / log.magnitude)
      }
      // One pair alone has any base.
      if exponents.count > 1, let exponent = exponents.common {
        let wrong = pow(base, exponent.value)
        let fitted = Fitted(wrong, uncertainty: wrong * log(base) * exponent.uncertainty)
        if fitted.digits > 1 {
          rules.append(
            rule(
              .base(fitted, instead: base),
              relative: { exponent.uncertainty * log(max(right[$0].magnitude, .leastNormalMagnitude)).magnitude }
            ) { pair in
              right[pair].sign == .minus ? -pow(-right[pair], exponent.value) : pow(right[pair], exponent.value)
            })
        }
      }
    }
    return rules
  }

  /// The part of the distance to the next frequency within which that of another pair is no accident.
  private static let smallPart = 0.05

  /// The fewest positions that tell one of many frequencies from the others.
  private static let neededPositions = 3

  /// Indicates whether the turns tell the frequency of the pair at a distance from that of its neighbours.
  private func isOnly(_ distance: Int) -> Bool {
    guard let pair = turns.first?.pair, facts.frequencies.indices.contains(pair + distance),
      facts.frequencies[pair] != 0,
      Set(turns.map { facts.position($0.token, $0.pair) }).count >= Self.neededPositions
    else { return false }
    let wrong = facts.frequencies[pair + distance],
      neighbours = [pair + distance - 1, pair + distance + 1]
        .filter(facts.frequencies.indices.contains).map { (facts.frequencies[$0] - wrong).magnitude }
    // The turns of the farthest position tell a frequency best.
    let uncertainty = turns.map { turn in
      turn.uncertainty / max(facts.position(turn.token, turn.pair).magnitude, .leastNormalMagnitude)
    }.min()
    guard let uncertainty, let nearest = neighbours.min() else { return false }
    return uncertainty < Self.smallPart * nearest
  }

  /// The multiple of the right frequency that each pair has, which all its tokens together tell; nil if they contradict
  /// each other.
  private func frequencyMultiples(near multiple: Double) -> [(pair: Int, multiple: Fitted)]? {
    var multiples: [(pair: Int, multiple: Fitted)] = []
    for (pair, turns) in Dictionary(grouping: turns, by: \.pair) where facts.frequencies[pair] != 0 {
      let samples = turns.map { sample($0, near: multiple, factor: facts.position($0.token, pair)) }
      guard samples.contains(where: { $0.factor != 0 }) else { continue }
      guard let error = samples.unwrapped() else { return nil }
      let right = facts.frequencies[pair]
      multiples.append(
        (pair, Fitted(multiple + error.value / right, uncertainty: error.uncertainty / right.magnitude)))
    }
    return multiples
  }
}
