import Conformance

/// One thing that a report says of a case: what it is, and lines of which all but the first explain.
struct CaseDetail {
  let label: String
  let lines: [String]

  init(_ label: String, _ lines: String...) { self.init(label, lines) }

  init(_ label: String, _ lines: [String]) {
    self.label = label
    self.lines = lines
  }

  fileprivate init(_ statement: StatementReport) {
    label = "diagnosis"
    let conventions = [
      ("the outputs have", statement.mistake?.computed), ("the model needs", statement.mistake?.needed),
    ]
    lines =
      [statement.text]
      + conventions.compactMap { start, parts in
        parts.flatMap { $0.isEmpty ? nil : "\(start) \($0.joined(separator: "; "))" }
      }
  }
}

extension CaseReport {
  /// What a person needs to find the mistake: the numbers, the worst element, the budget, the grade, the diagnosis, what
  /// the model needs, and everything else that did not hold.
  var details: [CaseDetail] {
    accuracyDetails + diagnosis.map { CaseDetail($0) } + modelDetails
      + violations.map { CaseDetail("integrity", $0.lines) }
  }

  private var accuracyDetails: [CaseDetail] {
    guard let accuracy, accuracy.elementCount > 0 else { return [] }
    guard let worst = accuracy.worst else {
      return [CaseDetail("accuracy", "all \(accuracy.elementCount) elements are correctly rounded")]
    }
    let budget = tolerance.budget.name
    return [
      CaseDetail(
        "accuracy",
        "\(accuracy.failedCount) of \(accuracy.elementCount) elements exceed \(budget); "
          + "\(accuracy.correctlyRoundedCount) are correctly rounded"),
      CaseDetail(
        "worst",
        "\(ElementText.place(worst.tensor, worst.place)), pair \(worst.pair), position \(worst.position)",
        "expected \(ElementText.value(worst.expectedBits, elementType)), exactly \(worst.expected)",
        "actual   \(ElementText.value(worst.actualBits, elementType))",
        "error \(ElementText.short(worst.ulpError)) ULP, \(ElementText.short(worst.severity)) times "
          + "the limit \(ElementText.short(worst.limit))"),
      CaseDetail("budget", "\(budget) (\(tolerance.origin)) because \(tolerance.reason)"),
      CaseDetail("grade", grade?.name ?? "none"),
    ]
  }

  private var modelDetails: [CaseDetail] {
    outcome == .fails && !convention.isEmpty ? [CaseDetail("model", convention.joined(separator: "; "))] : []
  }
}
