public import Conformance

/// What the diagnosis said of planted mistakes, as a table in Markdown.
public struct DiagnosisTable {
  private let trial: DiagnosisTrial

  /// The table of a trial.
  public init(_ trial: DiagnosisTrial) { self.trial = trial }

  /// A line for each mutant: how many of the diagnoses name it, and what the others say, with a case.
  public var text: String {
    let lines = trial.rows.map { row in
      let others = row.others.sorted { $0.key < $1.key }.map { "\($0.key): `\($0.value)`" }
      return "| `\(row.mutant.name)` | \(row.mutant.summary) | \(row.named) / \(row.failing) | "
        + "\(others.joined(separator: "; ")) |"
    }
    return (["| mutant | what it does | named | else |", "|---|---|---:|---|"] + lines).joined(separator: "\n")
  }

  /// One line with the sum.
  public var summary: String {
    let named = trial.rows.reduce(0) { $0 + $1.named }, failing = trial.rows.reduce(0) { $0 + $1.failing }
    return "\(named) of \(failing) diagnoses name the planted mistake, or one that computes the same"
  }
}
