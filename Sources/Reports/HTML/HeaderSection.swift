import Conformance
import Judging

extension ReportPage {
  /// The result in words; the profile is a part of it.
  var result: String {
    "\(report.result) (profile \(report.header.profile.escaped))"
  }

  /// The result, the counts, and what is needed to repeat the run.
  var headerSection: String {
    let next = report.nextStep == nil ? "" : "<p><a href=\"#next\">What to do next</a></p>"
    return """
      <header>
      <h1>\(report.header.backend.summary.escaped)</h1>
      <p class="result \(report.conforms ? "conforms" : report.isEmptyShard ? "unsupported" : "fails")">\(result)</p>
      <p>\(counts)</p>
      \(next)
      <dl class="facts">\(facts.joined(separator: "\n"))</dl>
      </header>
      """
  }

  private var counts: String {
    let total = summary.total
    return "\(total.cases) cases in \(summary.seconds.threeDigits) s: \(total.conforming) conform, "
      + "\(total.failing) fail, \(total.unsupported) unsupported"
  }

  /// The facts of the run that are known.
  private var facts: [String] {
    let header = report.header, origin = header.origin
    let facts = [
      ("command", origin?.commandLine.command),
      ("date", origin?.date.escaped),
      ("commit", origin?.commit.map { "<code>\($0.escaped)</code>" }),
      ("device", header.backend.device?.escaped),
      ("version", "rope-conformance \(header.packageVersion.escaped)"),
    ]
    return facts.compactMap { label, value in value.map { "<dt>\(label)</dt><dd>\($0)</dd>" } }
  }

  /// What to do next; nothing if the run conforms.
  ///
  /// It stands below the causes because its sentence speaks of those above; the header leads to it.
  var nextSection: String {
    guard let step = report.nextStep else { return "" }
    return """
      <section id="next"><h2>Next step</h2>
      <p class="sentence">\(step.sentence.escaped)</p>
      \(step.command.map { "<pre>\($0.command)</pre>" } ?? "")
      </section>
      """
  }
}
