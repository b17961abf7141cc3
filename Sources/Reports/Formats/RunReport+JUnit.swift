import Conformance
import Foundation
import Judging

extension RunReport {
  /// The run as JUnit XML: a suite for each cause of failures, and one for all other cases.
  ///
  /// A case is named by its name and classed by its model. The page uses only elements and attributes that CI servers
  /// read alike: `testsuites`, `testsuite`, `properties`, `testcase`, `failure`, `skipped` and `system-out`.
  package var junit: String {
    let total = summary.total, problems = summary.problems, nothing = isEmptyShard ? 1 : 0
    let counts =
      "tests=\"\(total.cases + problems.count + nothing)\" failures=\"\(total.failing + problems.count)\" errors=\"0\" "
      + "skipped=\"\(total.unsupported + nothing)\" time=\"\(Self.seconds(summary.seconds))\""
    let failing = Dictionary(failing.map { ($0.name, $0) }) { first, _ in first }
    var suites = summary.groups.map { group in
      suite(group.cause, group.cases.compactMap { failing[$0] })
    }
    suites.append(suite(header.backend.summary, cases.filter { $0.outcome != .fails }, problems, nothing: nothing))
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="rope-conformance" \(counts)>
      \(suites.joined(separator: "\n"))
      </testsuites>

      """
  }

  /// `nothing` is 1 for a shard without cases, which has one test: readers take a suite without tests for a mistake.
  private func suite(
    _ name: String, _ cases: [CaseReport], _ problems: [String] = [], nothing: Int = 0
  ) -> String {
    let failing = cases.count { $0.outcome == .fails } + problems.count
    let skipped = cases.count { $0.outcome == .unsupported }
    let seconds = cases.reduce(0) { $0 + ($1.seconds ?? 0) }
    var lines = [
      "  <testsuite name=\"\(name.escapedOnOneLine)\" tests=\"\(cases.count + problems.count + nothing)\" "
        + "failures=\"\(failing)\" errors=\"0\" skipped=\"\(skipped + nothing)\" time=\"\(Self.seconds(seconds))\">",
      "    <properties>",
    ]
    lines += properties.map { "      <property name=\"\($0)\" value=\"\($1.escapedOnOneLine)\"/>" }
    lines.append("    </properties>")
    lines += cases.map(\.junit)
    if nothing > 0 {
      lines.append(
        "    <testcase classname=\"rope-conformance\" name=\"shard \(header.shard)\" time=\"0\">\n"
          + "      <skipped message=\"\(result.escapedOnOneLine)\"/>\n    </testcase>")
    }
    // A problem apart from the cases counts as a failed test, so that every reader that counts tests sees it.
    lines += problems.enumerated().map { index, problem in
      "    <testcase classname=\"rope-conformance\" name=\"problem \(index + 1)\" time=\"0\">\n"
        + "      <failure type=\"problem\" message=\"\(problem.escapedOnOneLine)\">\(problem.escaped)</failure>\n"
        + "    </testcase>"
    }
    return (lines + ["  </testsuite>"]).joined(separator: "\n")
  }

  private var properties: [(String, String)] {
    let origin = header.origin.map { origin in
      [("command", origin.commandLine), ("date", origin.date)] + (origin.commit.map { [("commit", $0)] } ?? [])
    }
    return [
      ("backend", header.backend.name), ("device", header.backend.device ?? "none"), ("profile", header.profile),
      ("version", header.packageVersion),
    ] + (origin ?? []) + judged + header.notChecked.map { ("not checked", $0) } + remarks.map { ("remark", $0) }
      + (nextStep.map { [("next", $0.sentence)] } ?? [])
  }

  /// What was judged: the rows of two of the summary's tables, each value with its heading.
  private var judged: [(String, String)] {
    summary.tablesOfWhatWasJudged.flatMap { table in
      table.rows.map { row in
        let values = zip(table.heading, row).dropFirst().filter { !$1.isEmpty }.map { "\($0) \($1)" }
        return ("\(table.heading[0]) \(row[0])", values.joined(separator: ", "))
      }
    }
  }

  /// Seconds without an exponent, which not every reader accepts.
  fileprivate static func seconds(_ seconds: Double) -> String { String(format: "%.6f", seconds) }
}

extension CaseReport {
  fileprivate var junit: String {
    let start =
      "    <testcase classname=\"\(verdict.model.escaped)\" name=\"\(name.escaped)\" "
      + "time=\"\(RunReport.seconds(seconds ?? 0))\""
    switch outcome {
    case .conforms:
      guard !verdict.remarks.isEmpty else { return start + "/>" }
      let remarks = verdict.remarks.map(\.description).joined(separator: "\n")
      return start + ">\n      <system-out>\(remarks.escaped)</system-out>\n    </testcase>"
    case .unsupported:
      let reason = (verdict.unsupportedReason ?? "").escapedOnOneLine
      return start + ">\n      <skipped message=\"\(reason)\"/>\n    </testcase>"
    case .fails:
      return start + ">\n      <failure type=\"\(verdict.violations.isEmpty ? "accuracy" : "integrity")\" "
        + "message=\"\(reason.escapedOnOneLine)\">"
        + "\(text(.plain).escaped)</failure>\n    </testcase>"
    }
  }
}

extension String {
  /// The text for an attribute, where a reader turns line feeds into spaces unless they are escaped.
  fileprivate var escapedOnOneLine: String {
    escaped.replacingOccurrences(of: "\n", with: "&#10;").replacingOccurrences(of: "\t", with: "&#9;")
  }
}
