import Backends
import Conformance
import Goldens
import Judging
import KnownGood
import RoPE
import Testing

@testable import Mistakes

@Suite("Profiles on right and wrong implementations") struct ProfileTests {
  private let strict: Tolerances

  init() throws {
    strict = Tolerances([try ToleranceRule(parsing: "** = float32-exact-angle because a test", origin: "test")])
  }

  /// Cases of whole and partial heads, at positions near and far.
  private static var goldens: [Golden] {
    get throws {
      let committed = try Committed.shared
      let names = committed.names.filter { name in
        ["/prompt/", "/far/"].contains(where: name.contains)
          && ["olmo-2-7b/", "llama-2-7b/", "glm-4-9b-chat/"].contains(where: name.hasPrefix)
      }
      return try names.map { try committed.golden($0).golden }
    }
  }

  private func verdict(
    _ candidate: some Candidate, on golden: Golden, _ profile: Profile
  ) throws -> Verdict {
    try CaseRunner(candidate, strict.replacing(profile: profile), diagnoses: false).report(on: golden).verdict
  }

  /// The profile that an implementation of a framework is for; nil if none of them is.
  private static func profile(of implementation: KnownGood) -> String? {
    switch implementation.name {
    case "unfused multiply-add", "fused multiply-add", "complex multiplication", "x·cos + rotate_half(x)·sin",
      "float64 frequencies, float32 product":
      "float32-angles"
    case "running product of frequencies": "running-product"
    case let name where name.hasPrefix("pipeline"): "16-bit-frameworks"
    default: nil
    }
  }

  @Test("A framework's arithmetic conforms to its profile, and the finished verdict of another profile says so")
  func frameworks() throws {
    let goldens = try Self.goldens
    var count = 0, failing = 0, shown = 0
    for implementation in KnownGood.all {
      guard let name = Self.profile(of: implementation) else { continue }
      let profile = try Profile(named: name)
      let candidate = LiveCandidate(KnownGoodBackend(implementation: implementation), runCount: 1)
      for golden in goldens {
        let goldenCase = golden.goldenCase
        guard implementation.types.contains(goldenCase.elementType),
          implementation.claim(under: goldenCase.contract, on: golden.plan) != nil
        else { continue }
        let judged = try verdict(candidate, on: golden, profile), other = try verdict(candidate, on: golden, .strict)
        count += 1
        failing += other.outcome == .fails ? 1 : 0
        #expect(judged.outcome == .conforms, "\(goldenCase.name): \(implementation.name)")
        #expect(!judged.isLooserThanProfile)
        // Where an angle is so large that a limit allows everything, the finished verdict does not show it.
        let isShown = judged.accuracy?.holdingBudgets.contains(judged.rule.budget) ?? false
        shown += isShown ? 1 : 0
        #expect(try other.conforms(to: profile, strict) == isShown, "\(goldenCase.name): \(implementation.name)")
        #expect(try other.conforms(to: .strict, strict) == (other.outcome == .conforms))
      }
    }
    #expect(count > 60 && failing > 20 && shown > count / 2, "\(count) judged, \(failing) failed, \(shown) shown")
  }

  @Test("A profile forgives the rounding that it is for, and no other mistake of precision")
  func mistakes() throws {
    let forgiven: [String: Set<String>] = [
      "strict": [],
      "float32-angles": ["fast-sine"],
      "running-product": ["running-product", "fast-sine"],
      "16-bit-frameworks": [
        "fast-sine", "table-bfloat16", "table-float16", "arithmetic-in-element-type", "store-truncated",
      ],
    ]
    let goldens = try Self.goldens
    for profile in Profile.all {
      for mutant in Mutant.all where mutant.kind == .precision {
        let outcomes = try goldens.map {
          try verdict(MutantCandidate(mutant, runCount: 1), on: $0, profile).outcome
        }
        guard outcomes.contains(where: { $0 != .unsupported }) else { continue }
        #expect(outcomes.contains(.fails) || forgiven[profile.name]?.contains(mutant.name) ?? false, "\(mutant.name)")
      }
    }
  }
}
