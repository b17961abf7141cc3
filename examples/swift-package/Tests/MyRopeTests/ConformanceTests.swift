import Conformance
import MyRope
import Reports
import Testing

let suite = Task { try await ConformanceSuite(of: MyRope()) }

@Test("My rotation conforms", arguments: try await suite.value.caseNames("*/f32/*/position"))
func conforms(_ name: String) async throws {
  let verdict = try await suite.value.verdict(on: name)
  #expect(verdict.outcome == .conforms, "\(verdict.text)")
}
