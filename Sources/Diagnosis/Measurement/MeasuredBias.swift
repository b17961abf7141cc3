import Foundation
import RoPE

/// Changes that are too small for one element to show them, but not for all.
extension Measurement {
  /// The factor of all results, or the change of all angles, that shows in all elements together; nil if there is none, or
  /// if an element is still wrong after it.
  ///
  /// - Throws: ``OutputError``.
  func bias() throws -> Finding? { try gainBias() ?? angleBias() }

  /// A factor of all results that is too near 1 for one element to show it, but not for all; nil if there is none, or
  /// if an element is still wrong after it.
  ///
  /// The factor of each pair of each token counts once, because the heads of a token share their cosines and sines.
  private func gainBias() throws -> Finding? {
    let groups = Dictionary(grouping: observations) { [$0.row.token, $0.pair] }
    let each: [Double] = groups.values.compactMap { gain($0, output: nil)?.value }
    let count = Double(each.count), mean = each.reduce(0, +) / count
    let squares = each.map { ($0 - mean) * ($0 - mean) }
    let error = (squares.reduce(0, +) / count / (count - 1)).squareRoot()
    guard each.count >= Self.fewElements, (mean - 1).magnitude > Self.standardErrors * error,
      (mean - 1).magnitude < Self.largestBias
    else { return nil }
    let factor = Fitted(mean, uncertainty: Self.standardErrors * error)
    guard isFactor(factor) else { return nil }
    var residual = 0.0
    for seen in observations + (try confirming()) {
      let error = seen.actual - seen.exact * mean, limit = seen.limit + factor.uncertainty * seen.size
      residual = max(residual, error.x.magnitude / limit.x, error.y.magnitude / limit.y)
    }
    return residual <= 1
      ? Finding(changes: [.gain(factor)], alternatives: [], place: nil, residual: residual) : nil
  }

  /// The distance from 1 beyond which each element shows a factor by itself.
  private static let largestBias = 0.1

  /// The change of all angles that most pairs agree on.
  private func angleBias() throws -> Finding? {
    guard let turns = turns(observations) else { return nil }
    let found = slopes(turns).compactMap { slope -> (rule: AngleRule, precision: Double)? in
      guard let number = slope.number(turns), number.value.magnitude > number.uncertainty else { return nil }
      return (slope.rule(number), number.value.magnitude / number.uncertainty)
    }
    guard let best = found.max(by: { $0.precision < $1.precision }) else { return nil }
    let candidate = candidate(best.rule), all = observations + (try confirming())
    guard let residual = candidate.largestError(of: all), residual <= 1 else { return nil }
    return Finding(changes: candidate.changes, alternatives: [], place: nil, residual: residual)
  }

  private func slopes(_ turns: [MeasuredTurn]) -> [AngleSlope] {
    let facts = facts
    var slopes = [
      AngleSlope(change: { .shift($0) }) { facts.frequencies[$1] },
      AngleSlope(change: { .multiple(Fitted(1 + $0.value, uncertainty: $0.uncertainty)) }) { facts.angle($0, $1) },
    ]
    if let base = facts.base, base > 1 {
      slopes.append(
        AngleSlope(
          change: { exponent in
            let wrong = pow(base, 1 + exponent.value)
            return .base(Fitted(wrong, uncertainty: wrong * log(base) * exponent.uncertainty), instead: base)
          },
          slope: { token, pair in
            facts.angle(token, pair) * log(max(facts.frequencies[pair].magnitude, .leastNormalMagnitude))
          }))
    }
    return slopes
  }
}

/// A small change of angles that grows with one number.
private struct AngleSlope {
  /// The number of pairs of equal weight from which on their spread measures an error.
  private static let fewestPairs = 4.0

  /// The change by its number, which is 0 for no change.
  let change: (Fitted) -> MeasuredChange
  /// Radians per unit of the number, of a pair of a token.
  let slope: (_ token: Int, _ pair: Int) -> Double

  /// The number on which the pairs agree, each with all its tokens, because they share a frequency; nil if too few tell
  /// it.
  ///
  /// It is uncertain by ``Measurement/standardErrors``, as the pairs differ.
  func number(_ turns: [MeasuredTurn]) -> Fitted? {
    let each = Dictionary(grouping: turns, by: \.pair).values.compactMap { turns -> (number: Double, weight: Double)? in
      var product = 0.0, weight = 0.0
      for turn in turns {
        let slope = slope(turn.token, turn.pair), square = turn.uncertainty * turn.uncertainty
        product += slope * turn.angle / square
        weight += slope * slope / square
      }
      return weight > 0 && weight.isFinite ? (product / weight, weight) : nil
    }
    let weight = each.reduce(0) { $0 + $1.weight }, squares = each.reduce(0) { $0 + $1.weight * $1.weight }
    guard weight > 0, weight * weight / squares >= Self.fewestPairs else { return nil }
    let mean = each.reduce(0) { $0 + $1.number * $1.weight } / weight
    let spread = each.reduce(0) { $0 + $1.weight * ($1.number - mean) * ($1.number - mean) } / weight
    let error = (spread / (weight * weight / squares - 1)).squareRoot()
    return Fitted(mean, uncertainty: max(Measurement.standardErrors * error, mean.ulp))
  }

  func rule(_ number: Fitted) -> AngleRule {
    AngleRule(
      change: change(number), reach: { number.uncertainty * slope($0, $1).magnitude },
      turn: { number.value * slope($0, $1) })
  }
}
