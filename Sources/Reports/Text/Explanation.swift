import Conformance

extension CaseReport {
  /// Rows of a profile beyond which neighbours are taken together.
  private static let profileRows = 24

  /// One case in full: verdict, convention, derivation of the budget, and the error along every axis.
  public func explanation(_ style: TextStyle) -> String {
    var parts = [text(style)]
    if outcome != .fails, !convention.isEmpty {
      parts[0] += "\n  \(style("model:", .label)) \(convention.joined(separator: "; "))"
    }
    if let seconds { parts[0] += "\n  \(style("time:", .label)) \(ElementText.short(seconds)) s" }
    var budgets = [tolerance.budget]
    budgets += ([grade] + diagnosis.map(\.budget)).compactMap { $0 }.filter { $0 != tolerance.budget }
    for (index, budget) in budgets.enumerated() where !budgets[..<index].contains(budget) {
      parts.append("\(style(budget.name, .heading))\n  |actual − expected| ≤ \(budget.derivation)")
    }
    parts += profile.map { $0.table(atMost: Self.profileRows).text(style) }
    return parts.joined(separator: "\n\n")
  }

}

extension SeriesReport {
  /// A row for each group, or for each range of neighbours.
  func table(atMost count: Int) -> Table {
    Table(
      heading: ["\(tensor.rawValue) by \(axis.rawValue)", "elements", "fail", "error / limit", "ULP"],
      rows: ranges(atMost: count).map { range in
        [
          range.name, "\(range.elementCount)", "\(range.failedCount)", ElementText.short(range.largestSeverity),
          ElementText.short(range.largestUlpError),
        ]
      })
  }
}

extension RunReport {
  /// The case of a name; `path` is where the report came from, for messages.
  ///
  /// - Throws: ``ReportError/unknownCase(name:path:caseCount:failing:)`` with the first cases that fail.
  public func `case`(named name: String, path: String) throws(ReportError) -> CaseReport {
    guard let report = cases.first(where: { $0.name == name }) else {
      throw .unknownCase(
        name: name, path: path, caseCount: cases.count, failing: failing.prefix(3).map(\.name))
    }
    return report
  }
}
