import Conformance
import Foundation
import Judging
import RoPE
import Testing

@testable import Diagnosis
@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct JUnitTests {
  /// The elements of a document with their attributes and text, in order.
  private final class Reader: NSObject, XMLParserDelegate {
    struct Element {
      let name: String
      let attributes: [String: String]
      var text = ""
    }

    var elements: [Element] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) { elements.append(Element(name: name, attributes: attributes)) }

    func parser(_ parser: XMLParser, foundCharacters text: String) { elements[elements.count - 1].text += text }
  }

  private func elements(_ report: RunReport) throws -> [Reader.Element] {
    let parser = XMLParser(data: Data(report.junit.utf8)), reader = Reader()
    parser.delegate = reader
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    return reader.elements
  }

  @Test("A suite for each cause and one for the rest; an entry for each case, with its model as class, and what failed")
  func entries() throws {
    let report = try RunReport.mixed(), elements = try elements(report)
    let cases = elements.filter { $0.name == "testcase" }
    #expect(Set(cases.map { $0.attributes["name"] }) == Set(report.cases.map(\.name)) && cases.count == 7)
    #expect(cases.allSatisfy { $0.attributes["classname"] == "glm-4.5" && $0.attributes["time"] == "0.250000" })
    let failures = elements.filter { $0.name == "failure" }
    #expect(failures.count == 5)
    #expect(failures[0].attributes["message"]?.hasPrefix("key matches pairing-swapped (B04, B06): ") == true)
    // Rounding is the last cause.
    #expect(failures[3].attributes["message"]?.hasPrefix("the backend failed: it\\u{1B}[31m said \"<no>") == true)
    #expect(
      Set(failures.map { $0.text.trimmingCharacters(in: .whitespacesAndNewlines) })
        == Set(report.failing.map { $0.text(.plain) }))
    let types = failures.map { $0.attributes["type"] ?? "" }
    #expect(types == ["accuracy", "accuracy", "accuracy", "integrity", "accuracy"])
    #expect(elements.filter { $0.name == "skipped" }.map { $0.attributes["message"] } == ["no <bfloat16>"])
    let counts = elements.filter { $0.name.hasPrefix("testsuite") }.map { suite in
      ["tests", "failures", "errors", "skipped", "time"].map { suite.attributes[$0] ?? "" }
    }
    let ofCause = ["1", "1", "0", "0", "0.250000"]
    #expect(
      counts == [["7", "5", "0", "1", "1.750000"]] + Array(repeating: ofCause, count: 5) + [
        ["2", "0", "0", "1", "0.500000"]
      ])
    let suites = elements.filter { $0.name == "testsuite" }.map { $0.attributes["name"] ?? "" }
    #expect(suites == report.summary.groups.map(\.cause) + [report.header.backend.summary])
  }

  @Test("That runs differ leads, unless it is known what the later one computes")
  func races() throws {
    let element = ElementIndex(batch: 0, token: 1, head: 2, channel: 3)
    for (statement, start) in [
      (Statement.unknown, "run 2 of 3 differs from run 1 in 1 element"), (.mistake, "in run 2, key matches "),
    ] {
      let found = try report(
        diagnosis: [statement.of(run: 2)], violations: [.notRepeatable(tensor: .query, .state(at: element))])
      let failure = try elements(RunReport.of([found])).first { $0.name == "failure" }
      #expect(failure?.attributes["message"]?.hasPrefix(start) == true, "\(String(describing: failure))")
    }
  }

  @Test("A shard without cases is one skipped test, and neither conforms nor fails")
  func emptyShard() throws {
    let header = RunReport.of([]).header
    let report = RunReport(
      RunHeader(
        backend: header.backend, tolerances: header.tolerances, goldens: header.goldens,
        shard: try Shard(parsing: "9/9"), totalCaseCount: 3, caseCount: 0))
    let elements = try elements(report)
    #expect(elements.first?.attributes["tests"] == "1")
    #expect(elements.first?.attributes["skipped"] == "1")
    #expect(elements.first { $0.name == "skipped" }?.attributes["message"] == "shard 9/9 has no cases")
    #expect(report.html.contains("shard 9/9 has no cases") && !report.html.contains("does not conform"))
    #expect(report.markdown.hasPrefix("## Shard 9/9 has no cases: "))
    #expect(report.conclusion.hasSuffix("shard 9/9 has no cases (profile strict)"))
  }

  @Test("Characters that XML gives a meaning, or cannot hold")
  func escaped() throws {
    let reason = "<a href='x'>&amp;\"]]>\u{0}\u{8}\u{1B}[0m\u{FFFF}\u{85}\nnext\tline ✓ 𝄞"
    let elements = try elements(.of([report("m/<&\"'>/w/table", unsupported: reason)]))
    let shown = "<a href='x'>&amp;\"]]>\\u{0}\\u{8}\\u{1B}[0m\\u{FFFF}\\u{85}\nnext\tline ✓ 𝄞"
    #expect(elements.first { $0.name == "skipped" }?.attributes["message"] == shown)
    #expect(elements.first { $0.name == "testcase" }?.attributes["name"] == "m/<&\"'>/w/table")
  }
}
