import Backends
import Diagnosis
import Goldens
import Judging
import Mistakes
import RoPE
import Synchronization

/// A truth table of the diagnosis: planted mistakes, and whether what is said of them is true.
package struct PlantedTrial: Sendable {
  /// One mistake on the cases that can have it.
  package struct Row: Sendable {
    package let name: String
    package let isPair: Bool
    /// The cases that fail.
    package fileprivate(set) var failing = 0
    /// The cases whose first statement is true.
    package fileprivate(set) var truths = 0
    /// Those whose first statement also tells what was planted, as far as it can be told.
    package fileprivate(set) var told = 0
    /// The first statement of the first case, or of the first that is not told.
    package fileprivate(set) var example = ""
    /// False statements, each with its case and the reason.
    package fileprivate(set) var falsehoods: [String] = []
  }

  package let rows: [Row]

  /// The cases on which mistakes are planted.
  package static let caseNames = [
    "llama-2-7b/f32/prompt/position", "llama-2-7b/f32/prompt/frequency", "llama-2-7b/f32/prompt/table",
    "glm-4.5/bf16/prompt/position", "glm-4.5/f16/prompt/frequency", "glm-4.5/bf16/prompt/table",
    "chatglm3-6b/f32/batch/frequency", "glm-4.5/f32/batch/position", "chatglm3-6b/bf16/batch/table-f32",
    "qwen2-vl-72b-text/f32/prompt/position", "wan-2.1/f32/prompt/position",
    "glm-4.5/f32/backward/position",
    "array-interleaved-to-half-64r32-llama3/f32/b1-s64-h64x8-bhsd-in-place-after-cache-cancellation/position",
    "array-interleaved-to-half-128-three-axes/bf16/b1-s3-h33x33-scattered-cancellation/frequency",
    "array-interleaved-to-half-80-three-axes/bf16/b1-s2100-h1x1-fused-qkv-in-place-backward-from-0/table",
  ]

  /// Plants every mistake in every case that can have it.
  ///
  /// `goldens` are the cases, with their budgets. `names` are some of the mistakes; empty for all.
  ///
  /// - Throws: any error of judging a golden.
  package init(
    on goldens: [(golden: Golden, rule: ToleranceRule)], progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws {
    let planted = PlantedMistake.singles.map { ($0, false) } + PlantedMistake.pairsAtOnce.map { ($0, true) }
    let done = Atomic(0)
    rows = try planted.concurrentMap { mistake, isPair in
      defer { progress(done.add(1, ordering: .relaxed).newValue, planted.count) }
      return try Self.row(mistake, isPair, goldens)
    }
  }

  private static func row(
    _ mistake: PlantedMistake, _ isPair: Bool, _ goldens: [(golden: Golden, rule: ToleranceRule)]
  ) throws -> Row {
    var row = Row(name: mistake.name, isPair: isPair)
    var isToldSoFar = true
    for (golden, rule) in goldens where mistake.isPossible(PlantedCall(golden)) {
      let backend = PlantedBackend(mistake, golden)
      guard mistake.turn.map({ $0(PlantedCall(golden), .query, 0, 0) != nil }) ?? true,
        case .outputs(let outputs) = try LiveCandidate(backend, runCount: 1).outputs(of: golden)
      else { continue }
      let verdict = try Judge(rule).verdict(on: golden, outputs)
      guard verdict.outcome == .fails else { continue }
      row.failing += 1
      let statements = try Diagnostician().diagnosis(of: verdict, on: golden, outputs)?.statements ?? []
      let check = try StatementCheck(mistake, golden, outputs, budget: rule.budget)
      let name = golden.goldenCase.name
      var isTold = statements.first.map(check.isTelling) ?? false, isTrue = !statements.isEmpty
      for (number, statement) in statements.enumerated() {
        guard let reason = try check.contradiction(of: statement) else { continue }
        row.falsehoods.append("\(name): '\(statement)': \(reason)")
        if number == 0 { (isTold, isTrue) = (false, false) }
      }
      if isTrue { row.truths += 1 }
      if isTold { row.told += 1 }
      if row.example.isEmpty || !isTold && isToldSoFar {
        row.example = "\(statements.first?.description ?? "nothing") (\(name))"
        isToldSoFar = isTold
      }
    }
    return row
  }

  /// Mistakes that are planted in some case.
  package func planted(pairs: Bool) -> [Row] { rows.filter { $0.isPair == pairs && $0.failing > 0 } }

  /// The share of diagnoses whose first statement tells what was planted.
  package func toldShare(pairs: Bool) -> Double {
    let rows = planted(pairs: pairs), failing = rows.reduce(0) { $0 + $1.failing }
    return failing == 0 ? 1 : Double(rows.reduce(0) { $0 + $1.told }) / Double(failing)
  }

  /// False statements about any mistake.
  package var falsehoods: [String] { rows.flatMap(\.falsehoods) }
}
