import Conformance
import Diagnosis
import Judging

/// The choice of the failing cases that a page has articles on, by cause: a page with hundreds is of no use.
struct PageArticles {
  /// The number of articles on the cases of one cause.
  private static let casesOfCause = 20

  /// The failing cases by name.
  let reports: [String: CaseReport]
  /// The causes with those of their cases that have articles.
  let groups: [(cause: FailureGroup, shown: [CaseReport])]
  /// The number of each article by the name of its case, in the order of the page.
  let numbers: [String: Int]

  init(of failing: [CaseReport], in groups: [FailureGroup]) {
    let reports = Dictionary(failing.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.reports = reports
    self.groups = groups.map { ($0, $0.cases.prefix(Self.casesOfCause).compactMap { reports[$0] }) }
    let names = self.groups.flatMap(\.shown).map(\.name)
    numbers = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

extension ReportPage {
  /// The number of articles that are expanded when the page opens.
  private static let openCases = 3

  /// The full accounts of the first failing cases of each cause.
  var failingSection: String {
    Self.section("Cases that fail", articles.groups.flatMap { articles(on: $0.shown, of: $0.cause) })
  }

  private func articles(on shown: [CaseReport], of group: FailureGroup) -> [String] {
    let leftOut = group.cases.count - shown.count
    let note =
      leftOut == 0
      ? ""
      : "<p class=\"quiet\">\(leftOut) more \(leftOut == 1 ? "case has" : "cases have") this cause: "
        + "a report in JSON has \(leftOut == 1 ? "it" : "them")</p>"
    let texts = shown.map { report in
      let number = articles.numbers[report.name] ?? 0
      return report.article(number: number, isOpen: number < Self.openCases)
    }
    return ["<h3>\(group.counted): \(group.cause.escaped)</h3>"] + texts + [note]
  }
}

extension CaseReport {
  /// The full account of a failing case.
  fileprivate func article(number: Int, isOpen: Bool) -> String {
    let details = details.map { detail in
      "<dt>\(detail.label.escaped)</dt><dd>\(detail.lines.map { "<p>\($0.escaped)</p>" }.joined())</dd>"
    }
    // Errors by position and by pair tell the most.
    let order: [ErrorProfile.Axis] = [.position, .pair, .head, .batchRow]
    let plots = order.compactMap { axis in ErrorPlot(profile.filter { $0.axis == axis }, axis: axis)?.html }
    // A link to something folded unfolds it, a link to the fold itself does not.
    return """
      <details class="case"\(isOpen ? " open" : "")>
      <summary><span class="fails">✗</span> \(name.breakable)</summary>
      <div id="case-\(number)">
      <dl>\(details.joined(separator: "\n"))</dl>
      \(plots.isEmpty ? "" : "<div class=\"plots\">\n\(plots.joined(separator: "\n"))\n</div>")
      </div>
      </details>
      """
  }
}
