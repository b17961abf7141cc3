import Conformance
import Judging
import RoPE

extension ReportPage {
  private static let worstCount = 10

  /// The elements farthest beyond their limits, one of each failing case: a size tells much about a mistake.
  ///
  /// The element of a case that fails by something else may be within its limit, and is left out.
  var worstSection: String {
    let found = report.failing.compactMap { report in
      report.verdict.accuracy?.worst.map { (name: report.name, worst: $0, severity: $0.severity) }
    }
    // Sorting is not stable by itself; of equal errors the earlier case comes first.
    let worst = found.filter { !$0.worst.conforms }.enumerated().sorted {
      (-$0.element.severity, $0.offset) < (-$1.element.severity, $1.offset)
    }.prefix(Self.worstCount).map(\.element)
    guard !worst.isEmpty else { return "" }
    let heading = worst.count == Self.worstCount ? "Worst ten elements" : "Worst elements"
    return Self.section(
      heading,
      [
        """
        <div class="wide"><table class="worst">
        <thead><tr><th scope="col">case</th><th scope="col">element</th><th scope="col">expected</th>\
        <th scope="col">actual</th><th scope="col">error in ULP</th><th scope="col">times the limit</th></tr></thead>
        <tbody>
        \(worst.map { row($0.worst, of: $0.name) }.joined(separator: "\n"))
        </tbody></table></div>
        """
      ])
  }

  private func row(_ worst: Finding, of name: String) -> String {
    let place = "pair \(worst.pair), position \(worst.position.shortest)"
    let cells = [
      "\(worst.element.text(of: worst.tensor).escaped)<br><span class=\"quiet\">\(place.escaped)</span>",
      worst.expectedBits.description.escaped, worst.actual.description.escaped, worst.ulpError.threeDigits,
      worst.severity.threeDigits,
    ]
    return "<tr><th scope=\"row\">\(link(name))</th>\(cells.map { "<td>\($0)</td>" }.joined())</tr>"
  }
}
