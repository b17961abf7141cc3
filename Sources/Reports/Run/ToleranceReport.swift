public import Conformance

/// A budget with its formula, and the reason for each number of it.
public struct BudgetReport: Codable, Sendable, Hashable {
  public let name: String
  public let derivation: String

  init(_ budget: Budget) {
    name = budget.name
    derivation = budget.derivation
  }
}

/// A rule that gives cases their budget.
public struct ToleranceReport: Codable, Sendable, Equatable {
  /// The cases: `*` is any run of characters but `/`, `**` any run at all.
  public let pattern: String
  public let budget: BudgetReport
  /// Where the rule stands, such as `tolerances.yaml`.
  public let origin: String
  /// Why that budget is right for those cases.
  public let reason: String

  /// The report of a rule.
  public init(_ rule: ToleranceRule) {
    pattern = rule.pattern
    budget = BudgetReport(rule.budget)
    origin = rule.origin
    reason = rule.reason
  }
}
