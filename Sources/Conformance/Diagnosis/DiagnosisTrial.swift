import Dispatch
public import Goldens
import Synchronization

/// Whether the diagnosis names a mistake that was planted.
public struct DiagnosisTrial: Sendable {
  /// One mutant on the cases that find it.
  public struct Row: Sendable {
    public let mutant: Mutant
    /// Cases that fail.
    public internal(set) var failing = 0
    /// Of those, how many diagnoses name the mutant, or one that computes the same, for every tensor that fails.
    public internal(set) var named = 0
    /// What the others say instead, with the first case of each.
    public internal(set) var others: [String: String] = [:]
  }

  /// In the order of the mutants.
  public let rows: [Row]

  /// Diagnoses that name the planted mistake, of all; 1 where there are none.
  public var namedShare: Double {
    let failing = rows.reduce(0) { $0 + $1.failing }
    return failing == 0 ? 1 : Double(rows.reduce(0) { $0 + $1.named }) / Double(failing)
  }

  /// Diagnoses every mutant that changes values, on all cores.
  ///
  /// - Parameters:
  ///   - goldens: cases with their budgets. Sampled ones are left out.
  ///   - limit: cases of each mutant, spread over those on which it has room.
  public init(
    of mutants: [Mutant], on goldens: [(golden: Golden, rule: ToleranceRule)], limit: Int,
    progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws {
    let stored = goldens.filter { $0.golden.isStored }
    let mutants = mutants.filter { $0.kind != .integrity }
    let results = Mutex<[Int: Result<Row, any Error>]>([:])
    let done = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: mutants.count) { index in
      let result = Result { try Self.row(mutants[index], on: stored, limit: limit) }
      results.withLock { $0[index] = result }
      progress(done.add(1, ordering: .relaxed).newValue, mutants.count)
    }
    rows = try results.withLock { results in try mutants.indices.compactMap { try results[$0]?.get() } }
  }

  private static func row(
    _ mutant: Mutant, on goldens: [(golden: Golden, rule: ToleranceRule)], limit: Int
  ) throws -> Row {
    var row = Row(mutant: mutant)
    // A stride that shares no factor with the number of cases visits all of them, from all over the models.
    let step = 233
    for index in goldens.indices where row.failing < limit {
      let (golden, rule) = goldens[index * step % goldens.count]
      let verdict = try ConformanceRun(backend: MutantBackend(mutant, golden: golden), runCount: 2).verdict(
        on: golden, rule: rule)
      guard verdict.outcome == .fails else { continue }
      row.failing += 1
      if verdict.diagnosis?.names(mutant.name) ?? false {
        row.named += 1
      } else {
        let said = verdict.diagnosis.map { "\($0.statements.map(\.cause.label))" } ?? "nothing"
        row.others[said] = row.others[said] ?? golden.goldenCase.name
      }
    }
    return row
  }
}

extension Diagnosis {
  /// Whether every statement names a mistake, or one that computes the same.
  func names(_ mistake: String) -> Bool {
    !statements.isEmpty
      && statements.allSatisfy { statement in
        statement.cause.mistake.map { $0.name == mistake || $0.indistinguishable.contains(mistake) } ?? false
      }
  }
}

extension Diagnosis.Cause {
  /// The mistake that is named, as a mistake or as the rounding of a known computation.
  public var mistake: Diagnosis.KnownMistake? {
    switch self {
    case .mistake(let mistake): mistake
    case .rounding(_, let like): like
    case .confined, .unknown: nil
    }
  }

  /// Whether only rounding is wrong.
  var isRounding: Bool { if case .rounding = self { true } else { false } }

  /// A word or two, for counts.
  var label: String {
    switch self {
    case .mistake(let mistake): mistake.name
    case .rounding(let budget, let like): "rounding within \(budget.name)" + (like.map { ", like \($0.name)" } ?? "")
    case .confined: "a place"
    case .unknown: "unknown"
    }
  }
}
