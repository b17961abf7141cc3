import RoPE

/// A named set of tolerance rules for one kind of implementation, laid over the rules of the tolerances file.
///
/// A kernel whose arithmetic is what the profile describes conforms; a wrong one fails, as far as the profile's budgets
/// can tell.
package struct Profile: Sendable, Equatable {
  package let name: String
  /// The implementations that it is for.
  package let summary: String
  /// The rules in order; the last that matches a case wins.
  package let rules: [ToleranceRule]

  private init(_ name: String, _ summary: String, _ rules: [(cases: String, budget: Budget, reason: String)] = []) {
    self.name = name
    self.summary = summary
    self.rules = rules.map {
      ToleranceRule(CasePattern(withoutBraces: $0.cases), $0.budget, reason: $0.reason, origin: "profile \(name)")
    }
  }

  /// The profile without rules of its own, which is the default.
  package static let strict = Profile("strict", "the rules of the tolerances file alone")

  /// Every profile, the default first.
  package static let all: [Profile] = [
    strict,
    Profile(
      "float32-angles", "kernels in float32 throughout, as most inference engines compute",
      [
        (
          "*/*/*/position", .float32Angle8,
          "an angle is a float32 position times a float32 frequency; kernels that are given the frequency, or a table, "
            + "keep to the default"
        )
      ]),
    Profile(
      "16-bit-frameworks", "eager bfloat16 and float16, as Hugging Face transformers and vLLM compute them",
      [
        (
          "*/*/*/position", .float32Angle8,
          "the table is computed from float32 angles, whatever the element type"
        ),
        (
          "*/f16/**", .storageArithmetic,
          "cosines and sines are cast to float16, and each product and sum is rounded to it"
        ),
        (
          "*/bf16/**", .storageArithmetic,
          "cosines and sines are cast to bfloat16, and each product and sum is rounded to it"
        ),
      ]),
    Profile(
      "running-product", "kernels in float32 that multiply each angle out of the one before it, as ggml does",
      [
        (
          "*/*/*/position", .float32Angle48,
          "each pair multiplies the angle of the pair before it by a rounded factor, so that roundings add up"
        )
      ]),
  ]

  /// The profile of a name.
  ///
  /// - Throws: ``ToleranceError/unknownProfile(_:)``.
  package init(named name: String) throws(ToleranceError) {
    guard let profile = Self.all.first(where: { $0.name == name }) else { throw .unknownProfile(name) }
    self = profile
  }

  /// The budget that the profile gives a case by itself: that of its own rules, or the default one.
  package func budget(for caseName: String) -> Budget {
    rules.last { $0.matches(caseName) }?.budget ?? .standard
  }
}

extension Verdict {
  /// Indicates whether the case would conform if the same outputs were judged under a profile.
  ///
  /// `tolerances` are those of the run; their own rules stay above the profile's. The answer follows from the finished
  /// verdict. It is no where the verdict does not show it: for budgets without a fixed name, and where a limit allows
  /// every value, because such a limit shows nothing.
  ///
  /// - Throws: ``ToleranceError/noRuleMatches(caseName:)``.
  package func conforms(to profile: Profile, _ tolerances: Tolerances) throws(ToleranceError) -> Bool {
    guard unsupportedReason == nil, violations.isEmpty, let accuracy else { return false }
    let other = try tolerances.replacing(profile: profile).rule(for: caseName)
    if other.exactCopies, !rule.exactCopies, remarks.contains(where: { $0.kind == .payload }) { return false }
    return other.budget == rule.budget ? accuracy.conforms : accuracy.holdingBudgets.contains(other.budget)
  }
}
