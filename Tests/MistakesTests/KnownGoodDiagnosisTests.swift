import Backends
import Diagnosis
import Goldens
import Judging
import KnownGood
import RoPE
import Testing

@Suite struct KnownGoodDiagnosisTests {
  /// The most elements of a case, which a debug build diagnoses quickly.
  private static let largestElementCount = 3_000

  /// Small cases: one of each model, and one of each section of the suite in each type and contract.
  private static func cases() throws -> [(golden: Golden, rule: ToleranceRule)] {
    var models = Set<String>(), kinds = Set<[String]>()
    return try Committed.shared.all(upTo: largestElementCount).filter { golden, _ in
      let goldenCase = golden.goldenCase
      guard golden.refused == nil else { return false }
      let isNewModel = models.insert(goldenCase.model).inserted
      return kinds.insert([goldenCase.section.rawValue, goldenCase.elementType.shortName, goldenCase.contractName])
        .inserted || isNewModel
    }
  }

  @Test("A right implementation is never accused of a mistake, however much it rounds")
  func innocent() throws {
    var count = 0, failed = 0, models = Set<String>(), sections = Set<Workload.Section>()
    for (number, (golden, rule)) in try Self.cases().enumerated() {
      let goldenCase = golden.goldenCase
      // By turns, because each diagnosis takes a second without optimisation.
      for (place, implementation) in KnownGood.all.enumerated()
      where place % 8 == number % 8 && implementation.types.contains(goldenCase.elementType) {
        guard implementation.claim(under: goldenCase.contract, on: golden.plan) != nil else { continue }
        let backend = KnownGoodBackend(implementation: implementation)
        guard case .supported = backend.support(for: try CaseCall(golden).call) else { continue }
        let (verdict, diagnosis) = try judged(backend, on: golden, rule, runCount: 1), name = goldenCase.name
        count += 1
        models.insert(goldenCase.model)
        sections.insert(goldenCase.section)
        #expect(verdict.violations.isEmpty, "\(name): \(implementation.name)")
        guard verdict.outcome == .fails else { continue }
        failed += 1
        for statement in diagnosis?.statements ?? [] {
          // A place without a cause accuses of nothing, and a ratio of frequencies that is rounded is that of another base.
          if Self.isRoundedRatio(statement, of: implementation) { continue }
          if case .changes = statement.cause { Issue.record("\(name): \(implementation.name): \(statement)") }
        }
      }
    }
    print("known good: \(count) runs of \(models.count) models and \(sections.count) sections, \(failed) fail")
    #expect(count > 100 && failed > 20, "\(count) judged, \(failed) failed")
    #expect(models.count > 20 && sections.count > 6, "\(models), \(sections)")
  }

  private static func isRoundedRatio(_ statement: Statement, of implementation: KnownGood) -> Bool {
    guard implementation.name == "running product of frequencies", statement.cause.measured.count == 1,
      case .base(let base, let right) = statement.cause.measured[0]
    else { return false }
    return (base.value / right - 1).magnitude < 1e-4
  }
}
