import TestSupport
import Testing

@Suite("budgets", .timeLimit(.minutes(30))) struct BudgetsTests {
  @Test("Every profile is shown with its rules and their reasons")
  func profiles() throws {
    let (status, text) = try Program.ropeConformance("budgets", "--profile", "running-product")
    #expect(status == 0, "\(text)")
    #expect(text.contains("\nprofile strict: the rules of the tolerances file alone\n"))
    #expect(text.contains("\nprofile float32-angles: kernels in float32 throughout"))
    #expect(text.contains("\n  */bf16/** = storage-arithmetic because cosines and sines are cast to bfloat16"))
    #expect(text.contains("float32-angle-c48") && text.contains("profile running-product\n"))
  }

  @Test("Every case of the goldens is counted under the contract, type and rule that it has")
  func counts() throws {
    let (status, text) = try Program.ropeConformance("budgets", "--tolerance", "gpt-oss-20b/f32/** = ulp=9 because a")
    #expect(status == 0, "\(text)")
    let rows = text.split(separator: "\n").map { $0.split(separator: " ") }
    let start = try #require(rows.firstIndex { $0.first == "contract" }, "\(text)") + 1
    // Contract, type, count, budget, origin.
    let counts = rows[start...].prefix { $0.count >= 5 && Int($0[2]) != nil }.map { (row: $0, count: Int($0[2]) ?? 0) }
    #expect(counts.reduce(0) { $0 + $1.count } == 900)
    #expect(counts.contains { $0.row[0] == "table-f32" && $0.row[1] == "bf16" })
    #expect(counts.contains { $0.row[3] == "ulp=9" && $0.row[4] == "--tolerance" })
  }
}
