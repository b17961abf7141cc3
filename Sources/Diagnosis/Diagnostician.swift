import Backends
import Goldens
import Judging
import Mistakes
import RoPE

/// Finds the cause of a case's failure, after its verdict.
package struct Diagnostician: Sendable {
  /// The number of tokens of a computed case that are examined, around one that fails; others may be wrong in other
  /// ways.
  private static let excerptTokenCount = 8

  package init() {}

  /// The causes of a verdict; nil if the case conforms or nothing is found.
  ///
  /// `outputs` are those that the verdict is on.
  ///
  /// - Throws: ``OutputError``, and `CallError` if the golden itself does not give a valid call.
  /// - Complexity: a few rows for each known mistake, and all rows for each that explains those.
  package func diagnosis(
    of verdict: Verdict, on golden: Golden, _ outputs: some OutputSource
  ) throws -> Diagnosis? {
    // Known mistakes are known for Q and K that are rotated together.
    guard verdict.outcome == .fails, let accuracy = verdict.accuracy, golden.isJoint else { return nil }
    let budget = verdict.rule.budget
    let first = try findings(
      golden, outputs, run: 1, budget, failing: accuracy.worst.flatMap { $0.conforms ? nil : $0.element })
    guard let run = verdict.differentRun else { return first?.ifAny }
    let later = try findings(
      golden, outputs, run: run, budget, failing: verdict.failingElement(ofRun: run),
      followsRight: verdict.isRightAtFirst && verdict.canBeState)
    // Bits that change from run to run are not a way of rounding.
    let isState = verdict.disagreements.allSatisfy { $0.pattern == .state }
    let statements = (later?.statements ?? []).filter { isState || !$0.cause.isRounding }.map { $0.of(run: run) }
    return Diagnosis(
      statements: (first?.statements ?? []) + statements,
      profile: verdict.isRightAtFirst ? later?.profile : first?.profile
    ).ifAny
  }

  /// The diagnosis of one run by itself.
  ///
  /// `element` is one that fails; nil for none. If `followsRight`, an earlier run on the same inputs was right.
  private func findings(
    _ golden: Golden, _ outputs: some OutputSource, run: Int, _ budget: Budget, failing element: ElementIndex?,
    followsRight: Bool = false
  ) throws -> Diagnosis? {
    let workload = golden.goldenCase.workload
    switch golden.content {
    case .stored:
      let search = try CauseSearch(
        golden, budget: budget, outputs: PerTensor { try outputs.rows(run: run, $0, 0..<workload.tokenCount) },
        unwritten: outputs.unwritten, followsRight: followsRight)
      return Diagnosis(statements: search.statements(), profile: search.profile())
    case .computed:
      guard let element else { return nil }
      let near = tokens(around: element.batch * workload.sequence + element.token, of: workload.tokenCount)
      func search(_ tokens: [Int]) throws -> CauseSearch {
        try CauseSearch(
          golden.excerpt(tokens: tokens), budget: budget,
          outputs: PerTensor { tensor in
            ElementArray(
              type: golden.goldenCase.elementType,
              bytes: try tokens.flatMap { try outputs.rows(run: run, tensor, $0..<$0 + 1).bytes })
          }, unwritten: outputs.unwritten, followsRight: followsRight)
      }
      // The samples include both sides of every power of two, and so show where errors begin.
      let samples = workload.batch == 1 ? ComputedTruth.sampleTokens(of: workload.sequence) : []
      return Diagnosis(
        statements: try search(near).statements(), profile: try search(Set(near).union(samples).sorted()).profile())
    }
  }

  private func tokens(around token: Int, of count: Int) -> [Int] {
    let first = max(0, min(token - Self.excerptTokenCount / 2, count - Self.excerptTokenCount))
    return Array(first..<min(first + Self.excerptTokenCount, count))
  }
}

extension Diagnosis {
  /// The diagnosis; nil if it says nothing.
  fileprivate var ifAny: Diagnosis? { statements.isEmpty && profile == nil ? nil : self }
}

extension Verdict {
  /// True if the first run was right by itself, so that only later runs are wrong.
  fileprivate var isRightAtFirst: Bool {
    guard accuracy?.conforms ?? false else { return false }
    return violations.allSatisfy { violation in
      switch violation {
      case .notRepeatable(_, let disagreement): (disagreement.wrongCounts?.first ?? 0) == 0
      // A tensor that is the same in all runs was wrong in the first.
      case .notWritten(let tensor, _, _), .notCopied(let tensor, _, _, _, _), .notConfined(let tensor, _, _, _),
        .rowsDiffer(let tensor, _, _, _):
        violations.contains { if case .notRepeatable(tensor, _) = $0 { true } else { false } }
      case .backendFailed, .evidence, .writtenOutside, .notRefused: true
      }
    }
  }

  /// True if no later run has the bits of the first, as when each call finds what earlier calls left behind.
  fileprivate var canBeState: Bool {
    let different = Set(disagreements.flatMap { $0.runs.map(\.run) })
    return (2...max(2, disagreements.map(\.runCount).max() ?? 2)).allSatisfy(different.contains)
  }

  /// The first element in which a later run differs, in a tensor where that run is wrong; nil for none.
  fileprivate func failingElement(ofRun run: Int) -> ElementIndex? {
    disagreements.lazy.filter { ($0.wrongCounts?.later ?? 0) > 0 }.compactMap { $0.runs.first { $0.run == run }?.first }
      .first
  }
}
