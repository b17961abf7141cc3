import Conformance
import Diagnosis
import Foundation
import Goldens
import Judging

extension RunReport {
  /// The number of failing cases that are expanded when the page opens.
  private static let openCases = 3

  /// The run as one HTML page without scripts and external resources.
  package var html: String {
    let result = summary.conforms ? "conforms" : "does not conform"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(header.backend.summary.escaped): \(result)</title>
      <style>\(Self.styleSheet)</style>
      </head>
      <body>
      <header>
      <h1>\(header.backend.summary.escaped)</h1>
      <p class="result \(summary.conforms ? "conforms" : "fails")">\(result)</p>
      <p>\(counts)</p>
      <p class="quiet">\(header.backend.device.map { "Device \($0.escaped), " } ?? "")rope-conformance \(header.packageVersion.escaped)</p>
      </header>
      <main>
      <section><h2>Summary</h2>
      \(summary.tables.map(\.html).joined(separator: "\n"))
      </section>
      \(Self.list("Problems", summary.problems, style: "fails"))
      \(Self.list("Remarks", remarks, style: "unsupported"))
      \(Self.list("Not checked", header.notChecked, style: "quiet"))
      \(failingSection)
      \(caseSection)
      \(toleranceSection)
      </main>
      </body>
      </html>

      """
  }

  private var counts: String {
    let total = summary.total
    return "\(total.cases) cases in \(summary.seconds.threeDigits) s: \(total.conforming) conform, "
      + "\(total.failing) fail, \(total.unsupported) unsupported"
  }

  /// Sentences under a heading; nothing if there are none.
  private static func list(_ heading: String, _ sentences: [String], style: String) -> String {
    guard !sentences.isEmpty else { return "" }
    let items = sentences.map { "<li class=\"\(style)\">\($0.escaped)</li>" }
    return "<section><h2>\(heading)</h2><ul>\(items.joined(separator: "\n"))</ul></section>"
  }

  private var failingSection: String {
    guard !failing.isEmpty else { return "" }
    let articles = failing.enumerated().map { $1.article(number: $0, isOpen: $0 < Self.openCases) }
    return "<section><h2>Cases that fail</h2>\n\(articles.joined(separator: "\n"))\n</section>"
  }

  /// A table for each section of the suite.
  private var caseSection: String {
    let numbers = Dictionary(
      failing.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    let parts = summary.sections.map { section in
      let rows = cases.filter { $0.verdict.section == section.section }.map { $0.row(article: numbers[$0.name]) }
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
    return "<section><h2>All cases</h2>\n\(parts.joined(separator: "\n"))\n</section>"
  }

  private var toleranceSection: String {
    let rules = header.tolerances.map { rule in
      "<dt><code>\(rule.pattern.escaped)</code></dt><dd>\(rule.setting.escaped) (\(rule.origin.escaped)) "
        + "because \(rule.reason.escaped)</dd>"
    }
    let derivations = budgets.map { budget in
      "<dt>\(budget.name.escaped)</dt><dd>|actual − expected| ≤ \(budget.derivation.escaped)</dd>"
    }
    return """
      <section><h2>Tolerances</h2>
      <p>The last rule that matches a case wins.</p>
      <dl>\(rules.joined(separator: "\n"))</dl>
      <h3>Derivations of the budgets used</h3>
      <dl>\(derivations.joined(separator: "\n"))</dl>
      </section>
      """
  }
}

extension Table {
  /// The table, which scrolls by itself if it is too wide.
  fileprivate var html: String {
    func row(_ cells: [String]) -> String {
      "<tr>"
        + cells.enumerated().map { $0 == 0 ? "<th scope=\"row\">\($1.escaped)</th>" : "<td>\($1.escaped)</td>" }
        .joined() + "</tr>"
    }
    let head = heading.map { "<th scope=\"col\">\($0.escaped)</th>" }.joined()
    return """
      <div class="wide"><table><thead><tr>\(head)</tr></thead>
      <tbody>\(rows.map(row).joined(separator: "\n"))</tbody></table></div>
      """
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
    return """
      <details class="case" id="case-\(number)"\(isOpen ? " open" : "")>
      <summary><span class="fails">✗</span> \(name.escaped)</summary>
      <dl>\(details.joined(separator: "\n"))</dl>
      \(plots.isEmpty ? "" : "<div class=\"plots\">\n\(plots.joined(separator: "\n"))\n</div>")
      </details>
      """
  }

  /// The case's row in the table of all.
  fileprivate func row(article: Int?) -> String {
    let mark =
      switch outcome {
      case .conforms: "<span class=\"conforms\" title=\"conforms\">✓</span>"
      case .fails: "<span class=\"fails\" title=\"fails\">✗</span>"
      case .unsupported: "<span class=\"unsupported\" title=\"unsupported\">–</span>"
      }
    // A long name breaks between its parts.
    let name = name.escaped.replacingOccurrences(of: "/", with: "/<wbr>")
    let link = article.map { "<a href=\"#case-\($0)\">\(name)</a>" } ?? name
    let notes =
      (verdict.unsupportedReason.map { ["unsupported: \($0)"] } ?? []) + verdict.remarks.map { "remark: \($0)" }
    let note = notes.map { "<br><span class=\"quiet\">\($0.escaped)</span>" }.joined()
    let severity = verdict.accuracy.flatMap { $0.elementCount == 0 ? nil : ($0.worst?.severity ?? 0).threeDigits }
    return "<tr><th scope=\"row\">\(mark) \(link)\(note)</th><td>\((verdict.grade?.name ?? "").escaped)</td>"
      + "<td>\(severity ?? "")</td><td>\(seconds.map { String(format: "%.1f", 1000 * $0) } ?? "")</td></tr>"
  }
}
