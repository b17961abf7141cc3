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

    let before = MemorySnapshot(place.memory)
    var violations: [Violation] = []
    guard let first = rotate(call, place, before, &violations) else {
      return CaseResult(accuracy: nil, violations: violations)
    }
    violations += copied(tensors.query, first.query, .query) + copied(tensors.key, first.key, .key)
    violations += equalRows(tensors.query, first.query, .query) + equalRows(tensors.key, first.key, .key)
    before.restore(place.memory)
    if let second = rotate(call, place, before, &violations) {
      violations += repeated(first.query, second.query, .query) + repeated(first.key, second.key, .key)
    }
    var result = CaseResult(accuracy: accuracy(of: first), violations: violations)
    if diagnoses, !result.conforms,
      let diagnostician = Diagnostician(golden, budget: budget, call: call, memory: before.buffers, outputs: first)
    {
      result.diagnosis = diagnostician.diagnosis()
      result.profile = diagnostician.profile()
    }
    return result
  }

  /// One run, or nil where the backend failed; adds what it violated, unless an earlier run did already.
  private func rotate(
    _ call: RotationCall, _ place: CaseMemory, _ before: MemorySnapshot, _ violations: inout [Violation]
  ) -> Outputs? {
    var found: [Violation] = []
    // What the first run violated, the second does too.
    defer { violations += violations.isEmpty ? found : [] }
    do {
      found += evidence.violations(try backend.rotate(call, in: place.memory), call)
    } catch {
      found.append(.backendFailed(message: "\(error)"))
      return nil
    }
    let query = place.gather(call.query.output, heads: call.query.heads, from: place.memory.buffers)
    let key = place.gather(call.key.output, heads: call.key.heads, from: place.memory.buffers)
    found += written(query, .query) + written(key, .key)
    found += before.changesOutside(of: call, place)
    return Outputs(query: query, key: key)
  }

  // MARK: - Integrity

  private func written(_ output: ElementArray, _ tensor: TensorName) -> [Violation] {
    let poison = CaseMemory.poison(output.type)
    let missing = (0..<output.count).filter { output[$0] == poison }
    guard let first = missing.first else { return [] }
    return [.notWritten(tensor: tensor, count: missing.count, first: place(of: first, tensor))]
  }

  private func copied(_ input: ElementArray, _ output: ElementArray, _ tensor: TensorName) -> [Violation] {
    let dimension = golden.plan.headDimension
    let channels = golden.runningPlan.passThroughChannels
    var wrong: [Int] = []
    for row in stride(from: 0, to: input.count, by: dimension) {
      for channel in channels where input[row + channel] != output[row + channel] { wrong.append(row + channel) }
    }
    guard let first = wrong.first else { return [] }
    return [
      .notCopied(
        tensor: tensor, count: wrong.count, first: place(of: first, tensor), expected: input[first],
        actual: output[first])
    ]
  }

  private func repeated(_ first: ElementArray, _ second: ElementArray, _ tensor: TensorName) -> [Violation] {
    guard first != second else { return [] }
    let different = (0..<first.count).filter { first[$0] != second[$0] }
    return different.first.map {
      [.notRepeatable(tensor: tensor, count: different.count, first: place(of: $0, tensor))]
    } ?? []
  }

  private func equalRows(_ input: ElementArray, _ output: ElementArray, _ tensor: TensorName) -> [Violation] {
    BatchRows(golden).unequal(input: input, output: output).map { found in
      .rowsDiffer(
        tensor: tensor, count: found.different.count, first: place(of: found.different[0], tensor),
        equalRow: found.earlier)
    }
  }

  /// Where the element at an index of a contiguous tensor belongs.
  private func place(of index: Int, _ tensor: TensorName) -> ElementPlace {
    let workload = golden.goldenCase.workload, dimension = golden.plan.headDimension
    let heads = tensor == .query ? workload.queryHeads : workload.keyHeads
    let strides = workload.strides(heads: heads, headDimension: dimension)
    let inRow = index % strides.batch
    return ElementPlace(
      batch: index / strides.batch, token: inRow / strides.sequence % workload.sequence,
      head: inRow / strides.head % heads, channel: index % dimension)
  }

  // MARK: - Accuracy

  private func accuracy(of outputs: Outputs) -> Accuracy {
    var judge = RowJudge(golden: golden, budget: budget)
    judgeRows(.query, tensors.query, tensors.expectedQuery, outputs.query, &judge)
    judgeRows(.key, tensors.key, tensors.expectedKey, outputs.key, &judge)
    return judge.accuracy
  }

  private func judgeRows(
    _ tensor: TensorName, _ input: ElementArray, _ expected: [Double], _ output: ElementArray, _ judge: inout RowJudge
  ) {
    let dimension = golden.plan.headDimension, size = input.type.byteCount
    input.values.withUnsafeBufferPointer { values in
      expected.withUnsafeBufferPointer { expected in
        output.bytes.withUnsafeBytes { actual in
          for first in stride(from: 0, to: input.count, by: dimension) {
            let place = place(of: first, tensor), channels = first..<first + dimension
            judge.judge(
              RowJudge.Row(
                tensor: tensor, batch: place.batch, token: place.token, head: place.head,
                tokenIndex: place.batch * golden.goldenCase.workload.sequence + place.token),
              input: UnsafeBufferPointer(rebasing: values[channels]),
              expected: UnsafeBufferPointer(rebasing: expected[channels]),
              actual: UnsafeRawBufferPointer(rebasing: actual[first * size..<(first + dimension) * size]))
          }
        }
      }
    }
  }
}
