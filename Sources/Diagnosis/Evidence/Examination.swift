import Goldens
import Judging
import RoPE

/// Compares the outputs of one run with the truth: all of them for where they are wrong, some rows for by how much.
struct Examination: Sendable {
  let golden: Golden
  let budget: Budget
  let tensors: [TensorExamination]
  private let outputs: any OutputSource
  private let run: Int

  /// Examines all tokens.
  ///
  /// - Throws: ``OutputError``.
  /// - Complexity: that of judging one run.
  init(_ golden: Golden, _ outputs: some OutputSource, run: Int, rule: ToleranceRule) throws {
    self.golden = golden
    self.outputs = outputs
    self.run = run
    budget = rule.budget
    let extents = golden.tensors
    let threads = try Slabs(extents, headDimension: golden.plan.headDimension).forEach(
      worker: { extents.map { Examiner(golden, $0, rule, unwritten: outputs.unwritten) } }
    ) { examiners, tensor, tokens in
      examiners[tensor].examine(tokens, try outputs.rows(run: run, extents[tensor].name, tokens))
    }
    tensors = try extents.enumerated().map { index, extent in
      let map = threads.reduce(into: FailureMap(golden, extent)) { $0.merge($1[index].map) }
      return try TensorExamination(golden, map, outputs, run: run, budget: rule.budget)
    }
  }

  /// The tensors with a wrong element.
  var failing: [TensorExamination] { tensors.filter(\.map.hasFailures) }

  /// The rows that must confirm what is said of a tensor's kept rows.
  ///
  /// - Throws: ``OutputError``.
  func confirmingSample(of tensor: TensorExamination) throws -> RowSample {
    try RowSample(golden, tensor.map.extent, rows: tensor.confirmingRows, outputs, run: run, budget: budget)
  }
}

/// Examines rows of one tensor, for one thread.
private struct Examiner {
  private let golden: Golden
  private let unwritten: UInt32?
  private let keepsPayloads: Bool
  private let copied: [Int]
  private var judge: RowJudge
  var map: FailureMap

  init(_ golden: Golden, _ extent: TensorExtent, _ rule: ToleranceRule, unwritten: UInt32?) {
    self.golden = golden
    self.unwritten = unwritten
    keepsPayloads = rule.exactCopies || golden.goldenCase.contract == .unrotated
    copied = golden.runningPlan.passThroughChannels
    judge = RowJudge(golden, positions: extent.positions, budget: rule.budget)
    judge.failures = []
    map = FailureMap(golden, extent)
  }

  /// Examines some tokens; `outputs` are `[tokens, heads, D]`.
  mutating func examine(_ tokens: Range<Int>, _ outputs: ElementArray) {
    let extent = map.extent, type = outputs.type
    let exact = golden.truth.rows(extent.name, tokens), dimension = golden.plan.headDimension
    let size = dimension * type.byteCount
    var outputs = outputs
    if let unwritten { outputs.replace(unwritten, byRounding: exact, copied: copied, dimension: dimension) }
    outputs.bytes.withUnsafeBytes { actual in
      exact.values.withUnsafeBufferPointer { values in
        exact.expected.withUnsafeBufferPointer { expected in
          for row in 0..<tokens.count * extent.heads {
            let channels = row * dimension..<(row + 1) * dimension
            let index = RowIndex(
              tensor: extent.name, token: tokens.lowerBound + row / extent.heads, head: row % extent.heads)
            let bytes = UnsafeRawBufferPointer(rebasing: actual[row * size..<(row + 1) * size])
            examine(
              index, UnsafeBufferPointer(rebasing: values[channels]),
              UnsafeBufferPointer(rebasing: expected[channels]), bytes)
            for channel in copied {
              let expected = exact.input[row * dimension + channel], found = bytes.bits(at: channel, type: type)
              guard expected != found, keepsPayloads || !type.areNaN(expected, found) else { continue }
              map.addWrongCopy(index, channel: channel)
            }
          }
        }
      }
    }
    map.setAccuracy(judge.accuracy)
  }

  private mutating func examine(
    _ index: RowIndex, _ input: UnsafeBufferPointer<Double>, _ expected: UnsafeBufferPointer<Double>,
    _ actual: UnsafeRawBufferPointer
  ) {
    judge.failures?.removeAll(keepingCapacity: true)
    judge.judge(
      RowJudge.Row(index, sequence: map.extent.sequence), input: input, expected: expected, actual: actual)
    for (pair, channel) in judge.failures ?? [] {
      map.addFailure(index, pair: pair, output: channel == judge.plan.pairs[pair].output.first ? 0 : 1)
    }
  }
}

extension ElementArray {
  /// Replaces elements that were not written by the right ones, so that nothing is concluded from them.
  mutating func replace(_ unwritten: UInt32, byRounding exact: ExactRows, copied: [Int], dimension: Int) {
    for index in 0..<count where self[index] == unwritten {
      self[index] =
        copied.contains(index % dimension) ? exact.input[index] : type.bits(rounding: exact.expected[index])
    }
  }
}
