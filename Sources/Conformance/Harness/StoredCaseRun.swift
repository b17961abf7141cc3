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
    let (runs, violations, deviceWork) = RepeatedRun(
      call: stored.call, place: stored.place, before: memory, backend: backend, evidence: evidence, runCount: runCount
    ).outputs()
    guard let runs else { return CaseResult(violations: violations, deviceWork: deviceWork) }
    let judge = StoredJudge(
      golden: golden, tensors: tensors, budget: budget, unwritten: CaseMemory.poison(golden.goldenCase.elementType))
    var result = try judge.result(runs, violations, diagnosing: diagnoses ? { (stored.call, memory) } : nil)
    result.deviceWork = deviceWork
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
