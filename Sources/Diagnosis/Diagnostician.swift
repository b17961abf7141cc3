import Backends
import Goldens
import Judging
import Mistakes
import RoPE

/// Finds the cause of a case's failure, after its verdict.
package struct Diagnostician: Sendable {
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
    guard verdict.outcome == .fails, verdict.accuracy != nil else { return nil }
    let first = try findings(golden, outputs, run: 1, verdict.rule)
    guard let run = verdict.differentRun else { return first.ifAny }
    let later = try findings(
      golden, outputs, run: run, verdict.rule, followsRight: verdict.isRightAtFirst && verdict.canBeState)
    // Of bits that change from run to run, only a known mistake says more than the verdict.
    let isState = verdict.disagreements.allSatisfy { $0.pattern == .state }
    let statements = later.statements.filter { statement in
      isState || !statement.cause.isRounding && !statement.cause.mistakes.isEmpty
    }.map { $0.of(run: run) }
    return Diagnosis(
      statements: first.statements + statements, profile: verdict.isRightAtFirst ? later.profile : first.profile
    ).ifAny
  }

  /// The diagnosis of one run by itself.
  ///
  /// If `followsRight`, an earlier run on the same inputs was right.
  private func findings(
    _ golden: Golden, _ outputs: some OutputSource, run: Int, _ rule: ToleranceRule, followsRight: Bool = false
  ) throws -> Diagnosis {
    let examination = try Examination(golden, outputs, run: run, rule: rule)
    return Diagnosis(
      statements: try CauseSearch(examination, followsRight: followsRight).statements(),
      profile: examination.profile)
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
}
