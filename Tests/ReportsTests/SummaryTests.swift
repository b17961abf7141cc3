import Conformance
import Foundation
import Judging
import RoPE
import Testing

@testable import Reports

@Suite struct SummaryTests {
  private func summary(_ cases: [CaseReport]) -> RunSummary { RunReport.of(cases).summary }

  @Test("The tables are aligned, and count outcomes, elements and grades")
  func tables() throws {
    let report = try RunReport.mixed()
    #expect(
      report.conclusion(.plain, isWhole: true).components(separatedBy: "\n\n✗ ")[0] == """
        section  cases  conform  fail  unsupported
        batch        7        1     5            1
        all          7        1     5            1

        rotated elements  count  correctly rounded  largest error / limit  mean signed error
        float32              60           50.000 %               infinite         -0.100 ULP

        cases by grade     correctly-rounded  none
        position, float32                  0     5
        table, float32                     1     0
        remark: 2 copied NaNs have other bits than the input, in glm-4.5/f32/batch/position
        remark: 2 elements are not finite although the exact result is, because the arithmetic of the budget overflows, \
        in glm-4.5/f32/batch/position
        """)
    let short = report.conclusion(.plain)
    #expect(short.hasPrefix("rotated elements") && !short.contains("cases by grade"))
    #expect(short.contains("\n7 cases: 1 conforms, 5 fail, 1 unsupported\n"))
    #expect(short.hasSuffix("\ndoes not conform (profile strict)"))
    #expect(report.summary.seconds == 1.75)
  }

  @Test("Grades go from the tightest to none, whatever comes first")
  func grades() throws {
    let names = ["m/bf16/w/table", "m/f32/w/table", "m/f32/w/position"]
    let cases = try [nil, "relative-0.1%", "correctly-rounded", "table-rounded", nil].flatMap { grade in
      try names.map {
        try report($0, elementType: $0.contains("bf16") ? .bfloat16 : .float32, failedCount: 0, grade: grade)
      }
    }
    let grades = summary(cases).grades
    #expect(grades.map(\.contract) == Array(repeating: "position", count: 4) + Array(repeating: "table", count: 8))
    #expect(
      grades[4...].map(\.elementType) == Array(repeating: .float32, count: 4) + Array(repeating: .bfloat16, count: 4))
    #expect(grades[..<4].map(\.grade) == ["correctly-rounded", "table-rounded", "relative-0.1%", nil])
    #expect(grades[..<4].map(\.caseCount) == [1, 1, 1, 2])
    #expect(
      RunReport.of(cases).conclusion(.plain).contains(
        "cases by grade     correctly-rounded  table-rounded  relative-0.1%  none"))
  }

  @Test("A run conforms where a case does and none fails")
  func conforms() throws {
    #expect(!summary([]).conforms)
    #expect(try !summary([report(unsupported: "no")]).conforms)
    #expect(try summary([report(failedCount: 0), report(unsupported: "no")]).conforms)
    #expect(try !summary([report(failedCount: 0), report()]).conforms)
    #expect(
      try RunReport.of([report(failedCount: 0)]).conclusion(.coloured).hasSuffix(
        "\u{1B}[32mconforms\u{1B}[0m (profile strict)"))
  }

  @Test(
    "Only the colours of the style itself reach a terminal",
    arguments: [
      ("\u{1B}[2J", "\\u{1B}[2J"), ("\u{1B}]0;title\u{7}", "\\u{1B}]0;title\\u{7}"), ("a\u{1B}", "a\\u{1B}"),
      ("\u{1B}[5m", "\\u{1B}[5m"),
    ])
  func colours(_ text: String, _ shown: String) {
    for style in [TextStyle.plain, .coloured] {
      #expect(style.visible(style("good", .good) + text) == style("good", .good) + shown)
    }
    #expect(TextStyle.plain.visible("\u{1B}[32mgood") == "\\u{1B}[32mgood")
  }
}
