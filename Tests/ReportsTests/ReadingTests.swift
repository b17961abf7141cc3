import Conformance
import Foundation
import Judging
import TestSupport
import Testing

@testable import Reports

@Suite struct ReadingTests {
  private let lines: [Data]

  init() throws { lines = try RunReport.mixed().jsonLines() }

  private func read(_ lines: some Sequence<Data>) throws -> RunReport {
    try RunReport(Data(lines.joined()), path: "r.json")
  }

  private func message(_ lines: some Sequence<Data>) -> String {
    errorText { try read(lines) }
  }

  @Test("A report that was cut off says where", arguments: 1...7)
  func truncated(_ count: Int) {
    #expect(message(lines.prefix(count)).contains("ends after \(count - 1) of 7 cases, without a summary"))
    // A cut within a line counts as well.
    #expect(message(lines.prefix(count) + [lines[count].dropLast(9)]).contains("ends after \(count - 1) of 7 cases"))
  }

  @Test("So does one whose summary was cut off, or lost its line feed")
  func truncatedSummary() {
    #expect(message(lines.dropLast() + [lines[8].dropLast(9)]).contains("ends after 7 of 7 cases"))
    #expect(message(lines.dropLast() + [lines[8].dropLast(1)]).contains("ends after 7 of 7 cases"))
  }

  @Test(
    "Other files are no reports",
    arguments: [
      ("", "its first line is empty"), ("\n", "its first line is empty"), ("x,y\n1,2\n", "is not a JSON object"),
      ("[1]\n", "is not a JSON object"), (#"{"format":"other"}"# + "\n", "has no \"format\""),
      ("{}\n", "has no \"format\""),
      ("\u{0}\u{1}\u{2}", "is not a JSON object"),
    ])
  func foreign(_ content: String, _ reason: String) {
    let message = message([Data(content.utf8)])
    #expect(message.contains("'r.json' is not a report of 'rope-conformance run --json'"))
    #expect(message.contains(reason), "\(message)")
  }

  @Test("Another version of the format is named as such, whatever else it has")
  func version() {
    func message(_ version: Int) -> String {
      let header = #"{"record":"header","format":"rope-conformance-report","format_version":\#(version)}"# + "\n"
      return self.message([Data(header.utf8)])
    }
    #expect(message(9).contains("format version 9, but this version reads only up to 8: update rope-conformance"))
    #expect(message(3).contains("format version 3, but this version reads 8: run it again"))
  }

  private func changed(_ index: Int, _ right: String, _ wrong: String) -> [Data] {
    var lines = lines
    lines[index] = Data(String(decoding: lines[index], as: UTF8.self).replacing(right, with: wrong).utf8)
    return lines
  }

  @Test("A damaged line is named with what is wrong in it")
  func malformed() {
    #expect(
      message(changed(2, #""pair":1,"#, "")).contains("'r.json', line 3: the key 'pair' is missing at accuracy.worst"))
    #expect(message(changed(3, "{", "")).contains("line 4: it is not JSON"))
    #expect(message(changed(1, #""batch""#, #""bats""#)).contains("line 2: "))
    #expect(message(changed(1, #""record":"case""#, #""record":"note""#)).contains("line 2: "))
    #expect(message(changed(2, #""pair":1"#, #""pair":"one""#)).contains("must be Int at accuracy.worst.pair"))
    #expect(message(lines.prefix(3) + [lines[0]] + lines.dropFirst(3)).contains("line 4: it is a second header"))
    #expect(message(lines + [lines[1]]).contains("line 10: it follows the summary"))
    #expect(message(changed(0, #""record":"header""#, #""record":"case""#)).contains("line 1: "))
  }

  @Test("An outcome that does not follow from the rest of its case is refused")
  func changedOutcome() {
    #expect(
      message(changed(2, #""outcome":"fails""#, #""outcome":"conforms""#)).contains(
        "line 3: 'conforms' contradicts the rest of the case at outcome"))
  }

  @Test("Lines that were removed or changed contradict the summary")
  func changedCases() {
    #expect(
      message(lines.prefix(2) + lines.dropFirst(3)).contains("line 8: the summary is not that of the file's 6 cases"))
    #expect(message(changed(2, #""element_count":10"#, #""element_count":11"#)).contains("line 9: the summary is not"))
    #expect(message(changed(0, #""case_count":7"#, #""case_count":8"#)).contains("line 9: the summary is not"))
  }

  @Test("A file that is not there, a folder")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path("none.json"), folder.path] {
      #expect(throws: ReportError.self) { try RunReport(contentsOf: path) }
    }
  }

  @Test("A case that the report lacks is answered with what fails in it")
  func unknownCase() throws {
    let report = try read(lines)
    #expect(try report.case(named: "glm-4.5/f32/right/table", path: "r.json").outcome == .conforms)
    let error = #expect(throws: ReportError.self) { try report.case(named: "no/such", path: "r.json") }
    #expect(
      error?.description == "'r.json' has no case 'no/such'; of its 7 cases, these fail: "
        + "glm-4.5/f32/fails-0/position, glm-4.5/f32/fails-1/position, glm-4.5/f32/fails-2/position")
    let slip = #expect(throws: ReportError.self) { try report.case(named: "glm-4.5/f32/rihgt/table", path: "r.json") }
    #expect(slip?.description.contains("'; nearest: glm-4.5/f32/right/table") == true)
  }
}
