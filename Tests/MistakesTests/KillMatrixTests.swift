import Goldens
import Judging
import Laboratory
import RoPE
import TestSupport
import Testing

@testable import Mistakes

@Suite struct KillMatrixTests {
  /// Mutants that only large cases show under every contract and often enough.
  ///
  /// Without optimisation such cases take minutes. ``HarmlessCallTests`` tries these mutants, and CI runs the command
  /// `mutants` on all cases.
  private static let largeCaseMutants: Set = [
    "row-8-bits", "row-16-bits", "row-clamped-at-1023", "row-before-from-257-tokens",
    "not-deterministic-from-257-tokens", "float16-overflow-saturated", "bfloat16-overflow-saturated",
  ]

  @Test(
    "Every mutant is found under every contract in which it can occur, by three cases unless the catalogue says why")
  func everyMutant() throws {
    let mutants = Mutant.all.filter { $0.kind != .size && !Self.largeCaseMutants.contains($0.name) }
    #expect(mutants.count >= 130)
    // A mutant is tried until enough cases find it, the smallest first.
    let matrix = try KillMatrix(of: mutants, on: Committed.shared.all(upTo: 1 << 17), smallElementCount: 0)
    let table = KillTable(matrix), failures = table.failures(inAllCases: true)
    #expect(failures.isEmpty, "\(failures)")
    #expect(table.unseen == nil)
    for row in matrix.rows where row.mutant.fewCasesReason != nil {
      #expect(row.killCount < KillMatrix.neededKills, "\(row.mutant.name) has a reason that it does not need")
    }
  }

  @Test("A cell says no room, same, killed and survived")
  func cells() throws {
    let committed = try Committed.shared
    func cell(_ mutant: Mutant, _ name: String) throws -> KillMatrix.Cell {
      let matrix = try KillMatrix(of: [mutant], on: [committed.golden(name)])
      return try #require(matrix.rows.first?.cells.first)
    }
    #expect(try cell(.named("longrope-early"), "llama-2-7b/f32/prompt/position") == .noRoom)
    #expect(try cell(.right, "llama-2-7b/f32/prompt/position") == .same)
    #expect(try cell(.named("tokens-from-1024-left-out"), "llama-2-7b/f32/prompt/position") == .same)
    #expect(try cell(.named("pairing-swapped"), "llama-2-7b/f32/prompt/position") == .killed(by: .accuracy))
    #expect(try cell(.named("writes-past-end"), "llama-2-7b/f32/prompt/position") == .killed(by: .integrity))
    guard case .survived = try cell(slight, "llama-2-7b/f32/prompt/position") else {
      Issue.record("one bit is within the limit of float32")
      return
    }
  }

  @Test("A running product conforms under the budget that is made for it, and shows as that grade")
  func lowerGrade() throws {
    let (golden, _) = try Committed.shared.golden("llama-2-7b/f32/subnormal/position")
    let rule = try ToleranceRule(parsing: "** = float32-angle-c48 because it is a running product", origin: "test")
    let matrix = try KillMatrix(of: [.named("running-product")], on: [(golden, rule)])
    guard case .survived(let grade) = matrix.rows.first?.cells.first else {
      Issue.record("\(matrix.rows)")
      return
    }
    #expect(grade?.name == "float32-angle-c48")
  }

  @Test("A matrix lists what no case finds, what no case reaches, and what few cases find")
  func failures() throws {
    let goldens = try ["llama-2-7b", "gemma-4-e2b-global"].map {
      try Committed.shared.golden("\($0)/f32/prompt/position")
    }
    let mutants = [
      slight, try .named("longrope-early"), try .named("proportional-as-partial"),
      try .named("tokens-from-1024-left-out"), try .named("negated"),
    ]
    let matrix = try KillMatrix(of: mutants, on: goldens)
    #expect(matrix.survivors.map(\.mutant.name) == ["slight"])
    #expect(matrix.unreached.map(\.mutant.name) == ["tokens-from-1024-left-out"])
    #expect(matrix.unseen.map(\.name) == ["longrope-early", "tokens-from-1024-left-out"])
    #expect(matrix.thin.map(\.name) == ["slight", "tokens-from-1024-left-out", "negated"])
    let table = KillTable(matrix)
    #expect(table.failures(inAllCases: false) == "not found: slight under the contract position")
    #expect(
      table.failures(inAllCases: true) == """
        not found: slight under the contract position
        no case shows: tokens-from-1024-left-out under the contract position
        found by fewer than 3 cases: slight
        found by fewer than 3 cases: tokens-from-1024-left-out
        found by fewer than 3 cases: negated
        """)
    #expect(table.summary.contains("\n\n`proportional-as-partial` is found by one case: only one model has"))
    #expect(!table.summary.contains("longrope-early"))
  }

  @Test("On large cases, the smaller first, a mutant is tried until three of its contract find it")
  func largeCases() throws {
    let committed = try Committed.shared
    let names = [
      "backward/position", "prompt/position", "position-grid/position", "single-token/position", "prompt/frequency",
    ].map { "glm-4.5/f32/\($0)" }
    let goldens = try names.map(committed.golden)
    let mutants: [Mutant] = [try .named("negated"), .right]
    let matrix = try KillMatrix(of: mutants, on: goldens, smallElementCount: 0)
    let sizes = matrix.cases.map { $0.workload.tokenCount * ($0.workload.queryHeads + $0.workload.keyHeads) }
    #expect(sizes == sizes.sorted() && matrix.largeCount == 5)
    let underPosition = zip(matrix.cases, matrix.rows[0].cells).filter { $0.0.contract == .position }.map(\.1)
    #expect(underPosition == Array(repeating: .killed(by: .accuracy), count: 3) + [.notTried])
    #expect(matrix.rows[0].killCount == 4)
    #expect(matrix.rows[1].cells == Array(repeating: .same, count: 5))
    #expect(KillTable(matrix).summary.contains("under the same contract: 9 trials."))
    let all = try KillMatrix(of: mutants, on: goldens)
    #expect(all.largeCount == 0 && all.rows[0].killCount == 5 && all.cases.map(\.name) == names)
  }

  /// A mutant that the limit of float32 allows.
  private var slight: Mutant {
    Mutant(.output, "slight", [], "is one bit off") { computation in
      let type = computation.type
      computation.adjustment = { row, _ in row.set(0, toBits: row.bits[0] ^ 1, type) }
      return true
    }
  }
}
