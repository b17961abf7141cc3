import Backends
import Dispatch
import Goldens
import Judging
import Mistakes
import RoPE
import Synchronization

/// The mutants that the suite detects: for each mutant and case, whether the case distinguishes it from the right
/// result.
package struct KillMatrix: Sendable {
  /// One mutant on one case.
  package enum Cell: Sendable, Equatable {
    /// The mistake cannot occur in the case.
    case noRoom
    /// The mutant does the right thing on this case: the same bits, and no write elsewhere.
    case same
    /// The verdict fails.
    case killed(by: Reason)
    /// The outputs differ, but the verdict conforms, with this grade.
    case survived(grade: Budget?)
  }

  /// The ground on which a verdict failed.
  package enum Reason: String, Sendable, CaseIterable {
    case accuracy
    case integrity
  }

  /// One mutant on all cases.
  package struct Row: Sendable {
    package let mutant: Mutant
    /// In the order of ``KillMatrix/cases``.
    package internal(set) var cells: [Cell]
  }

  /// The cases whose golden stores its tensors.
  package let cases: [Case]
  /// In the order of the mutants.
  package private(set) var rows: [Row]

  /// Runs every mutant on every case, on all cores.
  ///
  /// - Parameters:
  ///   - mutants: some or all of ``Mutant/all``.
  ///   - goldens: cases with their budgets. Sampled ones are left out.
  ///   - progress: called with the number of cases done and of all cases, on any thread.
  /// - Throws: any error of judging a golden.
  /// - Complexity: one exact computation per mutant and case.
  package init(
    of mutants: [Mutant], on goldens: [(golden: Golden, rule: ToleranceRule)],
    progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws {
    let stored = goldens.filter { $0.golden.isStored }
    let cells = Mutex(Array(repeating: [Cell](), count: stored.count))
    let failure = Mutex<(any Error)?>(nil)
    let done = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: stored.count) { index in
      do {
        let column = try mutants.map { try Self.cell($0, on: stored[index].golden, rule: stored[index].rule) }
        cells.withLock { $0[index] = column }
      } catch {
        failure.withLock { $0 = error }
      }
      progress(done.add(1, ordering: .relaxed).newValue, stored.count)
    }
    if let error = failure.withLock({ $0 }) { throw error }
    let columns = cells.withLock { $0 }
    cases = stored.map(\.golden.goldenCase)
    rows = mutants.enumerated().map { row, mutant in Row(mutant: mutant, cells: columns.map { $0[row] }) }
  }

  private static func cell(_ mutant: Mutant, on golden: Golden, rule: ToleranceRule) throws -> Cell {
    let backend = MutantBackend(mutant, golden: golden)
    guard case .outputs(let outputs) = try LiveCandidate(backend, runCount: 2).outputs(of: golden) else {
      return .noRoom
    }
    let verdict = try Judge(rule).verdict(on: golden, outputs)
    guard verdict.outcome == .conforms else {
      return .killed(by: verdict.accuracy?.conforms ?? true ? .integrity : .accuracy)
    }
    return backend.isRight ? .same : .survived(grade: verdict.grade)
  }
}

extension Golden {
  /// True if the tensors are stored, rather than computed from the case's seed.
  var isStored: Bool { if case .stored = content { true } else { false } }
}

extension KillMatrix.Cell {
  /// True if the mutant does anything wrong on the case.
  package var isShown: Bool { self != .noRoom && self != .same }

  /// True if the case distinguishes the mutant from the right computation.
  package var isKill: Bool { if case .killed = self { true } else { false } }
}

extension KillMatrix.Row {
  /// The cells of the cases under a contract on which the mutant does something wrong.
  package func shown(under contract: Contract, _ cases: [Case]) -> [KillMatrix.Cell] {
    zip(cases, cells).filter { $0.contract == contract && $1.isShown }.map(\.1)
  }
}

extension KillMatrix {
  /// Mutants and contracts under which they compute something wrong that no case detects.
  package var survivors: [(mutant: Mutant, contract: Contract)] {
    rows.flatMap { row in
      Contract.allCases.filter { contract in
        let shown = row.shown(under: contract, cases)
        return !shown.isEmpty && !shown.contains(where: \.isKill)
      }.map { (row.mutant, $0) }
    }
  }

  /// Mutants that compute nothing wrong on any case.
  package var unseen: [Mutant] { rows.filter { !$0.cells.contains(where: \.isShown) }.map(\.mutant) }
}

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

  /// One line: the number of mutants, and of those that are not found.
  package var summary: String {
    let kills = matrix.rows.reduce(0) { $0 + $1.cells.filter(\.isKill).count }
    let shown = matrix.rows.reduce(0) { $0 + $1.cells.filter(\.isShown).count }
    return "\(matrix.rows.count) mutants on \(matrix.cases.count) cases: \(kills) of \(shown) wrong results are found; "
      + (matrix.survivors.isEmpty
        ? "every mutant is found under every contract in which it does something wrong"
        : "\(Set(matrix.survivors.map(\.mutant.name)).count) mutants are not found")
  }

  /// Mutants that are not found, a line each; empty if there are none.
  package var survivors: String {
    matrix.survivors.map { "not found: \($0.mutant.name) under the contract \($0.contract.rawValue)" }
      .joined(separator: "\n")
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
      case .noRoom, .same: nil
      case .killed(let reason): "killed by \(reason.rawValue)  \(goldenCase.name)"
      case .survived(let grade): "survived, \(grade?.name ?? "no grade")  \(goldenCase.name)"
      }
    }.joined(separator: "\n")
  }
}
