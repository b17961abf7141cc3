import Backends
import Invariants
import Judging
import RoPE
import Testing

@Suite(.timeLimit(.minutes(30))) struct InvariantSweepTests {
  private func entries(_ rules: String...) throws -> [InvariantSweep.Entry] {
    let rules = try rules.map { try ToleranceRule(parsing: $0, origin: "test") }
    return try InvariantSweep(tolerances: Tolerances(rules), types: [.float32, .float16], seed: 1)
      .entries(of: "m", .configuration(InvariantTests.interleaved), backend: ReferenceBackend())
  }

  @Test("Each type has each contract, with a table of its own type and one in float32; rules see that name")
  func names() throws {
    let entries = try entries("** = float32-exact-angle because a")
    #expect(
      entries.map(\.name) == [
        "m/f32/position", "m/f32/frequency", "m/f32/table", "m/f16/position", "m/f16/frequency", "m/f16/table",
        "m/f16/table-f32",
      ])
    #expect(entries.allSatisfy { $0.results.map(\.invariant) == Invariant.allCases })
    let others = try self.entries(
      "** = float32-exact-angle because a", "m/f16/invariants/table-f32 = ulp=64 because b")
    for (entry, other) in zip(entries, others) {
      let isSame = entry.results.map(\.outcome) == other.results.map(\.outcome)
      #expect(isSame == (entry.name != "m/f16/table-f32"), "\(entry.name)")
    }
  }
}
