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
    let outputs = all[0]
    var query = RunDifferences(), key = RunDifferences()
    for later in all.dropFirst() {
      query.compare(outputs.query, with: later.query)
      key.compare(outputs.key, with: later.key)
    }
    let judge = StoredJudge(golden: golden, tensors: tensors, budget: budget, unwritten: nil)
    var result = judge.result(outputs)
    var queryRace = RaceTally(), keyRace = RaceTally()
    queryRace.add(query)
    keyRace.add(key)
    result.violations = races(queryRace, keyRace) + result.violations
    if diagnoses, !result.conforms {
      let stored = try StoredCall(golden, tensors, for: nil)
      result.diagnose(outputs, judge, stored.call, MemorySnapshot(stored.place.memory))
    }
    return result
  }

  private func sampled(_ rows: Golden.SampledRows) throws -> CaseResult {
    let judge = SampledJudge(golden: golden, rows: rows, budget: budget, unwritten: nil)
    try judge.checkRows()
    let workload = golden.goldenCase.workload, dimension = golden.plan.headDimension
    let recorded = recorded
    let queryRace = Mutex(RaceTally()), keyRace = Mutex(RaceTally())
    var result = try judge.result(diagnoses: diagnoses) { tensor, tokens in
      let heads = tensor == .query ? workload.queryHeads : workload.keyHeads
      let all = try runs.map {
        try $0.elements(
          tensor == .query ? .query : .key, of: recorded, at: [0, tokens.lowerBound, 0, 0],
          count: [1, tokens.count, heads, dimension])
      }
      var differences = RunDifferences()
      for later in all.dropFirst() { differences.compare(all[0], with: later) }
      let offset = tokens.lowerBound * heads * dimension
      switch tensor {
      case .query: queryRace.withLock { $0.add(differences, offset: offset) }
      case .key: keyRace.withLock { $0.add(differences, offset: offset) }
      }
      return all[0]
    }
    result.violations = races(queryRace.withLock { $0 }, keyRace.withLock { $0 }) + result.violations
    return result
  }

  private func races(_ query: RaceTally, _ key: RaceTally) -> [Violation] {
    let goldenCase = golden.goldenCase, workload = golden.goldenCase.workload
    return query.violations(.query, heads: workload.queryHeads, of: goldenCase, runCount: runs.count)
      + key.violations(.key, heads: workload.keyHeads, of: goldenCase, runCount: runs.count)
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
