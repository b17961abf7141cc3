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
    let stored = try StoredCall(golden, tensors, for: backend)
    do {
      if case .unsupported(let reason) = try backend.support(for: stored.call) { return .unsupported(reason) }
    } catch {
      return CaseResult(violations: [.backendFailed(message: "\(error)")])
    }
    let memory = MemorySnapshot(stored.place.memory)
    let (outputs, violations, deviceWork) = RepeatedRun(
      call: stored.call, place: stored.place, before: memory, backend: backend, evidence: evidence, runCount: runCount
    ).outputs()
    guard let outputs else { return CaseResult(violations: violations, deviceWork: deviceWork) }
    let judge = StoredJudge(
      golden: golden, tensors: tensors, budget: budget, unwritten: CaseMemory.poison(golden.goldenCase.elementType))
    var result = judge.result(outputs)
    result.violations = violations + result.violations
    result.deviceWork = deviceWork
    if diagnoses, !result.conforms { result.diagnose(outputs, judge, stored.call, memory) }
    return result
  }
}

/// The call of a golden that holds its tensors, with its inputs in place.
struct StoredCall {
  let call: RotationCall
  let place: CaseMemory

  /// - Parameter backend: whose memory it is; the host's where there is none.
  /// - Throws: `CallError`, or what the backend throws.
  init(_ golden: Golden, _ tensors: Golden.StoredTensors, for backend: (any RoPEBackend)?) throws {
    let goldenCase = golden.goldenCase, workload = golden.goldenCase.workload
    place = try CaseMemory(goldenCase, for: backend)
    place.fillValues(seed: goldenCase.seed)
    place.scatter(tensors.query, heads: workload.queryHeads, into: place.placement.query.input)
    place.scatter(tensors.key, heads: workload.keyHeads, into: place.placement.key.input)
    call = RotationCall(
      plan: golden.runningPlan, elementType: goldenCase.elementType, batch: workload.batch, sequence: workload.sequence,
      angles: tensors.angles.running(workload.direction), query: place.placement.query, key: place.placement.key)
    try call.validate(bufferByteCounts: place.memory.byteCounts)
  }
}

extension CaseResult {
  /// Says what is wrong with the outputs of a case that stores its tensors.
  ///
  /// - Parameter memory: that of the call before it.
  mutating func diagnose(
    _ outputs: Outputs, _ judge: StoredJudge, _ call: RotationCall, _ memory: MemorySnapshot
  ) {
    guard
      let diagnostician = Diagnostician(
        judge.golden, budget: judge.budget, call: call, memory: memory.buffers, outputs: outputs,
        unwritten: judge.unwritten)
    else { return }
    diagnosis = diagnostician.diagnosis()
    profile = diagnostician.profile()
  }
}
