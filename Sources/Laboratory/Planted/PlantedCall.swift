import Goldens
import Judging
import RoPE

/// The facts of a call that planted mistakes and their checks use.
struct PlantedCall: Sendable {
  let golden: Golden
  private let budget: Budget
  /// Radians per position of each pair.
  let frequencies: [Double]
  let tensors: [TensorExtent]

  init(_ golden: Golden, _ budget: Budget) {
    self.golden = golden
    self.budget = budget
    frequencies = golden.inverseFrequencies
    tensors = golden.tensors
  }

  var type: ElementType { golden.goldenCase.elementType }
  var pairCount: Int { golden.plan.pairs.count }
  var axisCount: Int { golden.plan.axisCount }
  var workload: Workload { golden.goldenCase.workload }
  /// The tokens of one row of the batch.
  var sequence: Int { workload.sequence }

  func extent(_ tensor: TensorName) -> TensorExtent { tensors.first { $0.name == tensor } ?? tensors[0] }

  /// The number of a row's token in its row of the batch.
  func tokenInRow(_ row: RowIndex) -> Int { row.token % extent(row.tensor).sequence }

  func batchRow(_ row: RowIndex) -> Int { row.token / extent(row.tensor).sequence }

  /// The position that a backend is given: of the opposite sign in a backward call.
  func position(_ tensor: TensorName, _ token: Int, _ pair: Int, axis: Int? = nil) -> Double {
    let position = extent(tensor).positions[axis ?? golden.plan.pairs[pair].axis, token]
    return workload.direction == .forward ? position : -position
  }

  /// The right angle of a pair of a token in radians.
  func angle(_ tensor: TensorName, _ token: Int, _ pair: Int) -> Double {
    position(tensor, token, pair) * frequencies[pair]
  }

  /// Every pair of every head of a token, with its input and right result, or the result in another structure.
  func pairs(
    _ exact: ExactRows, _ tensor: TensorName, _ token: Int, in structure: PlantedStructure? = nil
  ) -> [PlantedMistake.Pair] {
    let heads = extent(tensor).heads, turns = structure.map { _ in self.turns(exact, heads: heads) }
    let all = structure?.pairs ?? golden.runningPlan.pairs
    var pairs: [PlantedMistake.Pair] = []
    for head in 0..<heads {
      let row = RowIndex(tensor: tensor, token: token, head: head)
      for (number, pair) in all.enumerated() {
        let input = exact.input(pair, head, of: heads)
        var result = exact.output(pair, head, of: heads)
        if let turns, let angles = structure?.angles[number] {
          result = SIMD2(input.turned(turns[angles.first]).x, input.turned(turns[angles.second]).y)
        }
        pairs.append(PlantedMistake.Pair(row: row, pair: number, input: input, exact: result))
      }
    }
    return pairs
  }

  /// The cosine and sine of each pair, times the attention factor, from the largest inputs of a token.
  private func turns(_ exact: ExactRows, heads: Int) -> [SIMD2<Double>] {
    golden.runningPlan.pairs.map { pair in
      var best = SIMD2(1.0, 0), square = 0.0
      for head in 0..<heads {
        let input = exact.input(pair, head, of: heads), output = exact.output(pair, head, of: heads)
        let size = (input * input).sum()
        guard size > square, size.isFinite, output.x.isFinite, output.y.isFinite else { continue }
        square = size
        best = SIMD2((input * output).sum(), input.x * output.y - input.y * output.x) / size
      }
      return best
    }
  }

  /// The largest errors that the outputs of a pair may have.
  func limits(of pair: PlantedMistake.Pair) -> SIMD2<Double> {
    let row = pair.row, extent = extent(row.tensor), dimension = golden.plan.headDimension
    let exact = golden.truth.rows(row.tensor, row.token..<row.token + 1)
    let judge = RowJudge(golden, positions: extent.positions, budget: budget)
    let channels = row.head * dimension..<(row.head + 1) * dimension
    let output = golden.runningPlan.pairs[pair.pair].output
    let limits = [output.first, output.second].map { channel in
      judge.finding(
        row, of: extent, pair: pair.pair, channel: channel,
        actual: type.bits(rounding: exact.expected[channels.lowerBound + channel]),
        values: Array(exact.values[channels]), expected: Array(exact.expected[channels]))?.limit ?? 0
    }
    return SIMD2(limits[0], limits[1])
  }
}

/// Pairs of channels that turn, by angles that may be those of other pairs.
struct PlantedStructure: Sendable {
  let pairs: [Plan.Pair]
  /// The pairs of the model by whose angles the two outputs of each pair turn.
  let angles: [(first: Int, second: Int)]
}

/// Structures of the other pairing: neighbouring channels where the model has halves, or the reverse.
extension PlantedCall {
  /// Its pairs, by the right angles; nil for other conventions.
  var otherPairing: PlantedStructure? {
    otherConfiguration.flatMap { other in
      let pairs = (try? Plan(other, length: 1))?.running(workload.direction).pairs ?? []
      guard pairs.count == pairCount, pairCount > 1 else { return nil }
      return PlantedStructure(pairs: pairs, angles: pairs.indices.map { ($0, $0) })
    }
  }

  /// The right pairs, by cosines and sines in its order; nil for other conventions.
  var tableOfOtherPairing: PlantedStructure? {
    otherConfiguration.map { other in
      let right = golden.runningPlan.pairs, count = pairCount
      return PlantedStructure(
        pairs: right,
        angles: right.indices.map { pair in
          other.pairing == .interleaved
            ? (pair / 2, (pair + count) / 2) : (2 * pair % count, (2 * pair + 1) % count)
        })
    }
  }

  private var otherConfiguration: Configuration? {
    guard var other = golden.goldenCase.convention.configuration, other.pairing == other.outputPairing else {
      return nil
    }
    other.pairing = other.pairing == .half ? .interleaved : .half
    other.outputPairing = other.pairing
    return other
  }
}

extension ExactRows {
  /// The inputs of a pair of one head of one token.
  fileprivate func input(_ pair: Plan.Pair, _ head: Int, of heads: Int) -> SIMD2<Double> {
    let first = head * values.count / heads
    return SIMD2(values[first + pair.input.first], values[first + pair.input.second])
  }

  /// The exact results of a pair of one head of one token.
  fileprivate func output(_ pair: Plan.Pair, _ head: Int, of heads: Int) -> SIMD2<Double> {
    let first = head * expected.count / heads
    return SIMD2(expected[first + pair.output.first], expected[first + pair.output.second])
  }
}

extension RowJudge {
  /// One output of a row and its exact result; nil if both are the same NaN, infinity or zero.
  func finding(
    _ row: RowIndex, of extent: TensorExtent, pair: Int, channel: Int, actual: UInt32, values: [Double],
    expected: [Double]
  ) -> Finding? {
    values.withUnsafeBufferPointer { values in
      expected.withUnsafeBufferPointer { expected in
        finding(
          Row(row, sequence: extent.sequence), pair, channel: channel, actual: actual, values, expected)
      }
    }
  }
}
