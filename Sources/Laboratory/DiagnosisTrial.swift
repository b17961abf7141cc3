import Backends
import Diagnosis
import Goldens
import Judging
import Mistakes
import Synchronization

/// A trial of the diagnosis: the share of planted mistakes that it names.
package struct DiagnosisTrial: Sendable {
  /// One mutant on the cases that find it.
  package struct Row: Sendable {
    package let mutant: Mutant
    /// The number of cases that fail.
    package internal(set) var failing = 0
    /// The number of those whose diagnosis names the mutant, or one that computes the same, for every failing tensor.
    package internal(set) var named = 0
    /// The words of the other diagnoses, with the first case of each.
    package internal(set) var others: [String: String] = [:]
  }

  /// In the order of the mutants.
  package let rows: [Row]

  /// The share of all diagnoses that name the planted mistake; 1 if there are none.
  package var namedShare: Double {
    let failing = rows.reduce(0) { $0 + $1.failing }
    return failing == 0 ? 1 : Double(rows.reduce(0) { $0 + $1.named }) / Double(failing)
  }

  /// Diagnoses every mutant that changes values, on all cores.
  ///
  /// `goldens` are cases with their budgets; those beyond ``MutantBackend/largestElementCount`` are left out. Each mutant is
  /// tried on at most `limit` cases, spread over those in which it can occur.
  package init(
    of mutants: [Mutant], on goldens: [(golden: Golden, rule: ToleranceRule)], limit: Int,
    progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws {
    let goldens = goldens.filter { $0.golden.goldenCase.elementCount <= MutantBackend.largestElementCount }
    let mutants = mutants.filter { $0.kind != .integrity }
    let done = Atomic(0)
    rows = try mutants.concurrentMap { mutant in
      defer { progress(done.add(1, ordering: .relaxed).newValue, mutants.count) }
      return try Self.row(mutant, on: goldens, limit: limit)
    }
  }

  private static func row(
    _ mutant: Mutant, on goldens: [(golden: Golden, rule: ToleranceRule)], limit: Int
  ) throws -> Row {
    var row = Row(mutant: mutant)
    // A step that shares no factor with the number of cases visits all of them, from all over the models.
    let step = 233
    for index in goldens.indices where row.failing < limit {
      let (golden, rule) = goldens[index * step % goldens.count]
      let backend = MutantBackend(mutant, golden: golden)
      guard case .possible = backend.occurrence(in: try CaseCall(golden).call) else { continue }
      let candidate = LiveCandidate(backend, runCount: 2)
      guard case .outputs(let outputs) = try candidate.outputs(of: golden) else { continue }
      let verdict = try Judge(rule).verdict(on: golden, outputs)
      guard verdict.outcome == .fails else { continue }
      row.failing += 1
      let statements = try Diagnostician().diagnosis(of: verdict, on: golden, outputs)?.statements ?? []
      if statements.name(mutant.name) {
        row.named += 1
      } else {
        let said = statements.isEmpty ? "nothing" : "\(statements.map(\.cause.label))"
        row.others[said] = row.others[said] ?? golden.goldenCase.name
      }
    }
    return row
  }
}

extension [Statement] {
  /// True if there are statements, and every one names the mistake or one that computes the same.
  package func name(_ mistake: String) -> Bool {
    !isEmpty
      && allSatisfy { statement in
        statement.cause.mistakes.contains { $0.name == mistake || $0.indistinguishable.contains(mistake) }
      }
  }
}

extension Cause {
  /// A word or two, for counts.
  fileprivate var label: String {
    switch self {
    case .changes(let changes, _, _): changes.map(\.label).joined(separator: " and ")
    case .rounding(let budget, let like): "rounding within \(budget.name)" + (like.map { ", like \($0.name)" } ?? "")
    case .confined: "a place"
    case .unknown: "unknown"
    }
  }
}

extension Change {
  /// The name of a mistake, or the measured change in words.
  fileprivate var label: String {
    switch self {
    case .mistake(let mistake): mistake.name
    case .measured: heading
    }
  }
}

/// The diagnoses of planted mistakes, as a table in Markdown.
package struct DiagnosisTable {
  private let trial: DiagnosisTrial

  /// The table of a trial.
  package init(_ trial: DiagnosisTrial) { self.trial = trial }

  /// A line for each mutant: how many diagnoses name it, and what the others say, each with a case.
  package var text: String {
    let lines = trial.rows.filter { $0.failing > 0 }.map { row in
      let others = row.others.sorted { $0.key < $1.key }.map { "\($0.key): `\($0.value)`" }
      return "| `\(row.mutant.name)` | \(row.mutant.summary) | \(row.named) / \(row.failing) | "
        + "\(others.joined(separator: "; ")) |"
    }
    return (["| mutant | what it does | named | else |", "|---|---|---:|---|"] + lines).joined(separator: "\n")
  }

  /// The sum, and the mutants that no case here finds.
  package var summary: String {
    let named = trial.rows.reduce(0) { $0 + $1.named }, failing = trial.rows.reduce(0) { $0 + $1.failing }
    let others = trial.rows.filter { $0.failing == 0 }.map { "`\($0.mutant.name)`" }
    return "\(named) of \(failing) diagnoses name the planted mistake, or one that computes the same."
      + (others.isEmpty
        ? ""
        : "\n\nNo case that is diagnosed here fails with these \(others.count) mutants: \(others.joined(separator: ", ")).")
  }
}
