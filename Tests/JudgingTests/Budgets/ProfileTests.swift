import RoPE
import TestSupport
import Testing

@testable import Goldens
@testable import Judging

@Suite("Profiles") struct ProfileTests {
  private let standard: ToleranceRule

  init() throws { standard = try ToleranceRule(parsing: "** = float32-exact-angle because a", origin: "file") }

  @Test("Every profile has a name of its own, budgets of this package, and reasons; strict has no rules")
  func all() throws {
    #expect(Profile.all.map(\.name) == ["strict", "float32-angles", "16-bit-frameworks", "running-product"])
    #expect(Profile.strict.rules.isEmpty && Profile.all.first == .strict)
    for rule in Profile.all.flatMap(\.rules) {
      // The text of a rule is what a user could write, and means the same.
      let written = try ToleranceRule(parsing: rule.description, origin: rule.origin)
      #expect(written == rule && rule.budget.isArithmetic && rule.reason.count > 20)
    }
  }

  @Test("An unknown profile is answered with the nearest, and the command that lists them")
  func unknown() {
    #expect(
      errorText { try Profile(named: "float32-angle") }
        == "unknown profile 'float32-angle'; nearest: float32-angles; 'budgets' shows all names")
    #expect(errorText { try Profile(named: "") } == "unknown profile ''; 'budgets' shows all names")
  }

  @Test(
    "Each case has the budget that its profile is for",
    arguments: [
      ("float32-angles", "position", "float32-angle-c8", "float32-angle-c8"),
      ("float32-angles", "frequency", "float32-exact-angle", "float32-exact-angle"),
      ("float32-angles", "table", "float32-exact-angle", "float32-exact-angle"),
      ("16-bit-frameworks", "position", "float32-angle-c8", "storage-arithmetic"),
      ("16-bit-frameworks", "table-f32", "float32-exact-angle", "storage-arithmetic"),
      ("running-product", "position", "float32-angle-c48", "float32-angle-c48"),
      ("running-product", "frequency", "float32-exact-angle", "float32-exact-angle"),
    ])
  func budgets(profile: String, contract: String, float32: String, bfloat16: String) throws {
    let profile = try Profile(named: profile), tolerances = Tolerances([standard], profile: profile)
    for (type, budget) in [("f32", float32), ("f16", bfloat16), ("bf16", bfloat16)] {
      let name = "glm-4.5/\(type)/prompt/\(contract)"
      #expect(try tolerances.rule(for: name).budget.name == budget)
      #expect(profile.budget(for: name).name == budget)
    }
  }

  private func verdict(
    _ rule: String, _ profile: Profile = .strict, failedCount: Int = 0, violations: [Violation] = [],
    remarks: [Remark] = [], unsupported: String? = nil
  ) throws -> Verdict {
    var accuracy = Accuracy()
    accuracy.elementCount = 1
    // Half an ULP more than one rounding, which float32 angles cause at an angle of 1,000 radians.
    accuracy.count(
      Finding(
        tensor: .query, element: ElementIndex(batch: 0, token: 0, head: 0, channel: 0), pair: 0, position: 1000,
        expected: 0.5, actual: ElementBits(type: .float32, bits: ElementType.float32.bits(rounding: 0.5 + 2e-4)),
        scale: ErrorScale(type: .float32, expected: 0.5, magnitude: 1, angleSensitivity: 1, angle: 1000),
        budget: try Budget(named: failedCount == 0 ? "atol=1,rtol=0" : "float32-exact-angle")))
    return Verdict(
      Case(
        model: "m",
        convention: .configuration(Configuration(headDimension: 4, rotaryDimension: 4, pairing: .half, base: 1e4)),
        workload: Workload("w", .batch, batch: 1, sequence: 1, heads: (1, 1)), elementType: .float32,
        contract: .position, tableType: nil),
      rule: try ToleranceRule(parsing: "** = \(rule) because a", origin: "test"), profile: profile, accuracy: accuracy,
      violations: violations, remarks: remarks, unsupportedReason: unsupported, deviceWork: nil)
  }

  @Test("A tolerance is announced if it is looser than the profile's, not if it is the profile's own")
  func announced() throws {
    let angles = try Profile(named: "float32-angles")
    #expect(try verdict("float32-angle-c8").isLooserThanProfile)
    #expect(try !verdict("float32-angle-c8", angles).isLooserThanProfile)
    #expect(try verdict("float32-angle-c48", angles).isLooserThanProfile)
    #expect(try !verdict("float32-exact-angle", angles).isLooserThanProfile)
  }

  @Test("A finished verdict says to which profile it would conform, with the user's rules on top")
  func conforms() throws {
    let angles = try Profile(named: "float32-angles"), products = try Profile(named: "running-product")
    let tolerances = Tolerances([standard]), failed = try verdict("float32-exact-angle", failedCount: 1)
    #expect(failed.outcome == .fails)
    #expect(try !failed.conforms(to: .strict, tolerances))
    #expect(try failed.conforms(to: angles, tolerances) && failed.conforms(to: products, tolerances))
    let own = Tolerances(
      [standard], ownRules: [try ToleranceRule(parsing: "** = correctly-rounded because a", origin: "test")])
    #expect(try !failed.conforms(to: angles, own))
    // Budgets of the user's own are not among those that a verdict knows.
    let byHand = Tolerances(
      [standard], ownRules: [try ToleranceRule(parsing: "** = ulp=9e9 because a", origin: "test")])
    #expect(try !failed.conforms(to: angles, byHand))
    #expect(try verdict("ulp=9e9").conforms(to: angles, byHand))
  }

  @Test("What no budget forgives keeps a case from conforming to any profile")
  func violations() throws {
    let angles = try Profile(named: "float32-angles"), tolerances = Tolerances([standard])
    let crashed = try verdict("float32-exact-angle", failedCount: 1, violations: [.backendFailed(message: "no")])
    #expect(try !crashed.conforms(to: angles, tolerances))
    let unsupported = try verdict("float32-exact-angle", unsupported: "no")
    #expect(try !unsupported.conforms(to: angles, tolerances))
    let payload = Remark(
      .payload, tensor: .key, count: 1, first: ElementIndex(batch: 0, token: 0, head: 0, channel: 0),
      expected: ElementBits(type: .float32, bits: 0x7F80_0001), actual: ElementBits(type: .float32, bits: 0x7FC0_0000))
    let copied = try verdict("float32-angle-c8", remarks: [payload])
    let exact = Tolerances(
      [standard],
      ownRules: [try ToleranceRule(parsing: "** = float32-angle-c8 with exact copies because a", origin: "test")])
    #expect(try copied.conforms(to: angles, tolerances) && !copied.conforms(to: angles, exact))
  }
}
