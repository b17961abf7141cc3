import Goldens
import Judging
import RoPE

/// The budgets, and those that apply to the cases of each contract and element type.
package struct BudgetTable: Sendable {
  private let rows: [Row]

  /// Cases of one contract and element type under one rule.
  private struct Row: Sendable {
    /// The contract, with the type of its table if that differs: `table-f32` is a contract of its own here.
    let contract: String
    let elementType: ElementType
    /// Nil if nothing rotates: then bits must be equal, whatever the rules say.
    let rule: ToleranceRule?
    var caseCount = 0

    var cells: [String] {
      [
        contract, elementType.shortName, "\(caseCount)", rule?.budget.name ?? "bit-equal",
        rule?.origin ?? "the contract",
      ]
    }

    var reason: String {
      rule?.description
        ?? "contract none = bit-equal because nothing is rotated, so no rule applies"
    }
  }

  /// - Throws: ``ToleranceError/noRuleMatches(caseName:)``.
  package init(_ tolerances: Tolerances, cases: [Case]) throws(ToleranceError) {
    var rows: [Row] = []
    for goldenCase in cases {
      let rule = goldenCase.contract == .unrotated ? nil : try tolerances.rule(for: goldenCase.name)
      let row = Row(contract: goldenCase.contractName, elementType: goldenCase.elementType, rule: rule)
      func isSame(_ other: Row) -> Bool {
        other.contract == row.contract && other.elementType == row.elementType && other.rule == row.rule
      }
      if !rows.contains(where: isSame) { rows.append(row) }
      for index in rows.indices where isSame(rows[index]) { rows[index].caseCount += 1 }
    }
    let types = ElementType.allCases
    self.rows = rows.sorted {
      ($0.contract, types.firstIndex(of: $0.elementType) ?? types.count, $0.rule?.pattern ?? "")
        < ($1.contract, types.firstIndex(of: $1.elementType) ?? types.count, $1.rule?.pattern ?? "")
    }
  }

  /// Each budget with its formula, the words that may follow it in a rule, each profile with its rules, then a line for
  /// each contract, element type and rule.
  package var text: String {
    let named = Budget.named.map { "\($0.name)\n  |actual − expected| ≤ \($0.derivation)" }
    let byHand = [
      "atol=X,rtol=Y\n  |actual − expected| ≤ X + Y·|expected|: chosen by hand, without derivation.",
      "ulp=N\n  |actual − expected| ≤ N·ulp, the spacing of the element type at the exact result: chosen by hand.",
    ]
    let copies = """
      BUDGET with exact copies
        the same, and a NaN in a channel that does not rotate keeps its bits: by default it may become another NaN, which \
      is a remark, because kernels copy through other types and no computation depends on the payload of a NaN.
      """
    let table = Table(
      heading: ["contract", "element type", "cases", "budget", "set by"],
      rows: rows.map(\.cells))
    let profiles = Profile.all.map { profile in
      (["profile \(profile.name): \(profile.summary)"] + profile.rules.map { "  \($0)" }).joined(separator: "\n")
    }
    var reasons: [String] = []
    for row in rows where !reasons.contains(row.reason) { reasons.append(row.reason) }
    return (named + byHand + [copies] + profiles + [table.text(.plain), reasons.joined(separator: "\n")])
      .joined(separator: "\n\n")
  }
}
