import Conformance
import TestSupport
import Testing

@testable import Reports

@Suite struct MergeTests {
  private func part(
    _ shard: String, _ names: [String], goldens: String = "aa", backend: String = "test", profile: String = "strict",
    total: Int = 3
  ) throws -> (path: String, report: RunReport) {
    var report = RunReport(
      RunHeader(
        backend: .init(name: backend, device: nil, summary: backend), profile: profile, tolerances: [],
        goldens: goldens,
        shard: try Shard(parsing: shard), totalCaseCount: total, caseCount: names.count))
    for name in names { report.add(try ReportsTests.report(name, failedCount: 0)) }
    return ("\(shard).json", report)
  }

  private func message(_ parts: [(path: String, report: RunReport)]) -> String {
    errorText { try RunReport(merging: parts) }
  }

  @Test("Shards in any order make one report")
  func merging() throws {
    let merged = try RunReport(merging: [part("2/2", ["b", "c"]), part("1/2", ["a"])])
    #expect(merged.cases.map(\.name) == ["a", "b", "c"])
    #expect(merged.header.shard == .whole && merged.header.caseCount == 3)
    #expect(merged.summary.total.conforming == 3)
  }

  @Test("Shards of different runs and holes are refused, with the reason")
  func refusals() throws {
    let first = try part("1/2", ["a"])
    #expect(message([]).contains("missing"))
    #expect(message([first]) == "shard 2 of 2 is missing: give the report of every shard")
    #expect(try message([part("3/5", ["a"])]).contains("shards 1, 2, 4, 5 of 5 are missing"))
    #expect(message([first, first]).contains("are both shard 1/2"))
    #expect(try message([first, part("2/2", ["b", "c"], goldens: "bb")]).contains("differ in the goldens"))
    #expect(try message([first, part("2/2", ["b", "c"], backend: "other")]).contains("differ in the backend"))
    #expect(
      try message([first, part("2/2", ["b", "c"], profile: "float32-angles")]).hasSuffix("they differ in the profile"))
    #expect(try message([first, part("2/2", ["b", "c"], total: 4)]).contains("total number of cases"))
    #expect(try message([first, part("2/3", ["b", "c"])]).contains("number of shards"))
    #expect(
      try message([first, part("2/2", ["a", "c"])]).contains("case 'a' of '2/2.json' is also in another report"))
    #expect(try message([first, part("2/2", ["b"])]).contains("2 of 3 cases"))
  }
}
