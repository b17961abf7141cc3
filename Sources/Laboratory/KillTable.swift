import Goldens
import Judging
import Mistakes
import RoPE

/// A kill matrix as tables in Markdown.
package struct KillTable {
  private let matrix: KillMatrix

  /// The tables of a matrix.
  package init(_ matrix: KillMatrix) { self.matrix = matrix }

  /// A line for each mutant: for each contract, how many of the cases that it computes wrongly kill it; and the first
  /// case that does.
  package var text: String {
    let contracts = Contract.allCases
    let head = "| mutant | bugs | \(contracts.map(\.rawValue).joined(separator: " | ")) | first case |"
    let rule = "|---|---|" + contracts.map { _ in "---:|" }.joined() + "---|"
    return
      ([head, rule]
      + matrix.rows.filter { $0.cells.contains(where: \.isShown) }.map { row in
        let cells = contracts.map { contract -> String in
          let shown = row.shown(under: contract, matrix.cases)
          return shown.isEmpty ? "" : "\(shown.filter(\.isKill).count) / \(shown.count)"
        }
        let first = zip(matrix.cases, row.cells).first { $0.1.isKill }?.0.name
        return
          "| `\(row.mutant.name)` | \(row.mutant.bugs.joined(separator: " ")) | \(cells.joined(separator: " | ")) | "
          + "\(first.map { "`\($0)`" } ?? "") |"
      }).joined(separator: "\n")
  }

  /// A few lines: the number of mutants, of those that are not found, and of those that few cases find, with the reason.
  package var summary: String {
    let kills = matrix.rows.reduce(0) { $0 + $1.killCount }
    let shown = matrix.rows.reduce(0) { $0 + $1.cells.filter(\.isShown).count }
    let found =
      "\(matrix.rows.count) mutants on \(matrix.cases.count) cases: \(kills) of \(shown) wrong results are found; "
      + (matrix.survivors.isEmpty
        ? "every mutant is found under every contract in which it does something wrong."
        : "\(Set(matrix.survivors.map(\.mutant.name)).count) mutants are not found.")
    return ([found] + [large].compactMap(\.self) + few).joined(separator: "\n\n")
  }

  /// The cases on which not every mutant was tried; nil if there are none.
  private var large: String? {
    guard matrix.largeCount > 0 else { return nil }
    let tried = matrix.rows.reduce(0) { $0 + $1.cells.suffix(matrix.largeCount).count { $0.isTried } }
    return "On the \(matrix.largeCount) cases of more than \(matrix.smallElementCount) elements, a mutant was tried "
      + "only if fewer than \(KillMatrix.neededKills) cases before had found it under the same contract: \(tried) trials."
  }

  /// The mutants that few cases find, with the reason, a line each.
  private var few: [String] {
    matrix.rows.compactMap { row in
      guard let reason = row.mutant.fewCasesReason, row.killCount > 0 else { return nil }
      return
        "`\(row.mutant.name)` is found by \(row.killCount == 1 ? "one case" : "\(row.killCount) cases"): \(reason)."
    }
  }

  /// Mutants that are not found, or by too few cases, a line each; empty if there are none.
  ///
  /// In a part of the cases, a mistake may not occur, or in few.
  package func failures(inAllCases: Bool) -> String {
    var lines = matrix.survivors.map { "not found: \($0.mutant.name) under the contract \($0.contract.rawValue)" }
    if inAllCases {
      lines += matrix.unreached.map {
        "no case shows: \($0.mutant.name) under the contract \($0.contract.rawValue)"
      }
      lines += matrix.thin.map { "found by fewer than \(KillMatrix.neededKills) cases: \($0.name)" }
    }
    return lines.joined(separator: "\n")
  }

  /// The mutants that compute nothing wrong on any of the cases, in a line; nil if there are none.
  package var unseen: String? {
    guard !matrix.unseen.isEmpty else { return nil }
    let names = matrix.unseen.map(\.name)
    return "these mistakes cannot occur in these cases: "
      + (names.count > 10 ? "\(names.count) of the \(matrix.rows.count) mutants" : names.joined(separator: ", "))
  }

  /// Every case that a mutant computes wrongly, with its outcome there.
  package func text(ofMutant name: String) -> String {
    guard let row = matrix.rows.first(where: { $0.mutant.name == name }) else { return "" }
    return zip(matrix.cases, row.cells).compactMap { goldenCase, cell in
      switch cell {
      case .noRoom, .same, .notTried: nil
      case .killed(let reason): "killed by \(reason.rawValue)  \(goldenCase.name)"
      case .survived(let grade): "survived, \(grade?.name ?? "no grade")  \(goldenCase.name)"
      }
    }.joined(separator: "\n")
  }
}
