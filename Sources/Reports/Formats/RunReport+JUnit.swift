import Conformance
import Diagnosis
import Foundation
import Judging

extension RunReport {
  /// The run as JUnit XML: one suite with an entry for each case, named after the case and classed by its model.
  ///
  /// It uses only elements and attributes that CI servers read alike: `testsuites`, `testsuite`, `properties`,
  /// `testcase`, `failure`, `skipped` and `system-out`.
  package var junit: String {
    let total = summary.total
    let problems = summary.problems
    let counts =
      "tests=\"\(total.cases + problems.count)\" failures=\"\(total.failing + problems.count)\" errors=\"0\" skipped=\"\(total.unsupported)\" "
      + "time=\"\(Self.seconds(summary.seconds))\""
    var properties = [
      ("backend", header.backend.name), ("device", header.backend.device ?? "none"), ("version", header.packageVersion),
    ]
    properties += header.notChecked.map { ("not checked", $0) } + remarks.map { ("remark", $0) }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuites name=\"rope-conformance\" \(counts)>",
      "  <testsuite name=\"\(header.backend.summary.escaped)\" \(counts)>",
      "    <properties>",
    ]
    lines += properties.map { "      <property name=\"\($0)\" value=\"\($1.escaped)\"/>" }
    lines.append("    </properties>")
    lines += cases.map(\.junit)
    // A problem apart from the cases counts as a failed test, so that every reader that counts tests sees it.
    lines += problems.enumerated().map { index, problem in
      "    <testcase classname=\"rope-conformance\" name=\"problem \(index + 1)\" time=\"0\">\n"
        + "      <failure type=\"problem\" message=\"\(problem.escapedOnOneLine)\">\(problem.escaped)</failure>\n"
        + "    </testcase>"
    }
    lines += ["  </testsuite>", "</testsuites>", ""]
    return lines.joined(separator: "\n")
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
      // The message is the most telling line; the text has the others. A difference between runs comes first, unless a
      // diagnosis names a mistake or is about the first run.
      let isNamed = statements.contains { $0.run == nil || $0.cause.mistake != nil }
      let labels = isNamed ? ["diagnosis", "integrity", "accuracy"] : ["integrity", "diagnosis", "accuracy"]
      let message = labels.lazy.compactMap { label in
        details.first { $0.label == label }?.lines.first
      }.first
      return start + ">\n      <failure type=\"\(verdict.violations.isEmpty ? "accuracy" : "integrity")\" "
        + "message=\"\((message ?? "no outputs").escapedOnOneLine)\">"
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
