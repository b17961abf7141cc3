import Goldens
import Judging
import RoPE

/// What a backend with a planted mistake wrote, and the exact outputs.
struct PlantedOutputs {
  /// One head of one token; each array has an item for each channel.
  struct Row {
    let index: RowIndex
    let actual: [Double]
    /// The exact outputs; for a copied channel, its input.
    let exact: [Double]
    /// The largest allowed errors.
    let limits: [Double]
    /// True for an element that is wrong by more than that, or a copy that is no copy.
    let isWrong: [Bool]
    /// True for an element in which the mistake was planted.
    let isHit: [Bool]
  }

  /// One pair of a row that is rotated, and its outputs.
  struct Pair {
    let planted: PlantedMistake.Pair
    let channels: [Int]
    let actual: SIMD2<Double>
    let limits: SIMD2<Double>
  }

  /// A coordinate of each rotated channel.
  struct Rotated {
    let pair: Int
    let output: Int
  }

  let call: PlantedCall
  let rows: [Row]
  /// The pair of each channel; nil for copied ones.
  let rotated: [Rotated?]
  /// True if the mistake was planted in a rotated element.
  let hasHitResults: Bool
  /// True if the mistake was planted in a copied element.
  let hasHitCopies: Bool
  /// True if all tokens are here.
  let isComplete: Bool
  private let exact: [TensorName: [Int: ExactRows]]

  /// - Throws: ``OutputError``.
  init(_ mistake: PlantedMistake, _ golden: Golden, _ outputs: some OutputSource, budget: Budget) throws {
    let call = PlantedCall(golden, budget), dimension = golden.plan.headDimension
    var rotated = [Rotated?](repeating: nil, count: dimension)
    for (number, pair) in golden.runningPlan.pairs.enumerated() {
      rotated[pair.output.first] = Rotated(pair: number, output: 0)
      rotated[pair.output.second] = Rotated(pair: number, output: 1)
    }
    var rows: [Row] = [], exact: [TensorName: [Int: ExactRows]] = [:]
    for extent in call.tensors {
      let judge = RowJudge(golden, positions: extent.positions, budget: budget)
      for token in Self.tokens(of: extent) {
        let truth = golden.truth.rows(extent.name, token..<token + 1)
        let written = try outputs.rows(run: 1, extent.name, token..<token + 1)
        exact[extent.name, default: [:]][token] = truth
        rows += (0..<extent.heads).map { head in
          let index = RowIndex(tensor: extent.name, token: token, head: head)
          return Row(index, extent, truth, written, at: head * dimension, rotated, judge) { value, rotated in
            mistake.parts.contains { part in
              part.isHit(call, index, rotated?.pair, rotated?.output ?? 0)
                && (part.changesValue?(call.type, value) ?? true)
            }
          }
        }
      }
    }
    (self.call, self.rows, self.rotated, self.exact) = (call, rows, rotated, exact)
    func hasHit(_ isCopied: Bool) -> Bool {
      rows.contains { row in rotated.indices.contains { (rotated[$0] == nil) == isCopied && row.isHit[$0] } }
    }
    (hasHitResults, hasHitCopies) = (hasHit(false), hasHit(true))
    isComplete = call.tensors.allSatisfy { Self.tokens(of: $0).count == $0.tokenCount }
  }

  /// All tokens of a small tensor; otherwise the first, those around powers of two and 1,024, and every 97th.
  private static func tokens(of extent: TensorExtent) -> [Int] {
    guard extent.tokenCount > 512 else { return Array(0..<extent.tokenCount) }
    return (0..<extent.tokenCount).filter { token in
      token % 97 == 0 || token < 16 || (1020..<1028).contains(token) || token >= extent.tokenCount - 4
    }
  }

  /// The pairs of the rows of some tensors, in the right structure or another.
  func pairs(of tensors: [TensorName], in structure: (TensorName) -> PlantedStructure?) -> [Pair] {
    let rows = Dictionary(uniqueKeysWithValues: rows.map { ($0.index, $0) })
    return tensors.flatMap { tensor in
      let structure = structure(tensor), pairs = structure?.pairs ?? call.golden.runningPlan.pairs
      return (exact[tensor] ?? [:]).sorted { $0.key < $1.key }.flatMap { token, exact in
        call.pairs(exact, tensor, token, in: structure).compactMap { planted in
          rows[planted.row].map { row in
            let channels = [pairs[planted.pair].output.first, pairs[planted.pair].output.second]
            return Pair(
              planted: planted, channels: channels, actual: SIMD2(row.actual[channels[0]], row.actual[channels[1]]),
              limits: SIMD2(row.limits[channels[0]], row.limits[channels[1]]))
          }
        }
      }
    }
  }
}

extension PlantedOutputs.Row {
  /// The row that begins at an element of the outputs of its token.
  fileprivate init(
    _ index: RowIndex, _ extent: TensorExtent, _ truth: ExactRows, _ written: ElementArray, at first: Int,
    _ rotated: [PlantedOutputs.Rotated?], _ judge: RowJudge,
    isHit: (_ exact: Double, _ rotated: PlantedOutputs.Rotated?) -> Bool
  ) {
    let channels = first..<first + rotated.count
    let values = Array(truth.values[channels]), expected = Array(truth.expected[channels])
    var limits: [Double] = [], isWrong: [Bool] = []
    for (channel, rotated) in rotated.enumerated() {
      let bits = written[first + channel]
      guard let rotated else {
        limits.append(0)
        let input = truth.input[first + channel]
        isWrong.append(bits != input && !written.type.areNaN(bits, input))
        continue
      }
      let finding = judge.finding(
        index, of: extent, pair: rotated.pair, channel: channel, actual: bits, values: values, expected: expected)
      limits.append(finding?.limit ?? 0)
      isWrong.append(!(finding?.conforms ?? true))
    }
    self.index = index
    actual = channels.map { written.type.value(ofBits: written[$0]) }
    exact = zip(rotated.indices, rotated).map { $1 == nil ? values[$0] : expected[$0] }
    (self.limits, self.isWrong) = (limits, isWrong)
    self.isHit = zip(exact, rotated).map(isHit)
  }
}
