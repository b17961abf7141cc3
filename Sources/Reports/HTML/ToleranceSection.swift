import Conformance
import Judging

extension ReportPage {
  /// The rules of the run, and the bounds that the budgets in use stand for.
  var toleranceSection: String {
    let rules = report.header.tolerances.map { rule in
      "<dt><code>\(rule.pattern.escaped)</code></dt><dd>\(rule.setting.escaped) (\(rule.origin.escaped)) "
        + "because \(rule.reason.escaped)</dd>"
    }
    let derivations = report.budgets.map { budget in
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
