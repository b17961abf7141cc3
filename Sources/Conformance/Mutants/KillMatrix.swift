import Dispatch
public import Goldens
public import RoPE
import Synchronization

/// What the suite sees of its mutants: for each mutant and case, whether the case tells it from the right computation.
public struct KillMatrix: Sendable {
  /// One mutant on one case.
  public enum Cell: Sendable, Equatable {
    /// The case gives the mistake no room.
    case noRoom
    /// The mutant does the right thing on this case: the same bits, and no write elsewhere.
    case same
    /// The verdict fails.
    case killed(by: Reason)
    /// The outputs differ, and the verdict holds with this grade.
    case survived(grade: Budget?)
  }

  /// What a verdict failed for.
  public enum Reason: String, Sendable, CaseIterable {
    case accuracy
    case integrity
  }

  /// One mutant on all cases.
  public struct Row: Sendable {
    public let mutant: Mutant
    /// In the order of ``KillMatrix/cases``.
    public internal(set) var cells: [Cell]
  }

  /// The cases, of those whose golden stores its tensors.
  public let cases: [Case]
  /// In the order of the mutants.
  public private(set) var rows: [Row]

  /// Runs every mutant on every case, on all cores.
  ///
  /// - Parameters:
  ///   - mutants: which of ``Mutant/all``.
  ///   - goldens: cases with their budgets. Sampled ones are left out.
  ///   - progress: is called with the cases done and their number, from any thread.
  /// - Throws: what judging a golden throws.
  /// - Complexity: one exact computation per mutant and case.
  public init(
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
    let verdict = try ConformanceRun(backend: backend, runCount: 2, diagnoses: false).verdict(on: golden, rule: rule)
    switch verdict.outcome {
    case .unsupported: return .noRoom
    case .fails: return .killed(by: verdict.accuracy.map { $0.failedCount > 0 } ?? false ? .accuracy : .integrity)
    case .conforms: return backend.isRight ? .same : .survived(grade: verdict.grade)
    }
  }
}

extension Golden {
  /// Whether the tensors are stored, and not drawn from the case's seed.
  var isStored: Bool { if case .stored = content { true } else { false } }
}

extension KillMatrix.Cell {
  /// Whether the mutant does anything wrong on the case.
  public var isShown: Bool { self != .noRoom && self != .same }

  /// Whether the case tells the mutant from the right computation.
  public var isKill: Bool { if case .killed = self { true } else { false } }
}

extension KillMatrix.Row {
  /// The cells of the cases under a contract on which the mutant does something wrong.
  public func shown(under contract: Contract, _ cases: [Case]) -> [KillMatrix.Cell] {
    zip(cases, cells).filter { $0.contract == contract && $1.isShown }.map(\.1)
  }
}

extension KillMatrix {
  /// Mutants under contracts in which they compute something wrong, and no case sees it.
  public var survivors: [(mutant: Mutant, contract: Contract)] {
    rows.flatMap { row in
      Contract.allCases.filter { contract in
        let shown = row.shown(under: contract, cases)
        return !shown.isEmpty && !shown.contains(where: \.isKill)
      }.map { (row.mutant, $0) }
    }
  }

  /// Mutants that no case gives room for.
  public var unseen: [Mutant] { rows.filter { !$0.cells.contains(where: \.isShown) }.map(\.mutant) }
}
