import Backends
import Conformance
import Foundation
import Goldens
import Judging
import KnownGood
import RoPE
import Testing

@Suite("Right implementations on computed cases") struct KnownGoodCaseTests {
  /// The most elements of a case: `KNOWN_GOOD_ELEMENTS`, or as many as a debug build rotates in a minute.
  private static let largestElementCount =
    ProcessInfo.processInfo.environment["KNOWN_GOOD_ELEMENTS"].flatMap { Int($0) } ?? 6_000

  @Test("None fails at the budget that it claims, with every value, position and kind of call")
  func claims() throws {
    let recipes = try ComputedCases.standard.filter {
      $0.goldenCase.elementCount <= Self.largestElementCount && $0.goldenCase.workload.invalidValue == nil
    }
    var judged = 0, cases = Set<String>(), patterns = Set<String>()
    for recipe in recipes {
      let golden = try Golden(computing: recipe), goldenCase = recipe.goldenCase
      for implementation in KnownGood.all where implementation.types.contains(goldenCase.elementType) {
        guard let claim = implementation.claim(under: goldenCase.contract, on: golden.plan) else { continue }
        let rule = try ToleranceRule(parsing: "** = \(claim.budget) because it claims so", origin: "test")
        let candidate = LiveCandidate(KnownGoodBackend(implementation: implementation), runCount: 1)
        let report = try CaseRunner(candidate, Tolerances([rule]), diagnoses: false).report(on: golden)
        guard report.outcome != .unsupported else { continue }
        #expect(report.outcome == .conforms, "\(implementation.name): \(report)")
        judged += 1
        cases.insert(goldenCase.name)
        patterns.insert(goldenCase.workload.pattern.rawValue)
      }
    }
    print("known good: \(judged) runs of \(KnownGood.all.count) implementations on \(cases.count) computed cases")
    #expect(judged > 500 && cases.count > 50)
    #expect(patterns.count >= 5, "\(patterns)")
  }
}
