import CMPFR
import RoPE

/// The frequency of each pair of a plan, in radians per position, to more bits than any angle needs.
final class Frequencies {
  private let plan: Plan
  private let values: BigFloats
  /// For each pair, true if its angle is measured in turns.
  private let isNormalized: [Bool]

  /// Evaluates the frequency of every pair.
  ///
  /// A position is below 2^63. So `precision` bits after the binary point of the angle need a relative error below
  /// `2^(−precision − 64)`, and one more bit for each bit of the frequency before the point. ``FrequencyEvaluation``
  /// gives `2^(16 + lost − W)`.
  init(_ plan: Plan, precision: Int) {
    let integerBits = plan.pairs.map { FrequencyEvaluation.integerBits(of: $0.frequency.table) }.max() ?? 0
    var reserve = 0
    while true {
      let values = BigFloats(count: plan.pairs.count, precision: precision + 82 + integerBits + reserve)
      let lost = Self.evaluate(plan, into: values)
      if lost <= reserve {
        self.plan = plan
        self.values = values
        isNormalized = plan.pairs.map { if case .normalized = $0.frequency.table.adjustment { true } else { false } }
        relativeErrorExponent = 16 + reserve - values.precision
        return
      }
      reserve = lost
    }
  }

  /// `log2` of the bound on the relative error of every frequency.
  private let relativeErrorExponent: Int

  /// - Returns: the largest number of bits lost in a pair.
  private static func evaluate(_ plan: Plan, into values: BigFloats) -> Int {
    var evaluation: (table: FrequencyTable, evaluation: FrequencyEvaluation)?
    var lost = 0
    for (index, pair) in plan.pairs.enumerated() {
      let table = pair.frequency.table
      // Neighbouring pairs share a table; each axis has at most one.
      let current =
        evaluation.flatMap { $0.table == table ? $0.evaluation : nil }
        ?? FrequencyEvaluation(table, precision: values.precision)
      evaluation = (table, current)
      lost = max(lost, current.set(values[index], to: pair.frequency.index))
    }
    return lost
  }

  /// Sets `angle` to `position · frequency[pair]` radians.
  ///
  /// `position` is below 2^63.
  func setAngle(_ angle: mpfr_ptr, position: Double, pair: Int) {
    mpfr_mul_d(angle, values[pair], position, MPFR_RNDN)
  }

  /// The number of eighths of a turn in `position · frequency[pair]`, or nil if that is not a whole number.
  func eighthTurns(position: Double, pair: Int) -> Int? {
    isNormalized[pair] ? plan.pairs[pair].frequency.eighthTurns(position: position, value: values[pair]) : nil
  }

  /// Indicates whether a pair does not turn at all.
  func isZero(pair: Int) -> Bool { mpfr_zero_p(values[pair]) != 0 }

  /// Bits of significand that an angle needs to keep the accuracy of the frequency.
  var precision: Int { values.precision }

  /// The float64 nearest to a frequency, or nil if these bits do not decide it.
  func rounded(pair: Int) -> Double? {
    isZero(pair: pair) ? 0 : Rounding.float64(values[pair], errorExponent: errorExponent(pair: pair))
  }

  /// The bit pattern nearest to a frequency in an element type, or nil if these bits do not decide it.
  func rounded(pair: Int, to type: ElementType) -> UInt32? {
    isZero(pair: pair) ? 0 : Rounding.bits(values[pair], errorExponent: errorExponent(pair: pair), type: type)
  }

  private func errorExponent(pair: Int) -> Int { mpfr_get_exp(values[pair]) + relativeErrorExponent }
}
