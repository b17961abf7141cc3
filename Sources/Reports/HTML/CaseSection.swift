import Conformance
import Foundation
import Goldens
import Judging

extension ReportPage {
  /// Every case of the run, in a table for each section of the suite.
  var caseSection: String {
    let parts = summary.sections.map { section in
      let rows = report.cases.filter { $0.verdict.section == section.section }.map(row)
      return """
        <details><summary>\(section.section.rawValue.escaped): \(section.caseCount) cases\
        \(section.failing == 0 ? "" : ", <span class=\"fails\">\(section.failing) fail</span>")</summary>
        <div class="wide"><table class="cases">
        <thead><tr><th scope="col">case</th><th scope="col">grade</th><th scope="col">error / limit</th>\
        <th scope="col">ms</th></tr></thead>
        <tbody>
        \(rows.joined(separator: "\n"))
        </tbody></table></div></details>
        """
    }
    return Self.section("All cases", parts)
  }

  private func row(_ report: CaseReport) -> String {
    let mark =
      switch report.outcome {
      case .conforms: "<span class=\"conforms\" title=\"conforms\">✓</span>"
      case .fails: "<span class=\"fails\" title=\"fails\">✗</span>"
      case .unsupported: "<span class=\"unsupported\" title=\"unsupported\">–</span>"
      }
    let verdict = report.verdict
    let notes =
      (verdict.unsupportedReason.map { ["unsupported: \($0)"] } ?? []) + verdict.remarks.map { "remark: \($0)" }
    let note = notes.map { "<br><span class=\"quiet\">\($0.escaped)</span>" }.joined()
    let severity = verdict.accuracy.flatMap { $0.elementCount == 0 ? nil : ($0.worst?.severity ?? 0).threeDigits }
    return "<tr><th scope=\"row\">\(mark) \(link(report.name))\(note)</th>"
      + "<td>\((verdict.grade?.name ?? "").escaped)</td><td>\(severity ?? "")</td>"
      + "<td>\(report.seconds.map { String(format: "%.1f", 1000 * $0) } ?? "")</td></tr>"
  }
}
