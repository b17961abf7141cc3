import Foundation
import Goldens
import RoPE

/// Finds what the outputs of one tensor are, from inputs and outputs alone.
struct Measurement {
  /// What was found: the changes, the part of the tensor that they are in, and the error that remains.
  struct Finding {
    let changes: [MeasuredChange]
    /// Other changes that give the outputs of this case as well, each instead of the first.
    let alternatives: [MeasuredChange]
    /// Nil if they are everywhere.
    let place: Place?
    /// The largest remaining error as a multiple of what is allowed.
    let residual: Double
  }

  /// The factor by which changes must bring the largest error down to explain it.
  static let explainingFactor = 3.0
  /// Indicates whether what remains after one explanation is as little as after another, but for rounding.
  static func isAlike(_ residual: Double, _ least: Double) -> Bool { residual <= 1.5 * least + 0.25 }

  /// The number of elements up to which their spread is no measure of their errors.
  static let fewElements = 16
  /// The turn, in radians, up to which results have no other sign.
  private static let smallTurn = 0.1
  /// The number of standard errors beyond which a factor is no accident.
  static let standardErrors = 6.0

  let facts: RotationFacts
  let observations: [PairObservation]
  /// The rows of the observations, and of pairs whose values are not ordinary.
  private let rows: [RowIndex]
  /// The observations that must confirm what the others show.
  let confirming: () throws -> [PairObservation]
  private let place: Place

  /// A measurement of the observations of some rows of a tensor; `place` holds every wrong element.
  ///
  /// `confirming` are observations of all tokens, which are asked for only if the others show something.
  init(
    _ facts: RotationFacts, _ observations: [PairObservation], of rows: [RowIndex],
    confirming: @escaping () throws -> [PairObservation], place: Place
  ) {
    self.facts = facts
    self.observations = observations
    self.rows = rows
    self.confirming = confirming
    self.place = place
  }

  /// The simplest changes that give every observed output, in the largest part of the tensor; nil if none do.
  ///
  /// Only if none gives them within their limits, more is allowed for the errors of fitted numbers.
  func finding() throws -> Finding? {
    guard observations.contains(where: { !$0.isRight }) else { return nil }
    return try finding(isStrict: true) ?? finding(isStrict: false)
  }

  private func finding(isStrict: Bool) throws -> Finding? {
    for place in places {
      // A few ordinary pairs do not speak for all.
      guard let inside = inside(place, of: observations), 2 * inside.count >= pairCount(in: place) else { continue }
      let output = place[.output]?.first
      let fitting = candidates(inside, output: output).compactMap { candidate in
        candidate.residual(of: inside, output: output, isStrict: isStrict).map { (candidate: candidate, residual: $0) }
      }
      guard !fitting.isEmpty, let others = self.inside(place, of: try confirming()) else { continue }
      let confirmed = fitting.filter { $0.candidate.holds(for: others, output: output, isStrict: isStrict) }
      guard let (candidate, residual) = confirmed.first else { continue }
      let alike = confirmed.filter { Self.isAlike($0.residual, residual) }
      return Finding(
        changes: candidate.changes, alternatives: candidate.alternatives(among: alike.map(\.candidate)),
        place: place.sets.isEmpty ? nil : place, residual: residual)
    }
    return nil
  }

  /// The observations in a place; nil if one outside is wrong.
  private func inside(_ place: Place, of observations: [PairObservation]) -> [PairObservation]? {
    guard observations.allSatisfy({ $0.isRight || place.contains($0, facts) }) else { return nil }
    return observations.filter { place.contains($0, facts) }
  }

  /// The number of pairs of the rows that are in a place, with those whose values are not ordinary.
  private func pairCount(in place: Place) -> Int {
    rows.count { place.contains($0, of: facts.extent) }
      * facts.pairs.enumerated().count { place.contains(pair: $0.offset, axis: $0.element.axis) }
  }

  /// Indicates whether results are multiplied by a number: one that differs from 1 by more than rounding to a neighbour
  /// gives, whatever its direction.
  func isFactor(_ gain: Fitted) -> Bool {
    gain.isOther(than: 1) && (gain.value - 1).magnitude > 2 * facts.type.unitRoundoff
  }

  /// The place with fewer and fewer of its sets left out: a mistake that is everywhere has right results in places.
  private var places: [Place] {
    (0..<1 << place.sets.count).sorted { ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1) }.map { choice in
      place.keeping(place.sets.indices.filter { choice >> $0 & 1 == 1 }, facts)
    }
  }

  func candidates(_ inside: [PairObservation], output: Int?) -> [MeasuredCandidate] {
    var candidates = [
      MeasuredCandidate([.unrotated]) { $0.input },
      MeasuredCandidate([.zero]) { $0.actual == .zero ? .zero : nil },
    ]
    if let output {
      candidates.append(MeasuredCandidate([.negated(output: output)]) { $0.exact * SIMD2(-1, -1) })
    } else {
      candidates.append(MeasuredCandidate([.exchanged]) { SIMD2($0.exact.y, $0.exact.x) })
    }
    // A number that fits as many outputs as there are numbers says nothing.
    if let gain = gain(inside, output: output), isFactor(gain), inside.count > (output == nil ? 1 : 3),
      gain.isOther(than: 1, from: inside.count), gain.value.magnitude > 10 * gain.uncertainty
    {
      candidates.append(MeasuredCandidate([.gain(gain)], slack: gain.uncertainty) { $0.exact * gain.value })
    }
    return output == nil ? candidates + turnCandidates(inside) : candidates
  }

  /// The multiple of the right results that comes nearest to the outputs.
  func gain(_ inside: [PairObservation], output: Int?) -> Fitted? {
    var product = 0.0, square = 0.0, moment = 0.0
    for seen in inside {
      let exact = seen.exact.only(output)
      product += (seen.actual.only(output) * exact).sum()
      square += (exact * exact).sum()
      moment += seen.tolerance * (exact * exact).sum().squareRoot()
    }
    guard square > 0 else { return nil }
    let value = product / square
    var rest = 0.0
    for seen in inside {
      let error = (seen.actual - seen.exact * value).only(output)
      rest += (error * error).sum()
    }
    // Some standard errors, where there are enough elements to tell them; otherwise the largest error of the fit.
    let tolerance = moment / square
    let fitted = Self.standardErrors * (rest / Double(max(1, 2 * inside.count - 1)) / square).squareRoot()
    return Fitted(
      value, uncertainty: max(inside.count < Self.fewElements ? tolerance : min(fitted, tolerance), value.magnitude.ulp)
    )
  }

  /// The turn of each pair of each token; nil if the outputs of one are no turned result.
  func turns(_ inside: [PairObservation]) -> [MeasuredTurn]? {
    var turns: [MeasuredTurn] = []
    for (_, together) in Dictionary(grouping: inside, by: { [$0.row.token, $0.pair] }) {
      guard let first = together.first else { continue }
      let slack = facts.slack(facts.angle(first.row.token, first.pair))
      guard let turn = MeasuredTurn(together, slack: slack, gainSlack: facts.constantSlack) else { return nil }
      turns.append(turn)
    }
    return turns.sorted { ($0.token, $0.pair) < ($1.token, $1.pair) }
  }

  private func turnCandidates(_ inside: [PairObservation]) -> [MeasuredCandidate] {
    guard let turns = turns(inside) else { return [] }
    guard turns.contains(where: { $0.angle.magnitude > $0.uncertainty }), let gain = turns.map(\.gain).common else {
      return []
    }
    // The opposite result is turned by half a turn more. Small turns are not half a turn and a number that takes it back.
    guard turns.contains(where: { $0.angle.magnitude > Self.smallTurn }) else { return turnCandidates(turns, gain) }
    let opposite = Fitted(-gain.value, uncertainty: gain.uncertainty)
    return turnCandidates(turns, gain) + turnCandidates(turns.map(\.opposite), opposite)
  }

  private func turnCandidates(_ turns: [MeasuredTurn], _ gain: Fitted) -> [MeasuredCandidate] {
    let isScaled = isFactor(gain)
    // A factor and an angle give any one pair.
    guard !isScaled || turns.count > 1 && gain.isOther(than: 1, from: turns.count) else { return [] }
    return AngleRules(facts, turns).all().map { candidate($0, gain: isScaled ? gain : nil, slack: gain.uncertainty) }
  }

  /// The outputs by a rule for angles, and a factor.
  func candidate(_ rule: AngleRule, gain: Fitted? = nil, slack: Double = 0) -> MeasuredCandidate {
    let facts = facts
    return MeasuredCandidate(
      [rule.change] + (gain.map { [.gain($0)] } ?? []), slack: slack,
      angleSlack: { seen in
        let right = facts.angle(seen.row.token, seen.pair), turn = rule.turn(seen.row.token, seen.pair) ?? 0
        return facts.slack(right.magnitude + (right + turn).magnitude) + rule.reach(seen.row.token, seen.pair)
      }
    ) { seen in
      rule.turn(seen.row.token, seen.pair).map { turn in
        seen.exact.times(SIMD2(cos(turn), sin(turn))) * (gain?.value ?? 1)
      }
    }
  }
}

extension Fitted {
  /// Indicates whether a number is certainly not another one: by three times as much as it is uncertain, or ten times if
  /// it is known from few observations.
  func isOther(than number: Double, from count: Int = .max) -> Bool {
    (value - number).magnitude > (count < Measurement.fewElements ? 10 : 3) * uncertainty
  }
}

extension Place {
  /// Indicates whether a pair of a head of a token is in the place.
  func contains(_ seen: PairObservation, _ facts: RotationFacts) -> Bool {
    contains(seen.row, of: facts.extent) && contains(pair: seen.pair, axis: facts.pairs[seen.pair].axis)
  }

  /// The place with some of its sets.
  fileprivate func keeping(_ indices: [Int], _ facts: RotationFacts) -> Place {
    let kept = indices.map { sets[$0] }
    let whole = Double(facts.extent.tokenCount * facts.extent.heads * facts.pairs.count * 2)
    let count = kept.reduce(whole) { count, set in
      set.axis == .positionAxis
        ? count * Double(facts.pairs.count { set.contains($0.axis) }) / Double(facts.pairs.count)
        : count * Double(set.values.count) / Double(set.count)
    }
    return Place(kept, failedCount: failedCount, elementCount: Int(count.rounded()))
  }
}
