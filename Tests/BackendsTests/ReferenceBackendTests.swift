import Backends
import Conformance
import Goldens
import Judging
import Reports
import Testing

@Suite("ReferenceBackend", .timeLimit(.minutes(30))) struct ReferenceBackendTests {
  @Test("The reference is correctly rounded in every workload and contract")
  func reference() throws {
    let fixtures = try Fixtures.ofPackage()
    let runner = try CaseRunner.undiagnosed(ReferenceBackend(), "correctly-rounded because it is")
    for name in fixtures.shortNames {
      let report = try runner.report(on: fixtures.golden(named: name))
      #expect(report.outcome == .conforms, "\(report.text)")
    }
  }
}
