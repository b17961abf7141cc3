/// The truth table of the diagnosis in Markdown.
package struct PlantedTable {
  private let trial: PlantedTrial

  /// The shares of diagnoses whose first statement must tell what was planted.
  ///
  /// A few mistakes are within the rounding of
  /// a case, or turn by angles too large to tell their whole turns.
  private static let neededShare = 0.98, neededPairShare = 0.9

  package init(_ trial: PlantedTrial) { self.trial = trial }

  /// True if every single mistake and enough pairs are told, and nothing false is said.
  package var isGood: Bool {
    trial.falsehoods.isEmpty && trial.toldShare(pairs: false) >= Self.neededShare
      && trial.toldShare(pairs: true) >= Self.neededPairShare
  }

  /// A line for each mistake, then every false statement, then the sums.
  package var text: String {
    let lines = trial.rows.filter { $0.failing > 0 }.map {
      "| \($0.name) | \($0.told) / \($0.failing) | \($0.example) |"
    }
    let falsehoods = trial.falsehoods.map { "False: \($0)" }
    return
      (["| planted | told | for example |", "|---|---:|---|"] + lines + [""] + falsehoods + [
        sum(pairs: false, "single mistakes"), sum(pairs: true, "pairs of mistakes"),
        "\(trial.falsehoods.count) false statements.",
      ]).joined(separator: "\n")
  }

  private func sum(pairs: Bool, _ name: String) -> String {
    let rows = trial.planted(pairs: pairs)
    func sum(_ count: KeyPath<PlantedTrial.Row, Int>) -> Int { rows.reduce(0) { $0 + $1[keyPath: count] } }
    return "\(rows.count) \(name), \(sum(\.failing)) failing cases: \(sum(\.truths)) first statements are true, "
      + "\(sum(\.told)) tell what was planted."
  }
}
