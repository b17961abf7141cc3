import Conformance

/// A whole run: what was run, every case, and the sums.
public struct RunReport: Sendable, Equatable {
  public let header: RunHeader
  public private(set) var cases: [CaseReport] = []
  public private(set) var summary = RunSummary()

  /// A run that begins.
  public init(_ header: RunHeader) { self.header = header }

  /// Adds one case, and counts it.
  public mutating func add(_ report: CaseReport) {
    cases.append(report)
    summary.add(report)
  }

  /// Notes what is wrong beside the cases, each once.
  public mutating func note(problems: [String]) {
    for problem in problems where !summary.problems.contains(problem) { summary.problems.append(problem) }
  }

  /// The cases that fail, in order.
  public var failing: [CaseReport] { cases.filter { $0.outcome == .fails } }

  /// Every budget that cases were judged by, once, in order of appearance.
  public var budgets: [BudgetReport] {
    var seen = Set<BudgetReport>()
    return cases.map(\.tolerance.budget).filter { seen.insert($0).inserted }
  }
}
