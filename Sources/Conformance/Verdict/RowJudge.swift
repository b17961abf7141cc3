import Goldens
import RoPE

/// Compares rows of outputs with the exact ones, in the order NaN, infinities, zeros, error.
///
/// A zero has no sign here: that of an exact 0 is a matter of the order of operations, not of accuracy. Copied channels,
/// whose bits count, are not judged here.
struct RowJudge {
  let plan: Plan
  let type: ElementType
  /// The type of the table that the backend was given, if any.
  let tableType: ElementType?
  /// Radians per position of each pair.
  let inverseFrequencies: [Double]
  /// The position of each token, `[axes, tokens]`.
  let positions: [Int64]
  let budget: Budget
  private(set) var accuracy = Accuracy()

  init(golden: Golden, budget: Budget) {
    self.init(
      plan: golden.runningPlan, type: golden.goldenCase.elementType, tableType: golden.goldenCase.tableType,
      inverseFrequencies: golden.inverseFrequencies, positions: golden.positions, budget: budget)
  }

  init(
    plan: Plan, type: ElementType, tableType: ElementType?, inverseFrequencies: [Double], positions: [Int64],
    budget: Budget
  ) {
    self.plan = plan
    self.type = type
    self.tableType = tableType
    self.inverseFrequencies = inverseFrequencies
    self.positions = positions
    self.budget = budget
  }

  /// One head of one token.
  struct Row {
    let tensor: TensorName
    let batch: Int
    let token: Int
    let head: Int
    /// The token's index among all tokens of the call.
    let tokenIndex: Int
  }

  /// A token's position on the axis of a pair.
  private func position(_ row: Row, pair: Int) -> Int64 {
    positions[plan.pairs[pair].axis * (positions.count / plan.axisCount) + row.tokenIndex]
  }

  /// Judges the rotated channels of one row.
  ///
  /// - Parameters:
  ///   - input: the values of the `D` input channels.
  ///   - expected: the exact results.
  ///   - actual: gives the bit pattern of an output channel.
  mutating func judge(
    _ row: Row, input: UnsafeBufferPointer<Double>, expected: UnsafeBufferPointer<Double>, actual: (Int) -> UInt32
  ) {
    for (index, pair) in plan.pairs.enumerated() {
      let first = actual(pair.output.first), second = actual(pair.output.second)
      accuracy.elementCount += 2
      // Nearly every output is the exact result rounded once; only the others need their limit.
      if first == type.bits(rounding: expected[pair.output.first]),
        second == type.bits(rounding: expected[pair.output.second]),
        expected[pair.output.first].isFinite, expected[pair.output.second].isFinite
      {
        accuracy.correctlyRoundedCount += 2
        continue
      }
      judge(row, index, channel: pair.output.first, actual: first, input, expected)
      judge(row, index, channel: pair.output.second, actual: second, input, expected)
    }
  }

  private mutating func judge(
    _ row: Row, _ index: Int, channel: Int, actual: UInt32, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>
  ) {
    guard let judged = finding(row, index, channel: channel, actual: actual, input, expected) else {
      accuracy.correctlyRoundedCount += 1
      return
    }
    accuracy.count(judged.finding, isCorrectlyRounded: judged.isCorrectlyRounded)
  }

  /// One output beside what it should be; nil where both are the same NaN, infinity or zero.
  func finding(
    _ row: Row, _ index: Int, channel: Int, actual: UInt32, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>
  ) -> (finding: Finding, isCorrectlyRounded: Bool)? {
    let value = type.value(ofBits: actual)
    let exact = expected[channel]
    if exact.isNaN && value.isNaN || exact.isInfinite && exact == value || exact == 0 && value == 0 { return nil }
    var limit = 0.0
    if exact.isFinite {
      limit = budget.limit(scale(row, index, channel: channel, input, expected))
    }
    let isCorrectlyRounded = isCorrectlyRounded(value, actual, exact)
    let conforms = isCorrectlyRounded || !budget.requiresCorrectRounding && isWithin(limit, value, exact)
    let finding = Finding(
      tensor: row.tensor, place: ElementPlace(batch: row.batch, token: row.token, head: row.head, channel: channel),
      pair: index, position: position(row, pair: index), type: type, expected: exact, actual: actual, limit: limit,
      conforms: conforms)
    return (finding, isCorrectlyRounded)
  }

  /// Whether no other value is nearer to the exact result. Where the float64 `exact` lies halfway between two
  /// values, the real result may lie on either side, and both count.
  private func isCorrectlyRounded(_ value: Double, _ actual: UInt32, _ exact: Double) -> Bool {
    guard exact.isFinite else { return false }
    let nearest = type.bits(rounding: exact)
    guard actual != nearest else { return true }
    guard value.isFinite else { return false }
    // Infinity stands where the next value would be, so that the largest finite value is not nearer to everything.
    let rounded = type.value(ofBits: nearest)
    let end = Double(sign: exact.sign, exponent: type.maximumExponent + 1, significand: 1)
    return (value - exact).magnitude <= ((rounded.isInfinite ? end : rounded) - exact).magnitude
  }

  private func isWithin(_ limit: Double, _ value: Double, _ exact: Double) -> Bool {
    guard exact.isFinite, !value.isNaN else { return false }
    if value.isInfinite {
      // Right where a value within the limit rounds to infinity.
      let reached = exact + (value > 0 ? limit : -limit)
      return type.value(ofBits: type.bits(rounding: reached)) == value
    }
    return (value - exact).magnitude <= limit
  }

  /// The sizes that the limit of an element follows from.
  ///
  /// The exact cosine and sine come back out of the exact rotation: with `r² = x₀² + x₁²`, they are
  /// `(x₀y₀ + x₁y₁)/r²` and `(x₀y₁ − x₁y₀)/r²`, to a few float64 roundings.
  private func scale(
    _ row: Row, _ index: Int, channel: Int, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>
  ) -> ErrorScale {
    let pair = plan.pairs[index]
    let (x0, x1) = (input[pair.input.first], input[pair.input.second])
    let (y0, y1) = (expected[pair.output.first], expected[pair.output.second])
    let square = x0 * x0 + x1 * x1
    let cosine = square == 0 ? 0 : ((x0 * y0 + x1 * y1) / square).magnitude
    let sine = square == 0 ? 0 : ((x0 * y1 - x1 * y0) / square).magnitude
    let isFirst = channel == pair.output.first
    let straight = isFirst ? x0.magnitude : x1.magnitude, crossed = isFirst ? x1.magnitude : x0.magnitude
    return ErrorScale(
      type: type, expected: expected[channel], magnitude: straight * cosine + crossed * sine,
      angleSensitivity: straight * sine + crossed * cosine,
      angle: Double(position(row, pair: index)).magnitude * inverseFrequencies[index], tableType: tableType)
  }
}
