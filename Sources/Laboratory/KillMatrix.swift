import Backends
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
    /// The case is large, and enough cases before it find the mutant.
    case notTried
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

  /// The cases that mutants can rotate: small ones, then large ones in the order of their sizes.
  package let cases: [Case]
  /// The number of large cases, which are the last of ``cases``; not every mutant runs on them.
  package let largeCount: Int
  /// The most output elements of a small case.
  package let smallElementCount: Int
  /// In the order of the mutants.
  package private(set) var rows: [Row]
  /// The number of output elements of all trials, over all runs of each.
  package let elementCount: Int

  /// The number of cases that each mutant should be found by.
  package static let neededKills = 3
  /// The number of times that each mutant runs on a case.
  private static let runCount = 2
  /// The most elements of a case: larger ones show no mistake that smaller ones do not, and take a minute each.
  private static let largestElementCount = 1 << 24

  /// Runs mutants on cases, on all cores.
  ///
  /// On a large case, only those mutants are tried that fewer than ``neededKills`` cases before it find under its contract.
  ///
  /// - Parameters:
  ///   - mutants: some or all of ``Mutant/all``.
  ///   - goldens: cases with their budgets. Those of more than 16,777,216 elements are left out.
  ///   - smallElementCount: the most output elements of a small case.
  ///   - progress: called with the number of cases done and of all cases, on any thread.
  /// - Throws: any error of judging a golden.
  /// - Complexity: one exact computation per mutant and case.
  package init(
    of mutants: [Mutant], on goldens: [(golden: Golden, rule: ToleranceRule)],
    smallElementCount: Int = 1 << 17, progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws {
    func size(_ golden: Golden) -> Int { golden.goldenCase.elementCount }
    let usable = goldens.filter { size($0.golden) <= Self.largestElementCount }
    let small = usable.filter { size($0.golden) <= smallElementCount }
    let large = usable.enumerated().filter { size($0.element.golden) > smallElementCount }
      .sorted { (size($0.element.golden), $0.offset) < (size($1.element.golden), $1.offset) }
      .map(\.element)
    self.smallElementCount = smallElementCount
    let done = Atomic(0)
    // Computed cases come last and take longest: begun first, they leave no core idle at the end.
    var columns: [[Cell]] = try Array(small.reversed()).concurrentMap { golden, rule in
      let trial = try Trial(golden, rule), column = try mutants.map { try trial.cell(of: $0) }
      progress(done.add(1, ordering: .relaxed).newValue, usable.count)
      return column
    }
    columns.reverse()
    for (golden, rule) in large {
      let contract = golden.goldenCase.contract, before = columns
      let sameContract = zip(small + large, before).filter { $0.0.golden.goldenCase.contract == contract }.map(\.1)
      let trial = try Trial(golden, rule)
      columns.append(
        try mutants.indices.concurrentMap { index in
          let kills = sameContract.count { $0[index].isKill }
          return kills < Self.neededKills ? try trial.cell(of: mutants[index]) : .notTried
        })
      progress(done.add(1, ordering: .relaxed).newValue, usable.count)
    }
    let all = small + large
    cases = all.map(\.golden.goldenCase)
    largeCount = large.count
    elementCount = zip(all, columns).reduce(0) { sum, column in
      sum + Self.runCount * column.0.golden.goldenCase.elementCount * column.1.count(where: \.isTried)
    }
    rows = mutants.enumerated().map { row, mutant in Row(mutant: mutant, cells: columns.map { $0[row] }) }
  }

  /// All mutants on one case.
  private final class Trial: Sendable {
    private let golden: Golden
    private let call: RotationCall
    private let rule: ToleranceRule
    private let shared = MutantCase()
    /// The golden with its truth in memory, because each mutant is judged by it; nil until one is.
    private let kept = Mutex<Golden?>(nil)

    init(_ golden: Golden, _ rule: ToleranceRule) throws {
      self.golden = golden
      self.rule = rule
      call = try CaseCall(golden).call
    }

    func cell(of mutant: Mutant) throws -> Cell {
      switch MutantBackend(mutant, golden: golden, shared: shared).occurrence(in: call) {
      case .impossible: return .noRoom
      case .harmless: return .same
      case .possible: break
      }
      let golden = try goldenInMemory(), backend = MutantBackend(mutant, golden: golden, shared: shared)
      let candidate = LiveCandidate(backend, runCount: KillMatrix.runCount)
      guard case .outputs(let outputs) = try candidate.outputs(of: golden) else {
        // A case that is left out, for example for lack of memory, must not lose a contract.
        throw OutputError("mutant \(mutant.name) did not run on \(golden.goldenCase.name)")
      }
      let verdict = try Judge(rule).verdict(on: golden, outputs)
      guard verdict.outcome == .conforms else {
        return .killed(by: verdict.accuracy?.conforms ?? true ? .integrity : .accuracy)
      }
      return backend.isRight ? .same : .survived(grade: verdict.grade)
    }

    private func goldenInMemory() throws -> Golden {
      try kept.withLock { kept in
        let golden = try kept ?? golden.keepingTruth()
        kept = golden
        return golden
      }
    }
  }
}

extension Golden {
  /// True if the tensors are stored, rather than computed from the case's seed.
  var isStored: Bool { if case .stored = content { true } else { false } }
}

extension KillMatrix.Cell {
  /// True if the mutant ran on the case.
  package var isTried: Bool { self != .noRoom && self != .notTried }

  /// True if the mutant does anything wrong on the case.
  package var isShown: Bool { isTried && self != .same }

  /// True if the case distinguishes the mutant from the right computation.
  package var isKill: Bool { if case .killed = self { true } else { false } }
}

extension KillMatrix.Row {
  /// The cells of the cases under a contract on which the mutant does something wrong.
  package func shown(under contract: Contract, _ cases: [Case]) -> [KillMatrix.Cell] {
    zip(cases, cells).filter { $0.contract == contract && $1.isShown }.map(\.1)
  }

  /// The number of cases that distinguish the mutant from the right computation.
  package var killCount: Int { cells.count { $0.isKill } }
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

  /// Mutants and contracts under which they run, but compute nothing wrong on any case.
  package var unreached: [(mutant: Mutant, contract: Contract)] {
    rows.flatMap { row in
      Contract.allCases.filter { contract in
        row.shown(under: contract, cases).isEmpty
          && zip(cases, row.cells).contains { $0.contract == contract && $1.isTried }
      }.map { (row.mutant, $0) }
    }
  }

  /// Mutants that compute nothing wrong on any case.
  package var unseen: [Mutant] { rows.filter { !$0.cells.contains(where: \.isShown) }.map(\.mutant) }

  /// Mutants that fewer than ``neededKills`` cases find, unless the catalogue says why.
  package var thin: [Mutant] {
    rows.filter { $0.killCount < Self.neededKills && $0.mutant.fewCasesReason == nil }.map(\.mutant)
  }
}
