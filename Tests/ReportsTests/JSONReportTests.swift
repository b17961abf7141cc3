import Backends
import Foundation
import HIP
import Models
import RoPE
import Testing

@testable import Conformance
@testable import Goldens
@testable import Reports

@Suite struct JSONReportTests {
  private let schema: JSONSchema

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    schema = try JSONSchema(contentsOf: "\(root)/docs/report.schema.json")
  }

  @Test("The report of a real run is what the schema says, and reads back as it was")
  func realRun() throws {
    let recipes = try Recipe.all(for: Model.named("glm-4-9b-chat")).filter {
      ["single-token", "batch-decode"].contains($0.goldenCase.workload.name)
    }
    let backend = HIPBackend(device: .host), run = ConformanceRun(backend: backend)
    var report = RunReport(
      RunHeader(
        backend: .init(name: backend.name, device: backend.deviceName, summary: backend.summary), tolerances: [],
        goldens: String(repeating: "0a", count: 32), caseCount: recipes.count))
    for (index, recipe) in recipes.enumerated() {
      // Every second case fails, for the kernel's last bits are asked to be exact.
      let budget = index.isMultiple(of: 2) ? "ulp=0" : "storage-arithmetic"
      let golden = try GoldenGenerator.golden(for: recipe)
      let verdict = try run.verdict(
        on: golden, rule: ToleranceRule(parsing: "** = \(budget) because a test", origin: "test"))
      report.add(CaseReport(verdict, of: golden.goldenCase, seconds: 0.001))
    }
    #expect(report.summary.total.failing > 0 && report.summary.total.conforming > 0)
    try check(report)
  }

  @Test("So is a report with every kind of diagnosis and violation, with infinities and NaN")
  func everyKind() throws { try check(.mixed()) }

  private func check(_ report: RunReport) throws {
    let lines = try report.jsonLines()
    for line in lines { #expect(try schema.errors(in: line) == []) }
    let read = try RunReport(Data(lines.joined()), path: "test")
    // NaN differs from itself, so lines are compared.
    #expect(try read.jsonLines() == lines)
  }

  @Test(
    "The schema refuses what is not in it",
    arguments: [
      (#""outcome":"fails""#, #""outcome":"passes""#), (#""pair":1"#, #""pair":1.5"#), (#""pair":1"#, #""pear":1"#),
      (#""record":"case""#, #""record":"Case""#), (#""element_count":10"#, #""element_count":-10"#),
      (#""violations":[]"#, #""violations":{}"#), (#""reason":"a test says so""#, #""reason":true"#),
      (#""limit":1e-07"#, #""limit":"small""#),
    ])
  func schemaCanFail(_ right: String, _ wrong: String) throws {
    let line = String(decoding: try ReportRecord.case(CaseReport(verdict())).line, as: UTF8.self)
    #expect(line.contains(right))
    #expect(try schema.errors(in: Data(line.utf8)) == [])
    #expect(try schema.errors(in: Data(line.replacing(right, with: wrong).utf8)) != [])
  }

  @Test("Diagnoses and violations are there in parts too, for programs")
  func parts() throws {
    let statements: [Diagnosis.Statement] = [.mistake, .rounding, .confined, .unknown]
    let report = CaseReport(try verdict(diagnosis: statements, violations: Violation.every))
    #expect(report.diagnosis.map(\.kind) == [.mistake, .rounding, .confined, .unknown])
    #expect(report.diagnosis.map(\.mistake?.bugs) == [["B04", "B06"], nil, nil, nil])
    #expect(report.diagnosis[0].mistake?.residualSeverity == 0.31)
    #expect(report.diagnosis.map(\.budget?.name) == [nil, "storage-arithmetic", nil, nil])
    #expect(report.diagnosis.map { $0.places?.map(\.valueCount) } == [nil, nil, [4, 1024], nil])
    #expect(report.violations.map(\.tensor) == [nil, nil, .query, .key, nil, .query, .key, .key])
    #expect(report.violations.map(\.first?.channel) == [nil, nil, 3, 3, nil, 3, 3, 3])
    #expect(report.violations[3].actualBits == 0x7FC0_0000 && report.violations[4].before == 0xA5)
    #expect(report.violations[4].region == "guard" && report.violations[7].equalRow == 0)
    #expect(report.violations[5].runs?.count == 3 && report.violations[5].places?.map(\.channel) == [3])
    #expect(report.violations[5].runs?.different.map(\.run) == [2, 3] && report.violations[5].runs?.pattern == .state)
    #expect(report.violations[5].runs?.wrongCounts?.later == 1)
    #expect(report.violations[6].actualBits == 0x7F80_0000)
  }

  @Test("Each line is there as soon as it is written")
  func streamed() throws {
    try withFolder { folder in
      let report = try RunReport.mixed(), path = "\(folder)/run.json"
      try String(repeating: "older\n", count: 9999).write(
        toFile: path, atomically: true, encoding: .utf8)
      let writer = try JSONReportWriter(path: path, report.header)
      for (index, result) in report.cases.enumerated() {
        try writer.add(result)
        #expect(try text(path).split(separator: "\n").count == index + 2)
        #expect(try text(path).hasSuffix("\n"))
      }
      try writer.end(report.summary)
      #expect(try RunReport(contentsOf: path).cases.count == report.cases.count)
    }
  }

  @Test("A JSON report that cannot be begun is an error")
  func unwritable() throws {
    try withFolder { folder in
      for path in [folder, "\(folder)/none/run.json", ""] {
        #expect(throws: ReportError.self) { try JSONReportWriter(path: path, RunReport.of([]).header) }
      }
    }
  }
}
