import MyRope
import RoPEConformance
import Testing

let suite = Result { try ConformanceSuite() }

@Test("My rotation conforms", arguments: try suite.get().caseNames("*/f32/*/position"))
func conforms(_ name: String) throws {
  let report = try suite.get().report(on: name, of: MyRope())
  #expect(report.outcome == .conforms, "\(report.text)")
}
