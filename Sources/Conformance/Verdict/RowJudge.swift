import Goldens
import RoPE

/// Compares rows of outputs with the exact ones, in the order NaN, infinities, zeros, error.
///
/// A zero has no sign here: that of an exact 0 is a matter of the order of operations, not of accuracy. Copied channels,
/// whose bits count, are not judged here.
///
/// Most elements are decided without their limit: those that are certainly the exact result rounded once, by a pass over
/// the row that vectorises, and those whose error is below ``LimitFloor``. The counts, the worst element and the budgets
/// that hold are those of judging every element by ``finding(_:_:channel:actual:_:_:)``.
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

  /// Overwritten by every row.
  private let columns: PairColumns
  private var floor: LimitFloor

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
    columns = PairColumns(plan.pairs)
    floor = .nothing
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
  ///   - actual: the `D` output elements.
  mutating func judge(
    _ row: Row, input: UnsafeBufferPointer<Double>, expected: UnsafeBufferPointer<Double>,
    actual: UnsafeRawBufferPointer
  ) {
    columns.read(type, input: input, expected: expected, actual: actual)
    let counts = columns.classify(type, floor: floor)
    accuracy.elementCount += 2 * plan.pairs.count
    accuracy.correctlyRoundedCount += counts.right
    if counts.right + counts.admitted < 2 * plan.pairs.count {
      for index in columns.channels.indices {
        let (first, second) = columns[index], channels = columns.channels[index].output
        if first == PairColumns.State.open { judge(row, index, channels.first, input, expected, actual) }
        if second == PairColumns.State.open { judge(row, index, channels.second, input, expected, actual) }
      }
    }
    if counts.admitted > 0 { accuracy.excludeCorrectRounding() }
  }

  private mutating func judge(
    _ row: Row, _ index: Int, _ channel: Int, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>, _ actual: UnsafeRawBufferPointer
  ) {
    let pair = columns.channels[index]
    let sizes = PairSizes(
      input: (input[pair.input.first], input[pair.input.second]),
      output: (expected[pair.output.first], expected[pair.output.second]))
    let magnitude = channel == pair.output.first ? sizes.first.magnitude : sizes.second.magnitude
    if !isQuick(expected[channel], actual.bits(at: channel, type: type), magnitude) {
      judge(row, index, channel: channel, input, expected, actual)
    }
  }

  /// Counts an element that can be judged without its limit; false for any other.
  @inline(__always)
  private mutating func isQuick(_ exact: Double, _ bits: UInt32, _ magnitude: Double) -> Bool {
    let error = (type.value(ofBits: bits) - exact).magnitude
    let nearest = type == .float32 ? Double(Float(exact)) : type.value(ofBits: type.bits(rounding: exact))
    guard nearest.isFinite else { return false }
    if error <= (nearest - exact).magnitude {
      accuracy.correctlyRoundedCount += 1
      return true
    }
    if floor.admits(error, expected: exact.magnitude, magnitude: magnitude) {
      accuracy.excludeCorrectRounding()
      return true
    }
    return false
  }

  private mutating func judge(
    _ row: Row, _ index: Int, channel: Int, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>, _ actual: UnsafeRawBufferPointer
  ) {
    let bits = actual.bits(at: channel, type: type)
    guard let finding = finding(row, index, channel: channel, actual: bits, input, expected) else {
      accuracy.correctlyRoundedCount += 1
      return
    }
    accuracy.count(finding)
    floor = LimitFloor(budget: budget, accuracy: accuracy, type: type, tableType: tableType)
  }

  /// One output beside what it should be; nil where both are the same NaN, infinity or zero.
  func finding(
    _ row: Row, _ index: Int, channel: Int, actual: UInt32, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>
  ) -> Finding? {
    let value = type.value(ofBits: actual), exact = expected[channel]
    if exact.isNaN && value.isNaN || exact.isInfinite && exact == value || exact == 0 && value == 0 { return nil }
    let scale = exact.isFinite ? scale(row, index, channel: channel, input, expected) : nil
    return Finding(
      tensor: row.tensor, place: ElementPlace(batch: row.batch, token: row.token, head: row.head, channel: channel),
      pair: index, position: position(row, pair: index), type: type, expected: exact, actual: actual, scale: scale,
      budget: budget)
  }

  /// The sizes that the limit of an element follows from.
  private func scale(
    _ row: Row, _ index: Int, channel: Int, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>
  ) -> ErrorScale {
    let pair = columns.channels[index]
    let sizes = PairSizes(
      input: (input[pair.input.first], input[pair.input.second]),
      output: (expected[pair.output.first], expected[pair.output.second]))
    let (magnitude, sensitivity) = channel == pair.output.first ? sizes.first : sizes.second
    return ErrorScale(
      type: type, expected: expected[channel], magnitude: magnitude, angleSensitivity: sensitivity,
      angle: Double(position(row, pair: index)).magnitude * inverseFrequencies[index], tableType: tableType)
  }
}

/// `M` and `N` of both outputs of a pair.
///
/// The exact cosine and sine come back out of the exact rotation: with `r² = x₀² + x₁²`, they are `(x₀y₀ + x₁y₁)/r²` and
/// `(x₀y₁ − x₁y₀)/r²`, to a few float64 roundings.
private struct PairSizes {
  let first: (magnitude: Double, sensitivity: Double)
  let second: (magnitude: Double, sensitivity: Double)

  @inline(__always)
  init(input: (Double, Double), output: (Double, Double)) {
    let (x0, x1) = input, (y0, y1) = output
    let square = x0 * x0 + x1 * x1
    let cosine = square == 0 ? 0 : ((x0 * y0 + x1 * y1) / square).magnitude
    let sine = square == 0 ? 0 : ((x0 * y1 - x1 * y0) / square).magnitude
    first = (x0.magnitude * cosine + x1.magnitude * sine, x0.magnitude * sine + x1.magnitude * cosine)
    second = (x1.magnitude * cosine + x0.magnitude * sine, x1.magnitude * sine + x0.magnitude * cosine)
  }
}
