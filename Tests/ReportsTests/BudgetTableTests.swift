import Conformance
import Foundation
import Reports
import Testing

@Suite struct BudgetTableTests {
  private func table(_ rules: [String], _ names: [String]) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "budgets-\(UUID().uuidString).yaml").path
    try "rules: ['\(rules.joined(separator: "', '"))']".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try BudgetTable(Tolerances(file: path), caseNames: names).text
      .replacing(path.split(separator: "/").last ?? "", with: "tolerances.yaml")
  }

  private let names = [
    "a/bf16/prompt/position", "a/f32/prompt/position", "b/f32/prompt/position", "a/f16/prompt/table-f32",
    "a/f16/prompt/table", "a/f32/rope-disabled/none",
  ]

  @Test("Every budget with its formula, and what each contract and element type has")
  func text() throws {
    let text = try table(
      ["** = float32-exact-angle because it is exact", "b/** = ulp=2 because b is odd"], names)
    for budget in Budget.named {
      #expect(text.contains("\(budget.name)\n  |actual − expected| ≤ \(budget.derivation)"))
    }
    #expect(text.contains("atol=X,rtol=Y\n") && text.contains("ulp=N\n"))
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    let first = try #require(lines.firstIndex { $0.hasPrefix("contract ") })
    #expect(
      Array(lines[(first + 1)...]) == [
        "none f32 1 bit-equal the contract",
        "position f32 1 float32-exact-angle tolerances.yaml", "position f32 1 ulp=2 tolerances.yaml",
        "position bf16 1 float32-exact-angle tolerances.yaml", "table f16 1 float32-exact-angle tolerances.yaml",
        "table-f32 f16 1 float32-exact-angle tolerances.yaml",
        "contract none = bit-equal because nothing is rotated, so that no rule has a say",
        "** = float32-exact-angle because it is exact",
        "b/** = ulp=2 because b is odd",
      ])
  }

  @Test("A case that no rule fits is an error")
  func noRule() {
    #expect(throws: ToleranceError.noRuleMatches(caseName: "b/f32/prompt/position")) {
      try table(["a/** = ulp=1 because a"], names)
    }
  }
}
