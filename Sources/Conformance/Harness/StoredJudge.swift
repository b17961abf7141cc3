import Goldens
import RoPE

/// Judges the outputs of a golden that holds its tensors, wherever they come from.
struct StoredJudge {
  let golden: Golden
  let tensors: Golden.StoredTensors
  let budget: Budget
  /// The bits of an element that was not written, which is another matter; nil where no bits say so.
  let unwritten: UInt32?

  /// The call of the case with the memory before it, which a diagnosis needs.
  typealias DiagnosedCall = () throws -> (call: RotationCall, memory: MemorySnapshot)

  /// How the outputs of the first run compare with the exact ones, what does not hold in them that must, and how later
  /// runs differ.
  ///
  /// - Parameters:
  ///   - violations: what did not hold in any run already.
  ///   - call: asked where something is to be diagnosed; nil where nothing is.
  /// - Throws: what `call` throws.
  func result(
    _ runs: RunOutputs, _ violations: [Violation] = [], diagnosing call: DiagnosedCall?
  ) throws -> CaseResult {
    var result = result(runs.first), later = runs.different.map { self.result($0) }
    let isRight = result.conforms, comparison = runs.comparison
    if let call, later != nil || !isRight || !violations.isEmpty {
      let (call, memory) = try call()
      result.diagnose(diagnostician(runs.first, call, memory))
      if let different = runs.different {
        later?.diagnose(diagnostician(different, call, memory, followsRight: isRight && comparison.canBeState))
      }
    }
    result.add(comparison, later: later, of: golden.goldenCase)
    result.violations = violations + result.violations
    return result
  }

  private func diagnostician(
    _ outputs: Outputs, _ call: RotationCall, _ memory: MemorySnapshot, followsRight: Bool = false
  ) -> Diagnostician? {
    Diagnostician(
      golden, budget: budget, call: call, memory: memory.buffers, outputs: outputs, unwritten: unwritten,
      followsRight: followsRight)
  }

  /// How the outputs of one run compare with the exact ones, and what does not hold in them that must.
  private func result(_ outputs: Outputs) -> CaseResult {
    let workload = golden.goldenCase.workload
    let results = [
      Rotated(
        tensor: .query, heads: workload.queryHeads, input: tensors.query, expected: tensors.expectedQuery,
        output: outputs.query),
      Rotated(
        tensor: .key, heads: workload.keyHeads, input: tensors.key, expected: tensors.expectedKey, output: outputs.key),
    ]
    var result = judge(results)
    result.violations += results.flatMap(equalRows)
    if results.contains(where: \.input.hasNonFinite) { result.violations += results.flatMap(confined) }
    return result
  }

  /// Q or K before and after, contiguous in the workload's layout.
  private struct Rotated {
    let tensor: TensorName
    let heads: Int
    let input: ElementArray
    let expected: [Double]
    let output: ElementArray
  }

  // MARK: - Integrity

  private func equalRows(_ rotated: Rotated) -> [Violation] {
    BatchRows(golden).unequal(input: rotated.input, output: rotated.output).map { found in
      .rowsDiffer(
        tensor: rotated.tensor, count: found.different.count,
        first: golden.goldenCase.place(of: found.different[0], heads: rotated.heads), equalRow: found.earlier)
    }
  }

  /// NaN and infinity stay in the pairs that they were put into.
  private func confined(_ rotated: Rotated) -> [Violation] {
    let type = rotated.input.type
    var spread: [Int] = []
    for row in stride(from: 0, to: rotated.input.count, by: golden.plan.headDimension) {
      for pair in golden.runningPlan.pairs {
        let inputs = [pair.input.first, pair.input.second].map { type.value(ofBits: rotated.input[row + $0]) }
        guard inputs.allSatisfy(\.isFinite) else { continue }
        for index in [row + pair.output.first, row + pair.output.second] {
          let actual = rotated.output[index], nearest = type.bits(rounding: rotated.expected[index])
          if actual != unwritten, !type.value(ofBits: actual).isFinite, type.value(ofBits: nearest).isFinite {
            spread.append(index)
          }
        }
      }
    }
    guard let first = spread.min() else { return [] }
    return [
      .notConfined(
        tensor: rotated.tensor, count: spread.count, first: golden.goldenCase.place(of: first, heads: rotated.heads),
        actual: rotated.output[first])
    ]
  }

  // MARK: - Rows

  /// Judges every row of Q and K.
  private func judge(_ results: [Rotated]) -> CaseResult {
    var judge = RowJudge(golden: golden, budget: budget)
    var violations: [Violation] = [], wrongCopyCounts: [TensorName: Int] = [:]
    for rotated in results {
      var copies = CopyTally(plan: golden.runningPlan, unwritten: unwritten)
      judgeRows(of: rotated, &judge, &copies)
      wrongCopyCounts[rotated.tensor] = copies.wrongCount
      violations += copies.violations(rotated.tensor, heads: rotated.heads, of: golden.goldenCase)
    }
    return CaseResult(accuracy: judge.accuracy, wrongCopyCounts: wrongCopyCounts, violations: violations)
  }

  private func judgeRows(of rotated: Rotated, _ judge: inout RowJudge, _ copies: inout CopyTally) {
    let type = rotated.input.type, dimension = golden.plan.headDimension
    rotated.input.values.withUnsafeBufferPointer { values in
      rotated.expected.withUnsafeBufferPointer { expected in
        rotated.input.bytes.withUnsafeBytes { input in
          rotated.output.bytes.withUnsafeBytes { output in
            for index in stride(from: 0, to: values.count, by: dimension) {
              let first = golden.goldenCase.place(of: index, heads: rotated.heads), channels = index..<index + dimension
              let bytes = index * type.byteCount..<(index + dimension) * type.byteCount
              let actual = UnsafeRawBufferPointer(rebasing: output[bytes])
              judge.judge(
                RowJudge.Row(
                  tensor: rotated.tensor, batch: first.batch, token: first.token, head: first.head,
                  tokenIndex: first.batch * golden.goldenCase.workload.sequence + first.token),
                input: UnsafeBufferPointer(rebasing: values[channels]),
                expected: UnsafeBufferPointer(rebasing: expected[channels]), actual: actual)
              copies.check(
                rowAt: index, input: UnsafeRawBufferPointer(rebasing: input[bytes]), output: actual, type: type)
            }
          }
        }
      }
    }
  }
}

extension ElementArray {
  fileprivate var hasNonFinite: Bool { (0..<count).contains { !type.value(ofBits: self[$0]).isFinite } }
}
