import Backends
import Devices
import Files
import Foundation
import Models
import RoPE
import TestSupport
import Testing

@testable import Conformance
@testable import Diagnosis
@testable import Goldens
@testable import Judging
@testable import Reports

@Suite struct JSONReportTests {
  private let schema: JSONSchema

  init() throws {
    schema = try JSONSchema(contentsOf: packageRoot.appending(path: "docs/report.schema.json").path)
  }

  @Test("The report of a real run is what the schema says, and reads back as it was")
  func realRun() throws {
    let recipes = try Recipe.all(for: Model.named("glm-4-9b-chat")).filter {
      ["single-token", "batch-decode"].contains($0.goldenCase.workload.name)
    }
    let backend = KernelBackend(device: .host), candidate = LiveCandidate(backend, runCount: 3)
    var report = RunReport(
      RunHeader(
        backend: .init(name: backend.name, device: backend.deviceName, summary: backend.summary), tolerances: [],
        goldens: String(repeating: "0a", count: 32), caseCount: recipes.count))
    for (index, recipe) in recipes.enumerated() {
      // Every second case fails, because its budget demands the exact last bits.
      let budget = index.isMultiple(of: 2) ? "ulp=0" : "storage-arithmetic"
      let rule = try ToleranceRule(parsing: "** = \(budget) because a test", origin: "test")
      report.add(try CaseRunner(candidate, Tolerances([rule])).report(on: Golden(storing: recipe)))
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
    // NaN differs from itself, so the lines are compared.
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
    let line = String(decoding: try ReportRecord.case(report()).line, as: UTF8.self)
    #expect(line.contains(right))
    #expect(try schema.errors(in: Data(line.utf8)) == [])
    #expect(try schema.errors(in: Data(line.replacing(right, with: wrong).utf8)) != [])
  }

  @Test("Diagnoses and violations are there in parts too, for programs")
  func parts() throws {
    let statements: [Statement] = [.mistake, .rounding, .confined, .unknown, .measured]
    let line = try ReportRecord.case(report(diagnosis: statements, violations: Violation.every)).line
    let values = try #require(JSONSerialization.jsonObject(with: line) as? [String: Any])
    let diagnosis = try #require(values["diagnosis"] as? [[String: Any]])
    #expect(diagnosis.map { $0["kind"] as? String } == ["changes", "rounding", "confined", "unknown", "changes"])
    #expect(diagnosis.map { $0["text"] as? String } == statements.map(\.description))
    let mistakes = diagnosis.map { $0["mistakes"] as? [[String: Any]] ?? [] }
    #expect(mistakes.map { $0.map { $0["bugs"] as? [String] } } == [[["B04", "B06"]], [], [], [], []])
    let measured = diagnosis.map { $0["measured"] as? [[String: Any]] ?? [] }
    #expect(measured.map(\.count) == [0, 0, 0, 0, 2])
    #expect(measured[4].map { $0["kind"] as? String } == ["positions of batch row", "gain"])
    #expect(measured[4].map { $0["number"] as? Int } == [0, nil])
    #expect(
      measured[4].map { $0["value"] as? [String: Double] } == [nil, ["value": 1.5000002, "uncertainty": 3e-7]])
    #expect(diagnosis.map { $0["residual"] as? Double } == [0.31, nil, nil, nil, 0.25])
    #expect(
      diagnosis.map { ($0["budget"] as? [String: Any])?["name"] as? String }
        == [nil, "storage-arithmetic", nil, nil, nil])
    let places = diagnosis.map { $0["place"] as? [String: Any] }
    let sets = places.map { $0?["sets"] as? [[String: Any]] }
    #expect(sets.map { $0?.map { $0["axis"] as? String } } == [nil, nil, ["head", "token"], [], ["head"]])
    #expect(
      sets.map { $0?.map { $0["values"] as? [Int] } } == [nil, nil, [[3], [7, 512, 513, 514]], [], [[1, 2, 3]]])
    #expect(sets.map { $0?.map { $0["count"] as? Int } } == [nil, nil, [4, 1024], [], [4]])
    #expect(places.map { $0?["failed_count"] as? Int } == [nil, nil, 100, 310, 500])
    #expect(places.map { $0?["element_count"] as? Int } == [nil, nil, 512, 20_672, 512])
    let found = try #require(values["violations"] as? [[String: Any]])
    #expect(found.map { $0["message"] as? String } == Violation.every.map(\.description))
    #expect(
      found.map { $0["tensor"] as? String } == [nil, nil, "query", "key", nil, "query", "key", "key", nil])
    let channels = found.map { ($0["first"] as? [String: Any])?["channel"] as? Int }
    #expect(channels == [nil, nil, 3, 3, nil, 3, 3, 3, nil])
    #expect(found[3]["actual_bits"] as? Int == 0x7FC0_0000 && found[4]["before"] as? Int == 0xA5)
    #expect(found[4]["region"] as? String == "guard" && found[7]["equal_row"] as? Int == 0)
    let runs = try #require(found[5]["runs"] as? [String: Any])
    #expect(runs["count"] as? Int == 3 && runs["pattern"] as? String == "state")
    #expect((runs["different"] as? [[String: Any]])?.map { $0["run"] as? Int } == [2, 3])
    #expect((runs["wrong_counts"] as? [String: Int])?["later"] == 1)
    #expect((found[5]["places"] as? [[String: Int]])?.map { $0["channel"] } == [3])
    #expect(found[6]["actual_bits"] as? Int == 0x7F80_0000)
  }

  @Test("Each line is there as soon as it is written")
  func streamed() throws {
    let folder = try TemporaryFolder()
    let report = try RunReport.mixed(), path = folder.path("run.json")
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

  @Test("A JSON report that cannot be begun is an error")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path, folder.path("none/run.json"), ""] {
      #expect(throws: FileError.self) { try JSONReportWriter(path: path, RunReport.of([]).header) }
    }
  }
}
