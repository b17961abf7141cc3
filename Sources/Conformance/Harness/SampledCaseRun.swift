import Backends
import Goldens
import RoPE

/// Runs a backend on a long sequence whose inputs follow from a seed, and judges every token: beside inputs and outputs,
/// only some tokens are in memory at a time.
struct SampledCaseRun {
  let golden: Golden
  let rows: Golden.SampledRows
  let backend: any RoPEBackend
  let evidence: EvidenceCheck
  let budget: Budget
  let diagnoses: Bool
  let runCount: Int

  func run() throws -> CaseResult {
    let goldenCase = golden.goldenCase, workload = golden.goldenCase.workload
    let judge = SampledJudge(
      golden: golden, rows: rows, budget: budget, unwritten: CaseMemory.poison(goldenCase.elementType))
    try judge.checkRows()
    let place = try CaseMemory(goldenCase, for: backend)
    let call = RotationCall(
      plan: golden.plan, elementType: goldenCase.elementType, batch: 1, sequence: workload.sequence,
      angles: .positions(golden.positions), query: place.placement.query, key: place.placement.key)
    try call.validate(bufferByteCounts: place.memory.byteCounts)
    do {
      if case .unsupported(let reason) = try backend.support(for: call) { return .unsupported(reason) }
    } catch {
      return CaseResult(violations: [.backendFailed(message: "\(error)")])
    }
    let query = TokenBytes(place, call.query, call), key = TokenBytes(place, call.key, call)
    let stream = SampledStream(goldenCase, plan: golden.plan)
    SampledJudge.forEachSlab(of: workload.sequence) { tokens in
      stream.fill(query.bytes(of: tokens), tokens: tokens, isKey: false)
      stream.fill(key.bytes(of: tokens), tokens: tokens, isKey: true)
    }
    let (runs, violations, deviceWork) = RepeatedRun(
      call: call, place: place, before: MemorySnapshot(place.memory), backend: backend, evidence: evidence,
      runCount: runCount
    ).outputs()
    guard let runs else { return CaseResult(violations: violations, deviceWork: deviceWork) }
    let first = tokenOutputs(runs.first)
    var result = try judge.result(first)
    try judge.add(
      runs.comparison, to: &result, first: first, different: runs.different.map(tokenOutputs), diagnoses: diagnoses)
    result.violations = violations + result.violations
    result.deviceWork = deviceWork
    return result
  }

  private func tokenOutputs(_ outputs: Outputs) -> SampledJudge.TokenOutputs {
    let count = golden.goldenCase.workload.sequence
    return { tensor, tokens in
      let elements = tensor == .query ? outputs.query : outputs.key, size = elements.bytes.count / count
      return ElementArray(
        type: elements.type, bytes: Array(elements.bytes[tokens.lowerBound * size..<tokens.upperBound * size]))
    }
  }

  /// One tensor's inputs of a range of tokens.
  private struct TokenBytes: @unchecked Sendable {
    // Shared by workers that touch disjoint tokens.
    private let buffer: UnsafeMutableRawBufferPointer
    private let tokenByteCount: Int

    init(_ place: CaseMemory, _ tensor: RotatedTensor, _ call: RotationCall) {
      let start = tensor.input.offset * call.elementType.byteCount
      buffer = UnsafeMutableRawBufferPointer(rebasing: place.memory.buffers[tensor.input.buffer][start...])
      tokenByteCount = tensor.heads * call.plan.headDimension * call.elementType.byteCount
    }

    func bytes(of tokens: Range<Int>) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(
        rebasing: buffer[tokens.lowerBound * tokenByteCount..<tokens.upperBound * tokenByteCount])
    }
  }
}
