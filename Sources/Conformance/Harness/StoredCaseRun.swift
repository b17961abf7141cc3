import Backends
import Goldens
import RoPE

/// Runs a backend on a golden that holds its tensors, and judges what comes back.
struct StoredCaseRun {
  let golden: Golden
  let tensors: Golden.StoredTensors
  let backend: any RoPEBackend
  let evidence: EvidenceCheck
  let budget: Budget
  let diagnoses: Bool
  let runCount: Int

  func run() throws -> CaseResult {
    let goldenCase = golden.goldenCase, workload = golden.goldenCase.workload
    let place = try CaseMemory(goldenCase, for: backend)
    place.fillValues(seed: goldenCase.seed)
    place.scatter(tensors.query, heads: workload.queryHeads, into: place.placement.query.input)
    place.scatter(tensors.key, heads: workload.keyHeads, into: place.placement.key.input)
    let call = RotationCall(
      plan: golden.runningPlan, elementType: goldenCase.elementType, batch: workload.batch, sequence: workload.sequence,
      angles: tensors.angles.running(workload.direction), query: place.placement.query, key: place.placement.key)
    try call.validate(bufferByteCounts: place.memory.byteCounts)
    do {
      if case .unsupported(let reason) = try backend.support(for: call) { return .unsupported(reason) }
    } catch {
      return CaseResult(violations: [.backendFailed(message: "\(error)")])
    }

    let memory = MemorySnapshot(place.memory)
    var (outputs, violations, deviceWork) = RepeatedRun(
      call: call, place: place, before: memory, backend: backend, evidence: evidence, runCount: runCount
    ).outputs()
    guard let outputs else { return CaseResult(violations: violations, deviceWork: deviceWork) }
    let results = [
      Rotated(
        tensor: .query, heads: workload.queryHeads, input: tensors.query, expected: tensors.expectedQuery,
        output: outputs.query),
      Rotated(
        tensor: .key, heads: workload.keyHeads, input: tensors.key, expected: tensors.expectedKey, output: outputs.key),
    ]
    var result = judge(results, place)
    violations += result.violations + results.flatMap { equalRows($0, place) }
    if results.contains(where: \.input.hasNonFinite) { violations += results.flatMap { confined($0, place) } }
    result.violations = violations
    result.deviceWork = deviceWork
    if diagnoses, !result.conforms,
      let diagnostician = Diagnostician(golden, budget: budget, call: call, memory: memory.buffers, outputs: outputs)
    {
      result.diagnosis = diagnostician.diagnosis()
      result.profile = diagnostician.profile()
    }
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

  private func equalRows(_ rotated: Rotated, _ place: CaseMemory) -> [Violation] {
    BatchRows(golden).unequal(input: rotated.input, output: rotated.output).map { found in
      .rowsDiffer(
        tensor: rotated.tensor, count: found.different.count,
        first: place.place(of: found.different[0], heads: rotated.heads), equalRow: found.earlier)
    }
  }

  /// NaN and infinity stay in the pairs that they were put into.
  private func confined(_ rotated: Rotated, _ place: CaseMemory) -> [Violation] {
    let type = rotated.input.type, poison = CaseMemory.poison(type)
    var spread: [Int] = []
    for row in stride(from: 0, to: rotated.input.count, by: golden.plan.headDimension) {
      for pair in golden.runningPlan.pairs {
        let inputs = [pair.input.first, pair.input.second].map { type.value(ofBits: rotated.input[row + $0]) }
        guard inputs.allSatisfy(\.isFinite) else { continue }
        for index in [row + pair.output.first, row + pair.output.second] {
          let actual = rotated.output[index], nearest = type.bits(rounding: rotated.expected[index])
          if actual != poison, !type.value(ofBits: actual).isFinite, type.value(ofBits: nearest).isFinite {
            spread.append(index)
          }
        }
      }
    }
    guard let first = spread.min() else { return [] }
    return [
      .notConfined(
        tensor: rotated.tensor, count: spread.count, first: place.place(of: first, heads: rotated.heads),
        actual: rotated.output[first])
    ]
  }

  // MARK: - Rows

  /// Judges every row of Q and K.
  private func judge(_ results: [Rotated], _ place: CaseMemory) -> CaseResult {
    var judge = RowJudge(golden: golden, budget: budget)
    var violations: [Violation] = []
    for rotated in results {
      var copies = CopyTally(plan: golden.runningPlan)
      judgeRows(of: rotated, place, &judge, &copies)
      violations += copies.violations(rotated.tensor, heads: rotated.heads, golden.goldenCase)
    }
    return CaseResult(accuracy: judge.accuracy, violations: violations)
  }

  private func judgeRows(of rotated: Rotated, _ place: CaseMemory, _ judge: inout RowJudge, _ copies: inout CopyTally) {
    let type = rotated.input.type, dimension = golden.plan.headDimension
    rotated.input.values.withUnsafeBufferPointer { values in
      rotated.expected.withUnsafeBufferPointer { expected in
        rotated.input.bytes.withUnsafeBytes { input in
          rotated.output.bytes.withUnsafeBytes { output in
            for index in stride(from: 0, to: values.count, by: dimension) {
              let first = place.place(of: index, heads: rotated.heads), channels = index..<index + dimension
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
