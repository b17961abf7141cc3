import Judging
import Reports
import RoPE
import Testing

@testable import Goldens

@Suite struct BudgetTableTests {
  private func table(_ rules: [String], _ cases: [Case]) throws -> String {
    let rules = try rules.map { try ToleranceRule(parsing: $0, origin: "tolerances.yaml") }
    return try BudgetTable(Tolerances(rules), cases: cases).text
  }

  /// Makes a case of the prompt workload.
  private func goldenCase(
    _ model: String, _ type: ElementType, _ contract: Contract, table: ElementType? = nil
  ) -> Case {
    Case(
      model: model, convention: .configuration(.withoutRoPE(headDimension: 8)),
      workload: Workload("prompt", .withRoPE, sequence: 3, heads: (2, 1)), elementType: type, contract: contract,
      tableType: table)
  }

  private var cases: [Case] {
    [
      goldenCase("a", .bfloat16, .position), goldenCase("a", .float32, .position),
      goldenCase("b", .float32, .position), goldenCase("a", .float16, .table, table: .float32),
      goldenCase("a", .float16, .table, table: .float16), goldenCase("a", .float32, .unrotated),
    ]
  }

  @Test("Every budget with its formula, and what each contract and element type has")
  func text() throws {
    let text = try table(
      ["** = float32-exact-angle because it is exact", "b/** = ulp=2 with exact copies because b is odd"], cases)
    for budget in Budget.named {
      #expect(text.contains("\(budget.name)\n  |actual − expected| ≤ \(budget.derivation)"))
    }
    #expect(text.contains("BUDGET with exact copies\n  the same, and a NaN"))
    #expect(text.contains("atol=X,rtol=Y\n") && text.contains("ulp=N\n"))
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    let first = try #require(lines.firstIndex { $0.hasPrefix("contract ") })
    #expect(
      Array(lines[(first + 1)...]) == [
        "none f32 1 bit-equal the contract",
        "position f32 1 float32-exact-angle tolerances.yaml", "position f32 1 ulp=2 tolerances.yaml",
        "position bf16 1 float32-exact-angle tolerances.yaml", "table f16 1 float32-exact-angle tolerances.yaml",
        "table-f32 f16 1 float32-exact-angle tolerances.yaml",
        "contract none = bit-equal because nothing is rotated, so no rule applies",
        "** = float32-exact-angle because it is exact",
        "b/** = ulp=2 with exact copies because b is odd",
      ])
  }

  @Test("A case that no rule fits is an error")
  func noRule() {
    #expect(throws: ToleranceError.noRuleMatches(caseName: "b/f32/prompt/position")) {
      try table(["a/** = ulp=1 because a"], cases)
    }
  }
}
