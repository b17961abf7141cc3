import Backends
import Diagnosis
import Goldens
import Judging
import KnownGood
import RoPE
import Testing

@Suite struct KnownGoodDiagnosisTests {
  /// The most elements of a case, which a debug build diagnoses quickly.
  private static let largestElementCount = 6_000

  /// Small cases: for each model and each kind of call, one in each type and contract that it has.
  private static func cases() throws -> [(golden: Golden, rule: ToleranceRule)] {
    var seen = Set<[String]>()
    return try Committed.shared.all(upTo: largestElementCount).filter { golden, _ in
      let goldenCase = golden.goldenCase, kind = [goldenCase.elementType.shortName, goldenCase.contractName]
      let isNew = [goldenCase.model, goldenCase.workload.name].map { seen.insert([$0] + kind).inserted }
      return golden.refused == nil && isNew.contains(true)
    }
  }

  @Test("A right implementation is never accused of a mistake, however much it rounds")
  func innocent() throws {
    var count = 0, failed = 0, models = Set<String>(), workloads = Set<String>()
    for (golden, rule) in try Self.cases() {
      let goldenCase = golden.goldenCase
      for implementation in KnownGood.all where implementation.types.contains(goldenCase.elementType) {
        guard implementation.claim(under: goldenCase.contract, on: golden.plan) != nil else { continue }
        let backend = KnownGoodBackend(implementation: implementation)
        guard case .supported = backend.support(for: try CaseCall(golden).call) else { continue }
        let (verdict, diagnosis) = try judged(backend, on: golden, rule, runCount: 1), name = goldenCase.name
        count += 1
        models.insert(goldenCase.model)
        workloads.insert(goldenCase.workload.name)
        #expect(verdict.violations.isEmpty, "\(name): \(implementation.name)")
        guard verdict.outcome == .fails else { continue }
        failed += 1
        for statement in diagnosis?.statements ?? [] {
          guard case .rounding = statement.cause else {
            Issue.record("\(name): \(implementation.name): \(statement)")
            continue
          }
        }
      }
    }
    print("known good: \(count) runs, \(failed) fail, on \(models.count) models and \(workloads.count) workloads")
    #expect(count > 300 && failed > 60, "\(count) judged, \(failed) failed")
    #expect(models.count > 20 && workloads.count > 15, "\(models), \(workloads)")
  }
}
