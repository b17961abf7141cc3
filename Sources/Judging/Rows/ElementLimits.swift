import Goldens
import RoPE

/// The exact results of a case, and the largest error that each output element may have.
package struct ElementLimits {
  private let golden: Golden
  private let rule: ToleranceRule

  /// The limits that a rule gives.
  package init(_ golden: Golden, _ rule: ToleranceRule) {
    self.golden = golden
    self.rule = rule
  }

  /// Tokens that are in memory at a time.
  private static let slab = 256

  /// Writes the values of one tensor as `[tokens, heads, D]`.
  ///
  /// An output whose error is within its limit conforms. One that is beyond it fails, unless it lies in a larger binade
  /// than the exact result, where ½ ulp of its own is allowed; see ``LimitTerms/limit(_:output:)``. An infinity counts as
  /// the number that would follow the largest finite one. The limit of a copied element is 0. If the exact result is NaN
  /// or infinite, the limit is infinite where the rule allows any other such value, and 0 elsewhere.
  package func write(
    _ tensor: TensorExtent, expected: UnsafeMutableBufferPointer<Double>, limits: UnsafeMutableBufferPointer<Double>
  ) {
    let judge = RowJudge(golden, positions: tensor.positions, budget: rule.budget)
    let dimension = golden.plan.headDimension
    limits.initialize(repeating: 0)
    for first in stride(from: 0, to: tensor.tokenCount, by: Self.slab) {
      let tokens = first..<min(first + Self.slab, tensor.tokenCount), exact = golden.truth.rows(tensor.name, tokens)
      let start = first * tensor.heads * dimension
      _ = UnsafeMutableBufferPointer(rebasing: expected[start..<start + exact.expected.count])
        .initialize(from: exact.expected)
      exact.values.withUnsafeBufferPointer { values in
        exact.expected.withUnsafeBufferPointer { exact in
          for row in 0..<tokens.count * tensor.heads {
            let channels = row * dimension..<(row + 1) * dimension
            let values = UnsafeBufferPointer(rebasing: values[channels])
            let exact = UnsafeBufferPointer(rebasing: exact[channels])
            for (number, pair) in judge.plan.pairs.enumerated() {
              for channel in [pair.output.first, pair.output.second] {
                let scale = judge.scale(
                  ofToken: first + row / tensor.heads, number, channel: channel, values, exact)
                limits[start + channels.lowerBound + channel] = limit(scale, exact[channel])
              }
            }
          }
        }
      }
    }
  }

  private func limit(_ scale: ErrorScale?, _ exact: Double) -> Double {
    guard let scale else { return 0 }
    guard exact.isFinite else { return rule.budget.allowsNonFinite(scale, -exact) ? .infinity : 0 }
    // The nearest value conforms whatever the budget, and is the only one that does if it demands correct rounding.
    let type = scale.conditions.type, nearest = ElementBits(type: type, bits: type.bits(rounding: exact))
    let rounding = (nearest.unboundedValue - exact).magnitude
    return rule.budget.requiresCorrectRounding ? rounding : max(rule.budget.limit(scale), rounding)
  }
}
