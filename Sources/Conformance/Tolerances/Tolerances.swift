/// The budgets of all cases: rules in order, of which the last that matches decides.
///
/// The order is file, environment, flags, so that each overrides what stands before it.
public struct Tolerances: Sendable, Equatable {
  /// The rules in order.
  public let rules: [ToleranceRule]

  /// The rules of a file, then of `ROPE_TOLERANCES`, then of flags.
  ///
  /// - Parameters:
  ///   - path: a YAML file with a list of rules `cases = budget because reason` under the key `rules`.
  ///   - environment: the variables of the process; `ROPE_TOLERANCES` holds rules divided by `;`.
  ///   - flags: the values of `--tolerance`, one rule each.
  /// - Throws: ``ToleranceError``.
  public init(
    file path: String, environment: [String: String] = [:], flags: [String] = []
  ) throws(ToleranceError) {
    try Settings.checkVariables(of: environment)
    try self.init(file: SettingsFile(path: path), environment: environment, flags: flags)
  }

  init(file: SettingsFile, environment: [String: String], flags: [String]) throws(ToleranceError) {
    var rules = try Tolerances.parse(file.rules, origin: file.name)
    if let text = environment["ROPE_TOLERANCES"] {
      rules += try Tolerances.parse(text.split(separator: ";").map(String.init), origin: "ROPE_TOLERANCES")
    }
    for flag in flags {
      rules.append(try ToleranceRule(parsing: flag, origin: "--tolerance"))
    }
    self.rules = rules
  }

  /// The rule that decides the budget of a case: the last that matches.
  ///
  /// - Throws: ``ToleranceError/noRuleMatches(caseName:)``.
  public func rule(for caseName: String) throws(ToleranceError) -> ToleranceRule {
    guard let rule = rules.last(where: { $0.matches(caseName) }) else {
      throw .noRuleMatches(caseName: caseName)
    }
    return rule
  }

  /// Checks that every rule matches a case, so that a misspelled pattern does not go unnoticed.
  ///
  /// - Throws: ``ToleranceError/ruleMatchesNoCase(pattern:origin:closest:)`` with the three closest names.
  public func check(against caseNames: [String]) throws(ToleranceError) {
    for rule in rules {
      let pattern = CasePattern(rule.pattern)
      guard !caseNames.contains(where: pattern.matches) else { continue }
      throw .ruleMatchesNoCase(pattern: rule.pattern, origin: rule.origin, closest: pattern.nearest(of: caseNames))
    }
  }

  private static func parse(_ texts: [String], origin: String) throws(ToleranceError) -> [ToleranceRule] {
    let texts = texts.filter { !$0.trimmed.isEmpty }
    guard !texts.isEmpty else { throw .noRules(origin: origin) }
    var rules: [ToleranceRule] = []
    for text in texts {
      rules.append(try ToleranceRule(parsing: text, origin: origin))
    }
    return rules
  }
}
