import Conformance
import Goldens

extension ReportPage {
  /// The causes of the failing cases, those of rounding alone last and folded: they are the least urgent.
  var causesSection: String {
    let rounding = summary.groups.filter(\.isRounding)
    var parts = summary.groups.filter { !$0.isRounding }.map(block)
    if !rounding.isEmpty {
      let count = rounding.reduce(0) { $0 + $1.cases.count }
      parts.append(
        """
        <details><summary>\(count == 1 ? "1 case fails" : "\(count) cases fail") by rounding alone</summary>
        \(rounding.map(block).joined(separator: "\n"))
        </details>
        """)
    }
    return Self.section("Causes", parts)
  }

  /// One cause: an example, the command that repeats it, who reported it, and the cases that have it.
  private func block(_ group: FailureGroup) -> String {
    let example = articles.reports[group.example]
    let repeated = report.repeatCommand(of: group)
    let parts = [
      "<h3><span class=\"fails\">✗</span> \(group.counted): \(group.cause.escaped)</h3>",
      example.map { "<p>\(link($0.name)): \($0.reason.escaped)</p>" },
      repeated.map { "<pre>\($0.command)</pre>" },
      group.published.isEmpty ? nil : "<p>Reported as \(group.published.map(\.html).joined(separator: "; "))</p>",
      // The example already names an only case.
      group.cases.count > 1 ? list(of: group) : nil,
    ]
    return "<div class=\"cause\">\n\(parts.compactMap(\.self).joined(separator: "\n"))\n</div>"
  }

  private func list(of group: FailureGroup) -> String {
    """
    <details><summary>All \(group.counted)</summary>
    <ul class="names">\(group.cases.map { "<li>\(link($0))</li>" }.joined(separator: "\n"))</ul>
    </details>
    """
  }
}

extension Bug {
  /// The bug's id and thread, which leads there if its address is known.
  fileprivate var html: String {
    let text = "\(id), \(thread)".escaped
    return link.map { "<a href=\"\($0.escaped)\">\(text)</a>" } ?? text
  }
}
