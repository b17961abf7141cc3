import Backends
import Conformance
import RoPE
import Testing

@testable import Goldens
@testable import Judging

@Suite("The sizes that a run judged") struct ReachTests {
  private func call(
    _ given: ArrayCall.GivenAngles, memory: ArrayCall.Memory = .plain, batch: Int, sequence: Int, heads: (Int, Int)
  ) -> ArrayCall {
    ArrayCall(
      type: .float32, given: given, heads: PerTensor(query: heads.0, key: heads.1),
      pairings: .init(input: .half, output: .half), memory: memory, batch: batch, sequence: sequence,
      shape: .init(head: 6, rotary: 6))
  }

  private func report(_ call: ArrayCall, unsupported: String? = nil) throws -> CaseReport {
    let candidate = LiveCandidate(FaultyBackend(unsupported: unsupported), runCount: 1)
    let rule = try ToleranceRule(parsing: "** = float32-exact-angle because a test", origin: "test")
    return try CaseRunner(candidate, Tolerances([rule])).report(on: Golden(computing: call.recipe))
  }

  @Test("A case states tokens, heads, batch, table rows, position and elements")
  func oneCase() throws {
    let reach = try #require(try report(call(.table, batch: 2, sequence: 3, heads: (2, 5))).verdict.reach)
    #expect(reach.contract == .table && reach.tokens == 6 && reach.heads == 5 && reach.batch == 2)
    // Positions 0, 1 and 2, and three rows that no token has.
    #expect(reach.tableRows == 6 && reach.position == 2 && reach.elements == 6 * 7 * 6)
  }

  @Test("Packed sequences are the rows of their batch")
  func packed() throws {
    let reach = try report(call(.positions, memory: .packed, batch: 3, sequence: 4, heads: (1, 1))).verdict.reach
    #expect(reach?.batch == 3 && reach?.tokens == 12)
  }

  @Test("A summary has the largest of each size for each contract; what was not judged counts for nothing")
  func summary() throws {
    var summary = RunSummary()
    summary.add(try report(call(.positions, batch: 1, sequence: 7, heads: (1, 1))))
    summary.add(try report(call(.positions, batch: 5, sequence: 1, heads: (3, 2))))
    summary.add(try report(call(.frequencies, batch: 9, sequence: 9, heads: (9, 9)), unsupported: "a test"))
    #expect(summary.reach.map(\.contract) == [.position])
    let reach = try #require(summary.reach.first)
    #expect(reach.tokens == 7 && reach.batch == 5 && reach.heads == 3 && reach.position == 6)
    #expect(reach.elements == 5 * 5 * 6)
  }
}
