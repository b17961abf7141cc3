/// The truth table of the diagnosis in Markdown.
package struct PlantedTable {
  private let trial: PlantedTrial

  /// The shares of failing cases whose statements must tell what was planted.
  ///
  /// The others have a true statement without a number: where most values are subnormal or overflow, where a mistake is
  /// within the rounding of the case, or where angles are too large to tell their whole turns.
  private static let neededShare = 0.85, neededPairShare = 0.8
  /// The share of failing cases with two mistakes whose first statement must be true; with one it is all.
  private static let neededPairTruths = 0.8

  package init(_ trial: PlantedTrial) { self.trial = trial }

  /// True if every mistake was planted, nothing false is said, every case with one mistake and enough with two have a
  /// true statement, and enough tell what was planted.
  package var isGood: Bool {
    trial.dead.isEmpty && trial.falsehoods.isEmpty && trial.share(of: \.truths, pairs: false) == 1
      && trial.share(of: \.truths, pairs: true) >= Self.neededPairTruths
      && trial.share(of: \.told, pairs: false) >= Self.neededShare
      && trial.share(of: \.told, pairs: true) >= Self.neededPairShare
  }

  /// A line for each mistake, then every false statement and every mistake that no case shows, then the sums.
  package var text: String {
    let lines = trial.rows.filter { $0.failing > 0 }.map {
      "| \($0.name) | \($0.told) / \($0.failing) | \($0.example) |"
    }
    let errors = trial.falsehoods.map { "False: \($0)" } + trial.dead.map { "Planted in no case: \($0)" }
    return
      (["| planted | told | for example |", "|---|---:|---|"] + lines + [""] + errors + [
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
