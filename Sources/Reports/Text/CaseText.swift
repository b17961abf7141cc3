import Conformance
import Diagnosis
import Files
import Judging
import RoPE

extension CaseReport {
  /// The report of the case for people, with the diagnosis; the first line has the case's name and its outcome.
  public var text: String { text(.plain) }

  /// The verdict for people, several lines; the first is the case's name with the outcome.
  package func text(_ style: TextStyle) -> String { text(style, details) }

  private func text(_ style: TextStyle, _ details: [CaseDetail]) -> String {
    let lines = details.flatMap { detail in
      detail.lines.enumerated().map { index, line in
        (index == 0 ? "  \(style(detail.label + ":", .label)) " : "    ") + line.visible
      }
    }
    return ([headline(style)] + lines).joined(separator: "\n")
  }

  /// The verdict in lines, without what the other cases of its cause show as well.
  func example(_ style: TextStyle) -> [String] {
    text(style, details.filter { !["budget", "grade", "profile", "remark"].contains($0.label) }).split(separator: "\n")
      .map(
        String.init)
  }

  private func headline(_ style: TextStyle) -> String {
    let name = name.visible
    return switch outcome {
    case .conforms: style("✓", .good) + " \(name)"
    case .fails: style("✗ \(name)", .bad)
    case .unsupported:
      style("–", .doubtful) + " \(name): unsupported: \(verdict.unsupportedReason?.visible ?? "")"
    }
  }
}

/// One item of a report on a case: its label and its lines.
///
/// The first line is the statement itself.
struct CaseDetail {
  let label: String
  let lines: [String]

  init(_ label: String, _ lines: String...) { self.init(label, lines) }

  init(_ label: String, _ lines: [String]) {
    self.label = label
    self.lines = lines
  }
}

extension CaseReport {
  /// Everything a person needs to find the mistake: the numbers, the worst element, the budget, the grade, the
  /// diagnosis, the profiles under which the case would conform, the convention that the model needs, everything else
  /// that did not hold, and remarks.
  var details: [CaseDetail] {
    accuracyDetails + statements.map { CaseDetail("diagnosis", $0.lines) } + profileDetails + modelDetails
      + verdict.violations.map { CaseDetail("integrity", $0.lines) }
      + verdict.remarks.map { CaseDetail("remark", $0.description) }
  }

  private var profileDetails: [CaseDetail] {
    otherProfiles.isEmpty
      ? [] : [CaseDetail("profile", "the case would conform under \(otherProfiles.joined(separator: ", "))")]
  }

  private var accuracyDetails: [CaseDetail] {
    guard let accuracy = verdict.accuracy, accuracy.elementCount > 0 else { return [] }
    guard let worst = accuracy.worst else {
      return [CaseDetail("accuracy", "all \(accuracy.elementCount) elements are correctly rounded")]
    }
    let rule = verdict.rule
    return [
      CaseDetail(
        "accuracy",
        "\(accuracy.failedCount) of \(accuracy.elementCount) elements exceed \(rule.budget.name); "
          + "\(accuracy.correctlyRoundedCount) are correctly rounded",
        "mean signed error \(accuracy.meanSignedError?.inULP ?? "unknown")"),
      CaseDetail(
        "worst",
        "\(worst.element.text(of: worst.tensor)), pair \(worst.pair), position \(worst.position.shortest)",
        "expected \(worst.expectedBits), exactly \(worst.expected)",
        "actual   \(worst.actual)",
        "error \(worst.ulpError.threeDigits) ULP, \(worst.severity.threeDigits) times "
          + "the limit \(worst.limit.threeDigits)"),
      CaseDetail("budget", "\(rule.setting) (\(rule.origin)) because \(rule.reason)"),
      CaseDetail("grade", verdict.grade?.name ?? "none"),
    ]
  }

  private var modelDetails: [CaseDetail] {
    outcome == .fails && !convention.isEmpty ? [CaseDetail("model", convention.joined(separator: "; "))] : []
  }
}

extension Statement {
  /// The statement in words and, if conventions differ, the parts of each that the other lacks.
  fileprivate var lines: [String] {
    let conventions = cause.mistakes.flatMap { [("the outputs have", $0.computed), ("the model needs", $0.needed)] }
    return [description]
      + conventions.compactMap { start, parts in
        parts.flatMap { $0.isEmpty ? nil : "\(start) \($0.joined(separator: "; "))" }
      }
  }
}

extension CaseReport {
  /// The number of rows of a profile above which neighbours are combined.
  private static let profileRows = 24

  /// One case in full: verdict, convention, derivation of the budget, and the error along every axis.
  package func explanation(_ style: TextStyle) -> String {
    var parts = [text(style)]
    if outcome != .fails, !convention.isEmpty {
      parts[0] += "\n  \(style("model:", .label)) \(convention.joined(separator: "; "))"
    }
    if let seconds { parts[0] += "\n  \(style("time:", .label)) \(seconds.threeDigits) s" }
    let budget = verdict.rule.budget
    var budgets = [budget]
    budgets += ([verdict.grade] + statements.map(\.cause.budget)).compactMap(\.self).filter { $0 != budget }
    for (index, budget) in budgets.enumerated() where !budgets[..<index].contains(budget) {
      parts.append("\(style(budget.name, .heading))\n  |actual − expected| ≤ \(budget.derivation)")
    }
    parts += profile.map { $0.table(atMost: Self.profileRows).text(style) }
    return parts.joined(separator: "\n\n")
  }
}

extension Cause {
  /// The wider budget that holds, if the outputs are right except for rounding.
  fileprivate var budget: Budget? { if case .rounding(let budget, _) = self { budget } else { nil } }
}

extension ErrorProfile.Series {
  /// A row for each group, or for each range of neighbours.
  func table(atMost count: Int) -> Table {
    Table(
      heading: ["\(tensor.rawValue) by \(axis.rawValue)", "elements", "fail", "error / limit", "ULP"],
      rows: ranges(atMost: count).map { range in
        [
          range.name, "\(range.elementCount)", "\(range.failedCount)", range.largestSeverity.threeDigits,
          range.largestUlpError.threeDigits,
        ]
      })
  }
}

extension RunReport {
  /// Finds a case by its name; `path` is the file of the report, for messages.
  ///
  /// - Throws: ``ReportError/unknownCase(name:path:known:failing:)`` with the first cases that fail.
  package func `case`(named name: String, path: String) throws(ReportError) -> CaseReport {
    guard let report = cases.first(where: { $0.name == name }) else {
      throw .unknownCase(
        name: name, path: path, known: cases.map(\.name), failing: failing.prefix(3).map(\.name))
    }
    return report
  }
}
