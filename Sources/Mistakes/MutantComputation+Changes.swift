import Goldens
import RoPE

// Changes that several mistakes share. Each returns true if the mistake can occur in the case.
extension MutantComputation {
  /// The right convention.
  var convention: Convention { golden.goldenCase.convention }

  /// The right convention; nil if the plan is written out.
  var configuration: Configuration? { convention.configuration }

  var contract: Contract { golden.goldenCase.contract }

  /// True if every input is finite and between 2^-6 and 2^3 in magnitude.
  var hasOrdinaryInputs: Bool { [.spread, .equalRows].contains(workload.pattern) }

  /// True if the implementation computes the frequencies.
  var derivesFrequencies: Bool { contract == .position }

  /// Changes the convention.
  ///
  /// Angles that are given stay unchanged, so that only channels can go wrong.
  mutating func reconfigure(_ change: (inout Configuration) -> Void) -> Bool {
    guard let right = configuration else { return false }
    var configuration = right
    change(&configuration)
    guard configuration != right, let wrong = try? Plan(configuration, length: length),
      wrong.axisCount == plan.axisCount
    else { return false }
    if !derivesFrequencies {
      guard wrong.pairs.count == plan.pairs.count,
        zip(wrong.pairs, plan.pairs).contains(where: { $0.input != $1.input || $0.output != $1.output })
      else { return false }
    }
    plan = wrong
    mistakenConvention = .configuration(configuration)
    return true
  }

  /// Does not rotate some pairs of some rows.
  ///
  /// Unless the mistake `occurs`, which may need a large call, everything is rotated.
  mutating func leaveOut(
    if occurs: Bool = true, _ isLeftOut: @escaping @Sendable (RowIndex, _ pair: Int) -> Bool
  ) -> Bool {
    isHarmless = !occurs
    if occurs { rotations = { isLeftOut($0, $1) ? 0 : 1 } }
    return !plan.pairs.isEmpty
  }

  /// Reads strided tensors as if they were contiguous.
  mutating func readAsContiguous() -> Bool {
    let right = inputs
    for tensor in TensorName.rotated {
      inputs[tensor].strides = workload.strides(of: tensor, headDimension: plan.headDimension)
    }
    return inputs != right
  }

  /// Changes the inputs that rotate.
  mutating func mapInputs(_ change: @escaping @Sendable (Double, ElementType) -> Double) -> Bool {
    rotation = { x, turn, type in
      let read = SIMD2(change(x[0], type), change(x[1], type))
      return SIMD2(read[0] * turn[0] - read[1] * turn[1], read[1] * turn[0] + read[0] * turn[1])
    }
    return !plan.pairs.isEmpty
  }

  /// The channels that a pair writes.
  var rotatedChannels: [Int] { runningPlan.pairs.flatMap { [$0.output.first, $0.output.second] } }

  /// Multiplies results.
  ///
  /// `factor` gives nil for a row that is right.
  mutating func multiplyResults(by factor: @escaping @Sendable (RowIndex) -> Double?) {
    let channels = rotatedChannels, type = type
    adjustment = { row, index in
      guard let factor = factor(index) else { return }
      for channel in channels { row.set(channel, rounding: row.output[channel] * factor, type) }
    }
  }

  /// Changes the pairs of the plan.
  mutating func mapPairs(_ change: (Int, Plan.Pair) -> Plan.Pair) -> Bool {
    let pairs = plan.pairs.enumerated().map { change($0.offset, $0.element) }
    guard pairs != plan.pairs,
      let wrong = try? Plan(
        headDimension: plan.headDimension, pairs: pairs, attentionFactor: plan.attentionFactor,
        axisCount: plan.axisCount)
    else { return false }
    plan = wrong
    return true
  }

  /// Changes the frequencies, in radians per position.
  mutating func mapFrequencies(_ change: (Int, Double) -> Double) -> Bool {
    switch angles {
    case .none, .table: return false
    case .frequencies(let given, let factor, let positions):
      let wrong = given.enumerated().map { Float(change($0.offset, Double($0.element))) }
      angles = .frequencies(wrong, attentionFactor: factor, positions)
      return wrong != given
    case .positions:
      let wrong = golden.inverseFrequencies.enumerated().map { change($0.offset, $0.element) }
      guard wrong != golden.inverseFrequencies else { return false }
      let table = FrequencyTable.list(wrong)
      return mapPairs { index, pair in
        Plan.Pair(
          input: pair.input, output: pair.output, axis: pair.axis, frequency: Frequency(table: table, index: index))
      }
    }
  }

  /// Changes the attention factor, if the implementation multiplies by it.
  mutating func mapAttentionFactor(_ change: (Double) -> Double) -> Bool {
    let right = golden.attentionFactor, wrong = change(right)
    guard wrong != right else { return false }
    switch angles {
    case .none, .table: return false
    case .frequencies(let given, _, let positions):
      angles = .frequencies(given, attentionFactor: wrong, positions)
    case .positions:
      guard
        let plan = try? Plan(
          headDimension: plan.headDimension, pairs: plan.pairs, attentionFactor: .value(wrong),
          axisCount: plan.axisCount)
      else { return false }
      self.plan = plan
    }
    return true
  }

  /// The position ids, `[axes, tokens]`; nil unless the implementation computes angles from integer positions.
  var positions: [Int64]? { angles.positions?.integers }

  /// Replaces the position ids.
  mutating func setPositions(_ wrong: [Int64]) -> Bool {
    guard let positions, wrong != positions else { return false }
    let changed = Positions(wrong, axisCount: golden.plan.axisCount)
    if case .frequencies(let given, let factor, _) = angles {
      angles = .frequencies(given, attentionFactor: factor, changed)
    } else {
      angles = .positions(changed)
    }
    return true
  }

  mutating func mapPositions(_ change: (Int64) -> Int64) -> Bool {
    guard let positions else { return false }
    return setPositions(positions.map(change))
  }

  /// Gives each token the position or the table row of another token, or its own.
  mutating func mapTokens(_ source: (Int) -> Int) -> Bool {
    if case .table(let table, let rows) = angles {
      let wrong = rows.indices.map { rows[source($0)] }
      angles = .table(table, rows: wrong)
      return wrong != rows
    }
    guard let positions else { return false }
    let count = call.tokenCount
    return setPositions(positions.indices.map { positions[$0 / count * count + source($0 % count)] })
  }

  /// Changes the rows, `(cosine, sine)` of each pair, of the table that the implementation is given or computes.
  ///
  /// `type` is the element type of the changed table.
  mutating func mapTable(to type: ElementType, _ change: ([SIMD2<Double>]) -> [SIMD2<Double>]) -> Bool {
    guard !plan.pairs.isEmpty else { return false }
    let tokens = examinedTokens ?? Array(0..<call.tokenCount)
    let values = cache.values(plan, angles: angles, tokens: tokens), count = plan.pairs.count
    var rows = Array(repeating: Int32(0), count: call.tokenCount)
    for (row, token) in tokens.enumerated() { rows[token] = Int32(row) }
    var cosines: [UInt32] = [], sines: [UInt32] = []
    for token in tokens {
      for turn in change(Array(UnsafeBufferPointer(start: values[token], count: count))) {
        cosines.append(type.bits(rounding: turn[0]))
        sines.append(type.bits(rounding: turn[1]))
      }
    }
    angles = .table(
      CosSinTable(type: type, pairCount: plan.pairs.count, cosines: cosines, sines: sines), rows: rows)
    return true
  }

  /// The largest position of the call plus one.
  var length: Int { golden.positions.length }
}
