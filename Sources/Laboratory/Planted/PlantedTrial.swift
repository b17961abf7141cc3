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
    package internal(set) var failing = 0
    /// The cases with a diagnosis whose first statement is true.
    package internal(set) var truths = 0
    /// The cases whose statements tell what was planted, as far as it can be told.
    package internal(set) var told = 0
    /// The first statement of the first case, or of the first that is not told.
    package internal(set) var example = ""
    /// False statements, each with its case and the reason.
    package internal(set) var falsehoods: [String] = []
  }

  package let rows: [Row]
  /// True if all cases were tried.
  private let isWhole: Bool

  init(_ rows: [Row], isWhole: Bool) { (self.rows, self.isWhole) = (rows, isWhole) }

  /// The cases on which mistakes are planted.
  package static let caseNames = [
    "llama-2-7b/f32/prompt/position", "llama-2-7b/f32/prompt/frequency", "llama-2-7b/f32/prompt/table",
    "glm-4.5/bf16/prompt/position", "glm-4.5/f16/prompt/frequency", "glm-4.5/bf16/prompt/table",
    "chatglm3-6b/f32/batch/frequency", "glm-4.5/f32/batch/position", "chatglm3-6b/bf16/batch/table-f32",
    "qwen2-vl-72b-text/f32/prompt/position", "wan-2.1/f32/prompt/position",
    "glm-4.5/f32/backward/position",
    "array-half-576r64o512-yarn/f32/b5-s3-h32x8-bhsd-backward-after-cache-special-copies/table",
    "array-half-80-yarn/bf16/b5-s1-h1x1-channels-apart-backward-far-overflowing-products/table-f32",
    "array-half-64r32o32-llama3/f32/b1-s16-h2x5-packed-in-place-backward-scattered-special-copies/frequency",
    "chatglm2-6b/f32/prompt/table-f16", "llama-2-7b/f32/position-grid/position", "llama-2-7b/f32/subnormal/position",
    "glm-4-9b-chat/f32/key-apart/position", "llama-2-7b/bf16/key-apart/table", "llama-2-7b/f16/query-alone/frequency",
    "llama-2-7b/f16/non-finite/frequency",
    "array-interleaved-80-three-axes/f32/b1-s3-h8x8-channels-apart-scattered-overflow-edge/frequency",
    "array-half-40r18o3-yarn/f32/b17-s19-h1x1-scattered-cancellation/frequency",
    "array-half-256/f32/b1-s19-h2x5-misaligned-after-cache-subnormal/table-f16",
    "array-interleaved-to-half-64r32-llama3/f32/b1-s64-h64x8-bhsd-in-place-after-cache-cancellation/position",
    "array-interleaved-to-half-128-three-axes/bf16/b1-s3-h33x33-scattered-cancellation/frequency",
    "array-interleaved-to-half-80-three-axes/bf16/b1-s2100-h1x1-fused-qkv-in-place-backward-from-0/table",
    "array-half-10r6/f32/b1-s65600-h2x1-from-0/position",
  ]

  /// The most elements of a small case.
  private static let smallElementCount = 1 << 17
  /// The number of cases that should show a mistake.
  private static let neededCount = 3

  /// Plants every mistake in every small case that can have it.
  ///
  /// Large cases have one mistake in four, and those that fewer than three cases before show.
  ///
  /// `goldens` are the cases, with their budgets.
  ///
  /// - Throws: any error of judging a golden.
  package init(
    on goldens: [(golden: Golden, rule: ToleranceRule)], progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws {
    let planted = PlantedMistake.singles.map { ($0, false) } + PlantedMistake.pairsAtOnce.map { ($0, true) }
    let goldens = try goldens.map { (golden: try $0.golden.keepingTruth(), rule: $0.rule) }
    isWhole = Set(Self.caseNames).isSubset(of: goldens.map(\.golden.goldenCase.name))
    let done = Atomic(0)
    rows = try Array(planted.enumerated()).concurrentMap { number, plant in
      defer { progress(done.add(1, ordering: .relaxed).newValue, planted.count) }
      return try Self.row(plant.0, isPair: plant.1, goldens, takesLarge: number % 4 == 0)
    }
  }

  private static func row(
    _ mistake: PlantedMistake, isPair: Bool, _ goldens: [(golden: Golden, rule: ToleranceRule)], takesLarge: Bool
  ) throws -> Row {
    var row = Row(name: mistake.name, isPair: isPair)
    var isToldSoFar = true
    for (golden, rule) in goldens where mistake.canBe(in: PlantedCall(golden, rule.budget)) {
      let isLarge = golden.goldenCase.elementCount > smallElementCount
      if isLarge, !takesLarge, row.failing >= neededCount { continue }
      let backend = PlantedBackend(mistake, golden, rule.budget)
      guard case .outputs(let outputs) = try LiveCandidate(backend, runCount: 1).outputs(of: golden) else { continue }
      let verdict = try Judge(rule).verdict(on: golden, outputs)
      guard verdict.outcome == .fails else { continue }
      row.failing += 1
      let statements = try Diagnostician().diagnosis(of: verdict, on: golden, outputs)?.statements ?? []
      let check = try StatementCheck(mistake, golden, outputs, budget: rule.budget)
      let name = golden.goldenCase.name
      let truths = try statements.filter { statement in
        guard let reason = try check.contradiction(of: statement, among: statements) else { return true }
        row.falsehoods.append("\(mistake.name): \(name): '\(statement)': \(reason)")
        return false
      }
      if let first = statements.first, truths.contains(first) { row.truths += 1 }
      let isTold = try check.tell(truths)
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

  /// The share of failing cases that a count has.
  package func share(of count: KeyPath<Row, Int>, pairs: Bool) -> Double {
    let rows = planted(pairs: pairs), failing = rows.reduce(0) { $0 + $1.failing }
    return failing == 0 ? 1 : Double(rows.reduce(0) { $0 + $1[keyPath: count] }) / Double(failing)
  }

  /// The mistakes that no case shows, if all cases were tried.
  package var dead: [String] { isWhole ? rows.filter { $0.failing == 0 }.map(\.name) : [] }

  /// False statements about any mistake.
  package var falsehoods: [String] { rows.flatMap(\.falsehoods) }
}
