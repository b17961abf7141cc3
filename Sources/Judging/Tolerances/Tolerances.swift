import RoPE

/// The budgets of all cases: rules in order; the last that matches a case wins.
package struct Tolerances: Sendable, Equatable {
  /// The profile, whose rules follow those of the tolerances file.
  package let profile: Profile
  /// The rules in order: of the tolerances file, of the profile, and of the user.
  package let rules: [ToleranceRule]
  private let fileRules: [ToleranceRule]
  private let ownRules: [ToleranceRule]

  /// - Parameters:
  ///   - fileRules: the rules of the tolerances file in order; each overrides those before it.
  ///   - profile: overrides the rules of the file.
  ///   - ownRules: override both.
  package init(_ fileRules: [ToleranceRule], profile: Profile = .strict, ownRules: [ToleranceRule] = []) {
    self.fileRules = fileRules
    self.profile = profile
    self.ownRules = ownRules
    rules = fileRules + profile.rules + ownRules
  }

  /// The same rules with another profile in place of this one.
  package func replacing(profile: Profile) -> Tolerances {
    Tolerances(fileRules, profile: profile, ownRules: ownRules)
  }

  /// The rule that decides the budget of a case: the last that matches.
  ///
  /// - Throws: ``ToleranceError/noRuleMatches(caseName:)``.
  package func rule(for caseName: String) throws(ToleranceError) -> ToleranceRule {
    guard let rule = rules.last(where: { $0.matches(caseName) }) else {
      throw .noRuleMatches(caseName: caseName)
    }
    return rule
  }

  /// Checks that every rule matches a case, so that a misspelled pattern does not go unnoticed.
  ///
  /// Rules of the profile need not: a folder of goldens may have no case of theirs.
  ///
  /// - Throws: ``ToleranceError/ruleMatchesNoCase(pattern:origin:closest:)`` with the three closest names.
  package func check(against caseNames: [String]) throws(ToleranceError) {
    for rule in fileRules + ownRules where !caseNames.contains(where: rule.matches) {
      throw .ruleMatchesNoCase(
        pattern: rule.pattern, origin: rule.origin, closest: rule.cases.nearest(of: caseNames))
    }
  }
}

/// One line of the tolerance settings: the cases, their budget, and the reason.
package struct ToleranceRule: Sendable, Equatable, Codable {
  /// The cases.
  package let cases: CasePattern
  /// The budget of those cases.
  package let budget: Budget
  /// True if a NaN in a copied channel must keep its bits; by default it may become another NaN.
  package let exactCopies: Bool
  /// The reason for that budget; reports print it.
  package let reason: String
  /// The origin of the rule: `tolerances.yaml`, `ROPE_TOLERANCES`, `--tolerance`, or a profile.
  package let origin: String

  private static let exactCopiesWords = " with exact copies"

  private enum CodingKeys: String, CodingKey {
    case cases = "pattern"
    case budget, exactCopies, reason, origin
  }

  /// Parses a rule `cases = budget because reason`, in which `with exact copies` may follow the budget.
  ///
  /// Any white space counts as one space.
  ///
  /// - Throws: ``ToleranceError/rule(_:origin:_:)`` with the missing or wrong part.
  package init(parsing text: String, origin: String) throws(ToleranceError) {
    let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    do throws(ToleranceError) {
      let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else { throw .missingBudget }
      // A budget can contain '=' and ',' but no word.
      let parts = (sides[1] + " ").split(separator: " because ", maxSplits: 1, omittingEmptySubsequences: false)
      guard !sides[0].trimmed.isEmpty else { throw .missingPattern }
      guard !parts[0].trimmed.isEmpty else { throw .missingBudget }
      let name = parts[0].trimmed, hasReason = parts.count == 2 && !parts[1].trimmed.isEmpty
      exactCopies = name.hasSuffix(Self.exactCopiesWords)
      do throws(ToleranceError) {
        budget = try Budget(named: exactCopies ? String(name.dropLast(Self.exactCopiesWords.count)) : name)
      } catch {
        throw hasReason ? error : .andMissingReason(error)
      }
      guard hasReason else { throw .missingReason }
      do throws(PatternError) { cases = try CasePattern(sides[0].trimmed) } catch { throw .pattern(error) }
      reason = parts[1].trimmed
      self.origin = origin
    } catch {
      throw .rule(text, origin: origin, error)
    }
  }

  /// A rule of this package.
  init(_ cases: CasePattern, _ budget: Budget, reason: String, origin: String) {
    self.cases = cases
    self.budget = budget
    exactCopies = false
    self.reason = reason
    self.origin = origin
  }

  /// The pattern of the cases, as it was written.
  package var pattern: String { cases.text }

  /// The budget as the rule gives it, such as `float32-exact-angle with exact copies`.
  package var setting: String { budget.name + (exactCopies ? Self.exactCopiesWords : "") }

  /// Indicates whether the rule matches a case.
  package func matches(_ caseName: String) -> Bool { cases.matches(caseName) }
}

extension ToleranceRule: CustomStringConvertible {
  /// The rule as it is written: `cases = budget because reason`.
  package var description: String { "\(pattern) = \(setting) because \(reason)" }
}

extension StringProtocol {
  /// The text without white space at either end.
  package var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}

/// An error for tolerances that cannot be used: the place, the value, and the remedy.
package enum ToleranceError: Error, Equatable, CustomStringConvertible {
  case unknownBudget(String)
  case budgetNumber(String, of: String, budget: String)
  case missingBudget
  case missingPattern
  case missingReason
  /// Another error, and no reason either.
  indirect case andMissingReason(ToleranceError)
  case pattern(PatternError)
  /// A rule that cannot be read: its text, its origin, and the reason.
  indirect case rule(String, origin: String, ToleranceError)
  case unknownProfile(String)
  case noRules(origin: String)
  case noRuleMatches(caseName: String)
  case ruleMatchesNoCase(pattern: String, origin: String, closest: [String])

  package var description: String {
    switch self {
    case .unknownBudget(let name):
      "unknown budget '\(name)': must be one of \(Budget.named.map(\.name).joined(separator: ", ")), "
        + "atol=X,rtol=Y or ulp=N"
    case .budgetNumber(let text, let field, let budget):
      "\(field) '\(text)' in budget '\(budget)': must be a finite number of at least 0"
    case .missingBudget:
      "it has no budget: write 'cases = budget because reason'"
    case .missingPattern:
      "it has no case pattern before '=': write 'cases = budget because reason', where ** is every case"
    case .missingReason:
      "it has no reason: end the rule with ' because ' and why this budget is right"
    case .andMissingReason(let error): "\(error); and \(ToleranceError.missingReason)"
    case .pattern(let error): error.description
    case .rule(let text, let origin, let error):
      "\(origin): rule '\(text)': \(error)"
    case .unknownProfile(let name):
      "unknown profile '\(name)'\(Profile.all.map(\.name).suggestion(for: name, list: "'budgets'"))"
    case .noRules(let origin):
      "\(origin): it has no rules: list at least one 'cases = budget because reason'"
    case .noRuleMatches(let name):
      "no tolerance rule matches case '\(name)': add one to tolerances.yaml, such as '** = budget because reason'"
    case .ruleMatchesNoCase(let pattern, let origin, let closest):
      "\(origin): the pattern '\(pattern)' matches no case; nearest: \(closest.joined(separator: ", "))"
    }
  }
}
