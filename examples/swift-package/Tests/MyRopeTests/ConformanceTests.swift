import Conformance
import MyRope
import Reports
import Testing

let suite = Result { try ConformanceSuite(of: MyRope()) }

@Test("My rotation conforms", arguments: try suite.get().caseNames("*/f32/*/position"))
func conforms(_ name: String) throws {
  let verdict = try suite.get().verdict(on: name)
  #expect(verdict.outcome == .conforms, "\(verdict.text)")
}
