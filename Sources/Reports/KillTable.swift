public import Conformance
import Goldens
import RoPE

/// A kill matrix as tables in Markdown.
public struct KillTable {
  private let matrix: KillMatrix

  /// The tables of a matrix.
  public init(_ matrix: KillMatrix) { self.matrix = matrix }

  /// A line for each mutant: under each contract, how many cases kill it of those that it computes wrongly, and the
  /// first of them.
  public var text: String {
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

  /// One line: how many mutants there are, and how many go unseen.
  public var summary: String {
    let kills = matrix.rows.reduce(0) { $0 + $1.cells.filter(\.isKill).count }
    let shown = matrix.rows.reduce(0) { $0 + $1.cells.filter(\.isShown).count }
    return "\(matrix.rows.count) mutants on \(matrix.cases.count) cases: \(kills) of \(shown) wrong results are found; "
      + (matrix.survivors.isEmpty
        ? "every mutant is found under every contract in which it does something wrong"
        : "\(Set(matrix.survivors.map(\.mutant.name)).count) mutants are not found")
  }

  /// What goes unseen, a line each; empty where nothing does.
  public var survivors: String {
    matrix.survivors.map { "not found: \($0.mutant.name) under the contract \($0.contract.rawValue)" }
      .joined(separator: "\n")
  }

  /// The mutants that compute nothing wrong on any of the cases, in a line; nil where there is none.
  public var unseen: String? {
    guard !matrix.unseen.isEmpty else { return nil }
    let names = matrix.unseen.map(\.name)
    return "these cases give no room for "
      + (names.count > 10 ? "\(names.count) of the \(matrix.rows.count) mutants" : names.joined(separator: ", "))
  }

  /// Every case that a mutant computes wrongly, with what becomes of it there.
  public func text(ofMutant name: String) -> String {
    guard let row = matrix.rows.first(where: { $0.mutant.name == name }) else { return "" }
    return zip(matrix.cases, row.cells).compactMap { goldenCase, cell in
      switch cell {
      case .noRoom, .same: nil
      case .killed(let reason): "killed by \(reason.rawValue)  \(goldenCase.name)"
      case .survived(let grade): "survived, \(grade?.name ?? "no grade")  \(goldenCase.name)"
      }
    }.joined(separator: "\n")
  }
}
