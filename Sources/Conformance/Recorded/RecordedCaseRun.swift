import Backends
import Goldens
import RoPE
import Synchronization

/// Judges the outputs of one case that were made elsewhere, in one run of a program or in several.
///
/// A golden that holds its tensors is in memory whole, with its outputs; of a long sequence only some tokens are.
struct RecordedCaseRun {
  let golden: Golden
  /// One for each run; the first is judged, and the others must have the same bits.
  let runs: [RecordedOutputs]
  let budget: Budget
  let diagnoses: Bool

  private var recorded: RecordedCase { RecordedCase(golden.goldenCase) }

  /// - Throws: where the golden itself cannot be used.
  func run() throws -> CaseResult {
    do {
      for (index, outputs) in runs.enumerated() {
        // A later run that says something else is a mistake of its own.
        let prefix = index == 0 ? "" : "in run \(index + 1): "
        switch try outputs.state(of: recorded) {
        case .recorded: break
        case .absent: return .failed("\(prefix)no output recorded")
        case .failed(let message): return .failed("\(prefix)the program failed: \(message)")
        case .unsupported(let reason):
          return index == 0 ? .unsupported(reason) : .failed("\(prefix)not supported: \(reason)")
        }
      }
      return switch golden.content {
      case .stored(let tensors): try stored(tensors)
      case .sampled(let rows): try sampled(rows)
      }
    } catch let error as RecordedError {
      return .failed("\(error)")
    }
  }

  private func stored(_ tensors: Golden.StoredTensors) throws -> CaseResult {
    let all = try runs.map {
      Outputs(query: try $0.elements(.query, of: recorded), key: try $0.elements(.key, of: recorded))
    }
    var outputs = RunOutputs(all[0])
    for later in all.dropFirst() { outputs.add(later) }
    func call() throws -> (call: RotationCall, memory: MemorySnapshot) {
      let stored = try StoredCall(golden, tensors, for: nil)
      return (stored.call, MemorySnapshot(stored.place.memory))
    }
    return try StoredJudge(golden: golden, tensors: tensors, budget: budget, unwritten: nil)
      .result(outputs, diagnosing: diagnoses ? call : nil)
  }

  private func sampled(_ rows: Golden.SampledRows) throws -> CaseResult {
    let judge = SampledJudge(golden: golden, rows: rows, budget: budget, unwritten: nil)
    try judge.checkRows()
    let comparison = Mutex(RunComparison())
    var result = try judge.result { tensor, tokens in
      let all = try runs.map { try elements(of: $0, tensor, tokens) }
      var differences = RunDifferences()
      for later in all.dropFirst() { differences.compare(all[0], with: later) }
      let offset = tokens.lowerBound * (all[0].count / tokens.count)
      comparison.withLock { $0.add(differences, tensor, offset: offset) }
      return all[0]
    }
    let found = comparison.withLock { $0 }
    try judge.add(
      found, to: &result, first: tokenOutputs(run: 1), different: found.firstDifferent.map(tokenOutputs),
      diagnoses: diagnoses)
    return result
  }

  private func tokenOutputs(run: Int) -> SampledJudge.TokenOutputs {
    { try elements(of: runs[run - 1], $0, $1) }
  }

  /// `[tokens, heads, D]`
  private func elements(
    of outputs: RecordedOutputs, _ tensor: TensorName, _ tokens: Range<Int>
  ) throws -> ElementArray {
    let workload = golden.goldenCase.workload
    return try outputs.elements(
      tensor == .query ? .query : .key, of: recorded, at: [0, tokens.lowerBound, 0, 0],
      count: [
        1, tokens.count, tensor == .query ? workload.queryHeads : workload.keyHeads, golden.plan.headDimension,
      ])
  }
}

extension CaseResult {
  /// A backend that gave no outputs, for this reason.
  static func failed(_ reason: String) -> CaseResult { CaseResult(violations: [.backendFailed(message: reason)]) }
}

extension RecordedCase {
  /// What recorded outputs must hold of a case.
  init(_ goldenCase: Case) {
    let workload = goldenCase.workload, dimension = goldenCase.convention.headDimension
    self.init(
      name: goldenCase.name, elementType: goldenCase.elementType,
      queryShape: workload.axes(heads: workload.queryHeads, headDimension: dimension).map(\.count),
      keyShape: workload.axes(heads: workload.keyHeads, headDimension: dimension).map(\.count))
  }
}
