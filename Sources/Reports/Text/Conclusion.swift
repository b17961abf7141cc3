import Conformance
import Files
import Judging

extension RunReport {
  /// The end of a report for people: the tables of the summary, what was not checked, remarks, what is wrong, and the
  /// result.
  public var conclusion: String { conclusion(.plain) }

  /// The run as a terminal shows it: the backend, the reasons of unsupported cases, and the conclusion.
  package var text: String {
    ([header.backend.summary] + CaseReport.unsupported(cases, .plain) + [conclusion]).joined(separator: "\n") + "\n"
  }

  /// The tables of the summary, one below the other, the checks not made, the remarks, the problems that belong to no
  /// case, the causes of failures with the next step, and the result.
  ///
  /// Unless `isWhole`, a run with failures has the sum of the outcomes, and the tables of what was judged: the causes say
  /// more than sections and grades.
  package func conclusion(_ style: TextStyle, isWhole: Bool = false) -> String {
    let summary = summary, isShort = !failing.isEmpty && !isWhole
    let tables = (isShort ? summary.tablesOfWhatWasJudged : summary.tables).map { $0.text(style) }
    let lines =
      header.notChecked.map { style("not checked:", .label) + " \($0.visible)" }
      + remarks.map { style("remark:", .doubtful) + " \($0.visible)" }
      + summary.problems.map { style("✗ problem:", .bad) + " \($0.visible)" }
    let outcome = style(result, conforms ? .good : isEmptyShard ? .doubtful : .bad)
    let ending = "\(outcome) (profile \(header.profile.visible))"
    let failures = failures(style, isShort: isWhole)
    return
      ([(tables + (isShort ? [summary.counts] : [])).joined(separator: "\n\n")] + lines
      + (failures.isEmpty ? [] : [""]) + failures + [ending]).joined(separator: "\n")
  }
}

extension RunReport {
  /// Sentences on what is no failure, but qualifies the result: tolerances looser than the profile's, and the remarks on
  /// cases.
  var remarks: [String] { looserTolerances + Remark.Kind.allCases.compactMap(remark) }

  private var looserTolerances: [String] {
    let count = summary.looserTolerances.reduce(0) { $0 + $1.caseCount }
    guard count > 0 else { return [] }
    let budgets = summary.looserTolerances.map { "\($0.caseCount) by \($0.budget)" }.joined(separator: ", ")
    let isDefault = header.profile == Profile.strict.name
    let usual = isDefault ? "the default \(Budget.standard.name)" : "the profile \(header.profile) gives"
    return [
      "\(count) of \(cases.count) cases \(count == 1 ? "was" : "were") judged by a looser tolerance than \(usual): "
        + budgets
    ]
  }

  /// The elements of all cases that have one kind of remark.
  private func remark(_ kind: Remark.Kind) -> String? {
    let concerned = cases.filter { $0.verdict.remarks.contains { $0.kind == kind } }
    guard let first = concerned.first else { return nil }
    let count = concerned.flatMap(\.verdict.remarks).filter { $0.kind == kind }.reduce(0) { $0.saturatingSum($1.count) }
    let place = concerned.count == 1 ? "in \(first.name)" : "in \(concerned.count) cases, first \(first.name)"
    return "\(kind.words(count: count)), \(place)"
  }
}

extension CaseReport {
  /// A line for each reason that cases are not supported, with their number and the first of them; most cases first.
  ///
  /// Reasons that differ only in numbers are one.
  package static func unsupported(_ reports: [CaseReport], _ style: TextStyle) -> [String] {
    let unsupported = reports.filter { $0.outcome == .unsupported }
    let groups = Dictionary(grouping: unsupported) { ($0.verdict.unsupportedReason ?? "").filter { !$0.isNumber } }
    return groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.compactMap { _, reports in
      guard let first = reports.first, let reason = first.verdict.unsupportedReason else { return nil }
      let cases = reports.count == 1 ? "1 case" : "\(reports.count) cases, first"
      return style("–", .doubtful) + " unsupported: \(reason): \(cases) \(first.name)".visible
    }
  }
}
