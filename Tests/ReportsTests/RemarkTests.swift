import Conformance
import Foundation
import Judging
import Testing

@testable import Reports

@Suite("What is wrong apart from the cases, and what was not checked") struct RemarkTests {
  private func report(problems: [String], notChecked: [String]) throws -> RunReport {
    var report = RunReport(
      RunHeader(
        backend: .init(name: "test", device: nil, summary: "a test"), tolerances: [], goldens: "0a", caseCount: 1,
        notChecked: notChecked))
    report.add(try ReportsTests.report(failedCount: 0))
    report.note(problems: problems)
    return report
  }

  private func remarked() throws -> RunReport {
    try report(problems: ["the <device> was\u{1B}[31m lost", "and again"], notChecked: ["races & more"])
  }

  @Test("A run with a problem does not conform, and says why; what was not checked is said either way")
  func text() throws {
    #expect(
      try remarked().conclusion(.plain).hasSuffix(
        """

        not checked: races & more
        ✗ problem: the <device> was\\u{1B}[31m lost
        ✗ problem: and again
        does not conform (profile strict)
        """))
    let right = try report(problems: [], notChecked: ["races"])
    #expect(right.summary.conforms)
    #expect(right.conclusion(.plain).hasSuffix("\nnot checked: races\nconforms (profile strict)"))
  }

  /// Three cases, two of them under looser tolerances, and two with remarks.
  private func qualified() throws -> RunReport {
    var report = RunReport(
      RunHeader(
        backend: .init(name: "test", device: nil, summary: "a test"), tolerances: [], goldens: "0a", caseCount: 3))
    report.add(try ReportsTests.report("m/f32/a/position", failedCount: 0, remarks: Remark.every, budget: "ulp=9"))
    report.add(
      try ReportsTests.report(
        "m/f32/b/position", failedCount: 0, remarks: [Remark.every[0]], budget: "storage-arithmetic"))
    report.add(try ReportsTests.report("m/f32/c/position", failedCount: 0))
    return report
  }

  private static let looser =
    "2 of 3 cases were judged by a looser tolerance than the default float32-exact-angle: 1 by storage-arithmetic, 1 by "
    + "ulp=9"
  private static let payload = "4 copied NaNs have other bits than the input, in 2 cases, first m/f32/a/position"
  private static let overflow =
    "2 elements are not finite although the exact result is, because the arithmetic of the budget overflows, in "
    + "m/f32/a/position"

  @Test("Every conclusion says how many cases had a looser tolerance, and sums up the remarks; the run conforms")
  func qualifications() throws {
    let report = try qualified()
    #expect(report.remarks == [Self.looser, Self.payload, Self.overflow])
    #expect(
      report.conclusion(.plain).hasSuffix(
        "\nremark: \(Self.looser)\nremark: \(Self.payload)\nremark: \(Self.overflow)\nconforms (profile strict)"))
    #expect(report.html.contains("<h2>Remarks</h2>\n<ul><li class=\"unsupported\">\(Self.looser)</li>"))
    #expect(report.html.contains("remark: 2 copied NaNs have other bits than the input, first key["))
    let junit = report.junit
    #expect(junit.contains("<property name=\"remark\" value=\"\(Self.looser)\"/>"))
    #expect(junit.contains("<system-out>2 copied NaNs have other bits than the input, first key["))
    #expect(junit.components(separatedBy: "<system-out>").count == 3)
    let plain = try self.report(problems: [], notChecked: [])
    #expect(plain.remarks.isEmpty && !plain.html.contains("Remarks</h2>") && !plain.junit.contains("remark"))
  }

  @Test("The JSON report counts looser tolerances by budget, and reads back as it was")
  func looserTolerances() throws {
    let report = try qualified(), lines = try report.jsonLines()
    let read = try RunReport(Data(lines.joined()), path: "test")
    #expect(read == report)
    #expect(read.summary.looserTolerances.map(\.budget) == ["storage-arithmetic", "ulp=9"])
    let text = String(decoding: lines[4], as: UTF8.self)
    #expect(text.contains(#""looser_tolerances":[{"budget":"storage-arithmetic","case_count":1},"#))
    #expect(String(decoding: lines[1], as: UTF8.self).contains(#""looser_than_profile":true"#))
    #expect(String(decoding: lines[3], as: UTF8.self).contains(#""looser_than_profile":false"#))
  }

  @Test("A problem that is noted twice is there once")
  func once() throws {
    var report = try remarked()
    report.note(problems: ["and again"])
    #expect(report.summary.problems.count == 2)
  }

  @Test("The JSON report has both, and reads back as it was")
  func json() throws {
    let report = try remarked(), lines = try report.jsonLines()
    let read = try RunReport(Data(lines.joined()), path: "test")
    #expect(read.header.notChecked == ["races & more"])
    #expect(read.summary.problems == report.summary.problems)
    #expect(String(decoding: lines[2], as: UTF8.self).contains(#""conforms":false"#))
  }

  @Test("A problem is a test that fails in JUnit XML")
  func junit() throws {
    let junit = try remarked().junit
    #expect(junit.contains(#"tests="3" failures="2""#))
    #expect(junit.contains(#"<property name="not checked" value="races &amp; more"/>"#))
    #expect(junit.contains(#"<testcase classname="rope-conformance" name="problem 1" time="0">"#))
    #expect(junit.contains(#"<failure type="problem" message="the &lt;device&gt; was\u{1B}[31m lost">"#))
  }

  @Test("The page has a list of each, and none where there is nothing to say")
  func html() throws {
    let html = try remarked().html
    #expect(html.contains("<h2>Problems</h2>\n<ul><li class=\"fails\">the &lt;device&gt; was\\u{1B}[31m lost</li>"))
    #expect(html.contains("<h2>Not checked</h2>\n<ul><li class=\"quiet\">races &amp; more</li></ul>"))
    let plain = try report(problems: [], notChecked: []).html
    #expect(!plain.contains("Problems</h2>") && !plain.contains("Not checked</h2>"))
  }

  @Test("Merging keeps the problems of every shard, and refuses shards that checked different things")
  func merging() throws {
    func part(_ shard: String, _ problem: String, _ notChecked: [String]) throws -> (path: String, report: RunReport) {
      var report = RunReport(
        RunHeader(
          backend: .init(name: "test", device: nil, summary: "a test"), tolerances: [], goldens: "0a",
          shard: try .init(parsing: shard), totalCaseCount: 2, caseCount: 1, notChecked: notChecked))
      report.add(try ReportsTests.report(shard, failedCount: 0))
      report.note(problems: [problem, "both"])
      return ("\(shard).json", report)
    }
    let merged = try RunReport(merging: [part("1/2", "first", ["races"]), part("2/2", "second", ["races"])])
    #expect(merged.summary.problems == ["first", "both", "second"])
    #expect(merged.header.notChecked == ["races"])
    #expect(throws: MergeError.differ("list of what is not checked", paths: ["1/2.json", "2/2.json"])) {
      try RunReport(merging: [part("1/2", "first", ["races"]), part("2/2", "second", [])])
    }
  }
}
