/// One line of the tolerance settings: which cases have which budget, and why.
public struct ToleranceRule: Sendable, Equatable {
  /// The cases: `*` is any run of characters but `/`, `**` any run at all.
  public let pattern: String
  /// The budget of those cases.
  public let budget: Budget
  /// Why that budget is right for those cases; reports print it.
  public let reason: String
  /// Where the rule stands: `tolerances.yaml`, `ROPE_TOLERANCES` or `--tolerance`.
  public let origin: String

  /// The rule in a text `cases = budget because reason`. Any white space counts as one space.
  ///
  /// - Throws: ``ToleranceError/rule(_:origin:_:)`` with what is missing or wrong.
  public init(parsing text: String, origin: String) throws(ToleranceError) {
    let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    do throws(ToleranceError) {
      let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else { throw .missingBudget }
      // A budget can hold '=' and ',' but no word.
      let parts = (sides[1] + " ").split(separator: " because ", maxSplits: 1, omittingEmptySubsequences: false)
      guard !sides[0].trimmed.isEmpty else { throw .missingPattern }
      guard !parts[0].trimmed.isEmpty else { throw .missingBudget }
      budget = try Budget(named: parts[0].trimmed)
      guard parts.count == 2, !parts[1].trimmed.isEmpty else { throw .missingReason }
      pattern = sides[0].trimmed
      reason = parts[1].trimmed
      self.origin = origin
    } catch {
      throw .rule(text, origin: origin, error)
    }
  }

  /// Whether the rule holds for a case.
  public func matches(_ caseName: String) -> Bool { CasePattern(pattern).matches(caseName) }
}

extension StringProtocol {
  /// The text without white space at either end.
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
