import Conformance

extension RunReport {
  /// The run as one HTML page without scripts and external resources.
  package var html: String { ReportPage(self).html }
}

/// A report as a page; each of its sections is in a file of its own.
struct ReportPage {
  let report: RunReport
  /// Computed once: finding the causes takes time.
  let summary: RunSummary
  /// The failing cases that the page has articles on.
  let articles: PageArticles

  init(_ report: RunReport) {
    self.report = report
    summary = report.summary
    articles = PageArticles(of: report.failing, in: summary.groups)
  }

  /// What is wrong comes first, then what to do about it, then the numbers.
  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(report.header.backend.summary.escaped): \(result)</title>
    <style>\(Self.styleSheet)</style>
    </head>
    <body>
    \(headerSection)
    <main>
    \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  private var sections: [String] {
    [
      Self.list("Problems", summary.problems, style: "fails"),
      causesSection,
      unsupportedSection,
      nextSection,
      OutcomeMatrix(report.cases).html,
      worstSection,
      Self.section("Summary", summary.tables.map(\.html)),
      Self.list("Remarks", report.remarks, style: "unsupported"),
      Self.list("Not checked", report.header.notChecked, style: "quiet"),
      failingSection,
      caseSection,
      toleranceSection,
    ]
  }

  /// Parts under a heading; nothing if there are none.
  static func section(_ heading: String, _ parts: [String]) -> String {
    let parts = parts.filter { !$0.isEmpty }
    return parts.isEmpty ? "" : "<section><h2>\(heading)</h2>\n\(parts.joined(separator: "\n"))\n</section>"
  }

  /// Sentences under a heading; nothing if there are none.
  private static func list(_ heading: String, _ sentences: [String], style: String) -> String {
    section(heading, sentences.isEmpty ? [] : [list(sentences, style: style)])
  }

  /// Sentences as a list.
  private static func list(_ sentences: [String], style: String) -> String {
    "<ul>\(sentences.map { "<li class=\"\(style)\">\($0.escaped)</li>" }.joined(separator: "\n"))</ul>"
  }

  /// The reasons that cases are unsupported, folded: they are above the next step because it refers to them if nothing was
  /// judged.
  private var unsupportedSection: String {
    let reasons = CaseReport.unsupported(report.cases, .plain), count = summary.total.unsupported
    guard !reasons.isEmpty else { return "" }
    return """
      <section><details\(summary.total.conforming + summary.total.failing == 0 ? " open" : "")>
      <summary>\(count == 1 ? "1 case is" : "\(count) cases are") unsupported</summary>
      \(Self.list(reasons, style: "quiet"))
      </details></section>
      """
  }

  /// The name of a case, which leads to its article if there is one.
  func link(_ name: String) -> String {
    let text = name.breakable
    return articles.numbers[name].map { "<a href=\"#case-\($0)\">\(text)</a>" } ?? text
  }
}

extension String {
  /// The name of a case or a model as HTML that breaks between its parts if it is too long.
  var breakable: String { escaped.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "/<wbr>") }

  /// The words of a command; a line breaks between them, not at the hyphens of an option.
  var command: String {
    let words = split(separator: " ", omittingEmptySubsequences: false).map { "<span>\(String($0).escaped)</span>" }
    return "<code>\(words.joined(separator: " "))</code>"
  }
}

extension Table {
  /// The table, which scrolls by itself if it is too wide.
  var html: String {
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
