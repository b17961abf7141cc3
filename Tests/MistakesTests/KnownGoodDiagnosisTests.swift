import Backends
import Diagnosis
import Goldens
import Judging
import KnownGood
import RoPE
import Testing

@Suite struct KnownGoodDiagnosisTests {
  @Test("A right implementation is never accused of a mistake, however much it rounds")
  func innocent() throws {
    let committed = try Committed.shared
    var count = 0, failed = 0
    let names = committed.names.filter { name in
      ["/prompt/", "/far/"].contains(where: name.contains)
        && ["llama-2-7b/", "glm-4-9b-chat/", "stablelm-3b/"].contains(where: name.hasPrefix)
    }
    for name in names {
      let (golden, rule) = try committed.golden(name)
      let goldenCase = golden.goldenCase
      for implementation in KnownGood.all where implementation.types.contains(goldenCase.elementType) {
        guard implementation.claim(under: goldenCase.contract, on: golden.plan) != nil else { continue }
        let (verdict, diagnosis) = try judged(KnownGoodBackend(implementation: implementation), on: golden, rule)
        count += 1
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
    #expect(count > 60 && failed > 10, "\(count) judged, \(failed) failed")
  }
}
