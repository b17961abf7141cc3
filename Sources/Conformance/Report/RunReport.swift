import Judging

/// A whole run: what was run, every case, and the sums.
public struct RunReport: Sendable, Equatable {
  package private(set) var header: RunHeader
  /// Every case, in order.
  public private(set) var cases: [CaseReport] = []
  private var counts = RunSummary()

  /// Starts an empty report.
  package init(_ header: RunHeader) { self.header = header }

  /// Adds one case, and counts it.
  package mutating func add(_ report: CaseReport) {
    cases.append(report)
    counts.add(report)
  }

  /// Notes problems that belong to no case, each once.
  package mutating func note(problems: [String]) {
    for problem in problems where !counts.problems.contains(problem) { counts.problems.append(problem) }
  }

  /// Notes a sentence on what the run cannot detect, once.
  package mutating func note(notChecked sentence: String) {
    if !header.notChecked.contains(sentence) { header.notChecked.append(sentence) }
  }

  /// The counts, and the causes of the failing cases.
  ///
  /// - Complexity: that of ``FailureGroup/groups(of:)``.
  package var summary: RunSummary {
    var summary = counts
    summary.groups = FailureGroup.groups(of: cases)
    return summary
  }

  /// True if a case conforms, none fails, and nothing else is wrong.
  ///
  /// Unsupported cases count neither way.
  public var conforms: Bool { counts.conforms }

  /// True for a shard for which no case is left.
  package var isEmptyShard: Bool { header.shard != .whole && header.caseCount == 0 }

  /// The result in words.
  package var result: String {
    isEmptyShard ? "shard \(header.shard) has no cases" : conforms ? "conforms" : "does not conform"
  }

  /// The cases that fail, in order.
  package var failing: [CaseReport] { cases.filter { $0.outcome == .fails } }

  /// Every budget that cases were judged by, once, in order of appearance.
  package var budgets: [Budget] {
    var seen = Set<Budget>()
    return cases.map(\.verdict.rule.budget).filter { seen.insert($0).inserted }
  }
}
