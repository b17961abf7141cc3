/// Settings that cannot be used: where, which value, and what to write instead.
public enum ToleranceError: Error, Equatable, CustomStringConvertible {
  case unknownBudget(String)
  case budgetNumber(String, of: String, budget: String)
  case missingBudget
  case missingPattern
  case missingReason
  /// A rule that cannot be read: its text, where it stands, and why.
  indirect case rule(String, origin: String, ToleranceError)
  case noRules(origin: String)
  case unreadableFile(path: String, reason: String)
  case unreadableValue(key: String, reason: String)
  case runs(reason: String)
  case unknownKey(String, path: String)
  case unknownVariable(String)
  case emptyVariable(String)
  case noRuleMatches(caseName: String)
  case ruleMatchesNoCase(pattern: String, origin: String, closest: [String])

  public var description: String {
    switch self {
    case .unknownBudget(let name):
      "unknown budget '\(name)': must be one of \(Budget.named.map(\.name).joined(separator: ", ")), "
        + "atol=X,rtol=Y or ulp=N"
    case .budgetNumber(let text, let field, let budget):
      "\(field) '\(text)' in budget '\(budget)': must be a finite number of at least 0"
    case .missingBudget:
      "no budget: write 'cases = budget because reason'"
    case .missingPattern:
      "no case pattern before '=': write 'cases = budget because reason', where ** is every case"
    case .missingReason:
      "no reason, which is mandatory: end the rule with ' because ' and why this budget is right"
    case .rule(let text, let origin, let error):
      "\(origin): rule '\(text)': \(error)"
    case .noRules(let origin):
      "\(origin): no rules: list at least one 'cases = budget because reason'"
    case .unreadableFile(let path, let reason):
      "tolerances file '\(path)': \(reason)\n--tolerances or ROPE_TOLERANCES_FILE names another; it must be YAML with a "
        + "list of rules under the key rules, those that begin with * in quotes or below '>-'"
    case .unreadableValue(let key, let reason):
      "setting '\(key)': must be one text: \(reason)"
    case .runs(let reason):
      "setting 'runs' (--runs, ROPE_RUNS): must be a whole number from \(Settings.runCounts.lowerBound) to "
        + "\(Settings.runCounts.upperBound): \(reason)"
    case .unknownKey(let key, let path):
      "tolerances file '\(path)': unknown key '\(key)': the known ones are \(SettingsFile.keys.joined(separator: ", "))"
    case .unknownVariable(let name):
      "unknown environment variable \(name): the known ones are "
        + Settings.variables.joined(separator: ", ")
    case .emptyVariable(let name):
      "environment variable \(name) is empty: give it a value or unset it"
    case .noRuleMatches(let name):
      "no tolerance rule matches case '\(name)': add one to tolerances.yaml, ** = budget for every case"
    case .ruleMatchesNoCase(let pattern, let origin, let closest):
      "\(origin): the pattern '\(pattern)' matches no case; nearest: \(closest.joined(separator: ", "))"
    }
  }
}
