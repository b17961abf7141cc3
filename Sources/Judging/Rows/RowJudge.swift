import Goldens
import RoPE

/// Compares rows of outputs with the exact ones, in the order NaN, infinities, zeros, error.
///
/// The sign of a zero is ignored, because the sign of an exact 0 depends on the order of operations, not on accuracy.
/// Copied channels, whose bits count, are not judged here.
package struct RowJudge {
  package let plan: Plan
  let conditions: LimitConditions
  /// Radians per position of each pair.
  private let inverseFrequencies: [Double]
  /// The position of each token.
  private let positions: Positions
  let budget: Budget
  package internal(set) var accuracy = Accuracy()
  /// True if the latest row has NaN or infinity that may be in the wrong place.
  private(set) var hasStrayNonFinite = false

  /// The pairs and output channels of the elements that failed since it was emptied; nil if nobody asks for them.
  package var failures: [(pair: Int, channel: Int)]?

  /// The columns of the latest row and the states of its outputs; overwritten by every row.
  let columns: PairColumns
  var lowerBound: LimitLowerBound

  package init(_ golden: Golden, positions: Positions, budget: Budget) {
    self.init(
      plan: golden.runningPlan, type: golden.goldenCase.elementType, tableType: golden.goldenCase.tableType,
      inverseFrequencies: golden.inverseFrequencies, positions: positions, budget: budget)
  }

  package init(
    plan: Plan, type: ElementType, tableType: ElementType?, inverseFrequencies: [Double], positions: Positions,
    budget: Budget
  ) {
    self.plan = plan
    conditions = LimitConditions(
      type: type, tableType: tableType, hasAttentionFactor: !plan.attentionFactor.isOne)
    self.inverseFrequencies = inverseFrequencies
    self.positions = positions
    self.budget = budget
    columns = PairColumns(plan.pairs)
    lowerBound = .nothing
  }

  /// The type of the elements.
  package var type: ElementType { conditions.type }

  /// One head of one token.
  package struct Row {
    package let index: RowIndex
    /// Tokens per row of the batch.
    package let sequence: Int

    package init(_ index: RowIndex, sequence: Int) {
      self.index = index
      self.sequence = sequence
    }
  }

  /// Judges the rotated channels of one row.
  ///
  /// The counts, the worst element and the budgets that hold are the same as if every element were judged by
  /// ``finding(_:_:channel:actual:_:_:)``; most are decided without it.
  ///
  /// `input` holds the values of the `D` input channels, `expected` the exact results, and `actual` the `D` output
  /// elements.
  package mutating func judge(
    _ row: Row, input: UnsafeBufferPointer<Double>, expected: UnsafeBufferPointer<Double>,
    actual: UnsafeRawBufferPointer
  ) {
    hasStrayNonFinite = false
    judgeQuickly(input, expected, actual) { judge, pair, channel in
      judge.judge(row, pair, channel: channel, input, expected, actual)
    }
    if SignedError.includes(token: row.index.token) { addSignedErrors(expected: expected, actual: actual) }
  }

  private mutating func judge(
    _ row: Row, _ pair: Int, channel: Int, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>, _ actual: UnsafeRawBufferPointer
  ) {
    let bits = actual.bits(at: channel, type: type)
    if isOneMoreFailure(row, pair, channel: channel, actual: type.value(ofBits: bits), input, expected) {
      accuracy.countOneMoreFailure()
      failures?.append((pair, channel))
      return
    }
    guard let finding = finding(row, pair, channel: channel, actual: bits, input, expected) else {
      accuracy.correctlyRoundedCount += 1
      return
    }
    if !finding.actual.value.isFinite { hasStrayNonFinite = true }
    accuracy.count(finding)
    if failures != nil, !finding.conforms { failures?.append((pair, channel)) }
  }

  /// Indicates whether an output that is not the nearest one fails by less than the worst so far, where no named budget is
  /// left to hold: only its number matters.
  ///
  /// As a function of its own without mutation, it would copy the judge for each element.
  @inline(__always)
  private mutating func isOneMoreFailure(
    _ row: Row, _ pair: Int, channel: Int, actual: Double, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>
  ) -> Bool {
    let exact = expected[channel]
    guard let most = accuracy.severityOfHopeless, exact.magnitude <= type.greatestFiniteMagnitude, actual.isFinite,
      let scale = scale(ofToken: row.index.token, pair, channel: channel, input, expected)
    else { return false }
    let error = (actual - exact).magnitude, limit = budget.limit(scale, output: actual)
    return error > limit && error < most * limit
  }

  /// One output and its exact result; nil if both are the same NaN, infinity or zero.
  package func finding(
    _ row: Row, _ pair: Int, channel: Int, actual: UInt32, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>
  ) -> Finding? {
    let value = type.value(ofBits: actual), exact = expected[channel]
    if exact.isNaN && value.isNaN || exact.isInfinite && exact == value || exact == 0 && value == 0 { return nil }
    let token = row.index.token
    return Finding(
      tensor: row.index.tensor,
      element: ElementIndex(
        batch: token / row.sequence, token: token % row.sequence, head: row.index.head, channel: channel),
      pair: pair, position: position(ofToken: token, pair), expected: exact,
      actual: ElementBits(type: type, bits: actual),
      scale: scale(ofToken: token, pair, channel: channel, input, expected), budget: budget)
  }

  /// The position of a token on the axis of a pair.
  private func position(ofToken token: Int, _ pair: Int) -> Double { positions[plan.pairs[pair].axis, token] }

  /// The sizes that the limit of an output follows from; nil if an input is NaN.
  func scale(
    ofToken token: Int, _ pair: Int, channel: Int, _ input: UnsafeBufferPointer<Double>,
    _ expected: UnsafeBufferPointer<Double>
  ) -> ErrorScale? {
    let angle = position(ofToken: token, pair).magnitude * inverseFrequencies[pair], exact = expected[channel]
    if exact.isFinite {
      let sizes = sizes(ofPair: pair, channel: channel, input, expected)
      return ErrorScale(
        conditions, expected: exact, magnitude: sizes.magnitude, angleSensitivity: sizes.sensitivity, angle: angle)
    }
    let channels = columns.channels
    guard !input[channels.firstInput(pair)].isNaN, !input[channels.secondInput(pair)].isNaN else { return nil }
    return ErrorScale(
      conditions, expected: exact, magnitude: .infinity, angleSensitivity: .infinity, angle: angle)
  }

  /// `M` and `N` of an output of a pair.
  ///
  /// The exact cosine and sine follow from the exact rotation: with `r² = x₀² + x₁²`, they are `(x₀y₀ + x₁y₁)/r²` and
  /// `(x₀y₁ − x₁y₀)/r²`, to a few float64 roundings.
  @inline(__always)
  func sizes(
    ofPair index: Int, channel: Int, _ input: UnsafeBufferPointer<Double>, _ expected: UnsafeBufferPointer<Double>
  ) -> (magnitude: Double, sensitivity: Double) {
    let channels = columns.channels
    let (x0, x1) = (input[channels.firstInput(index)], input[channels.secondInput(index)])
    let (y0, y1) = (expected[channels.firstOutput(index)], expected[channels.secondOutput(index)])
    let square = x0 * x0 + x1 * x1
    let cosine = square == 0 ? 0 : ((x0 * y0 + x1 * y1) / square).magnitude
    let sine = square == 0 ? 0 : ((x0 * y1 - x1 * y0) / square).magnitude
    return channel == channels.firstOutput(index)
      ? (x0.magnitude * cosine + x1.magnitude * sine, x0.magnitude * sine + x1.magnitude * cosine)
      : (x1.magnitude * cosine + x0.magnitude * sine, x1.magnitude * sine + x0.magnitude * cosine)
  }
}
