import Goldens
import RoPE

/// The result of a case: the sum of accuracy and integrity.
///
/// Switch over it with `@unknown default`: a later version may tell more results apart.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum Outcome: String, Sendable, Codable {
  /// Every element is within its limit, and nothing else is wrong.
  case conforms
  /// An element exceeds its limit, there are no outputs, or something else is wrong.
  case fails
  /// The backend does not support the case, which never counts as passed.
  case unsupported
}

/// The result of one backend on one case.
package struct Verdict: Sendable, Equatable {
  /// The name of the case, `model/type/workload/contract`.
  package let caseName: String
  package let model: String
  /// The type of the case's elements.
  package let elementType: ElementType
  /// The name of the workload, such as `batch-decode`.
  package let workload: String
  /// The contract, followed by the type of its table if that is not the elements' type, such as `table-f32`.
  package let contract: String
  /// The part of the suite that the case belongs to.
  package let section: Workload.Section
  /// The tolerance that accuracy was judged by.
  package let rule: ToleranceRule
  /// The comparison of the outputs with the exact ones; nil without outputs.
  package let accuracy: Accuracy?
  /// The tightest of ``Budget/named`` that holds for every rotated element; nil if none does, or nothing rotates.
  package let grade: Budget?
  /// Violations of requirements that must hold exactly.
  package let violations: [Violation]
  /// Facts about the outputs of the first run that are no failure.
  package let remarks: [Remark]
  /// True if the budget allows some element of the case a larger error than the one that the profile gives the case.
  package let isLooserThanProfile: Bool
  /// The reason that the backend does not support the case; nil if it does.
  package let unsupportedReason: String?
  /// The device's record of all runs of the case; nil if there is none.
  package let deviceWork: DeviceWork?
  /// The sizes of the call; nil without outputs.
  package let reach: Reach?

  package init(
    _ goldenCase: Case, rule: ToleranceRule, profile: Profile = .strict, accuracy: Accuracy?, violations: [Violation],
    remarks: [Remark] = [], unsupportedReason: String?, deviceWork: DeviceWork?, reach: Reach? = nil
  ) {
    caseName = goldenCase.name
    model = goldenCase.model
    elementType = goldenCase.elementType
    workload = goldenCase.workload.name
    contract = goldenCase.contractName
    section = goldenCase.section
    self.rule = rule
    self.accuracy = accuracy
    grade = accuracy?.grade
    self.violations = violations
    self.remarks = remarks
    isLooserThanProfile =
      goldenCase.contract != .unrotated
      && rule.budget.isLooser(
        than: profile.budget(for: caseName),
        LimitConditions(type: elementType, tableType: goldenCase.tableType, hasAttentionFactor: false))
    self.unsupportedReason = unsupportedReason
    self.deviceWork = deviceWork
    self.reach = reach
  }

  /// The sum of it all.
  package var outcome: Outcome {
    if unsupportedReason != nil { return .unsupported }
    return violations.isEmpty && accuracy?.conforms ?? false ? .conforms : .fails
  }

  /// The first run, counted from 1, that differs from run 1; nil if none does.
  package var differentRun: Int? { disagreements.compactMap { $0.runs.first?.run }.min() }

  /// The differences of later runs, for each tensor that has any.
  package var disagreements: [RunDisagreement] {
    violations.compactMap { if case .notRepeatable(_, let disagreement) = $0 { disagreement } else { nil } }
  }
}

extension Verdict: Codable {
  private enum CodingKeys: String, CodingKey {
    case model, elementType, workload, contract, section, outcome, accuracy, grade, violations, remarks,
      unsupportedReason
    case deviceWork, reach
    case caseName = "name"
    case rule = "tolerance"
    case isLooserThanProfile = "looserThanProfile"
  }

  /// All values, and `outcome` in addition.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(caseName, forKey: .caseName)
    try values.encode(model, forKey: .model)
    try values.encode(elementType, forKey: .elementType)
    try values.encode(workload, forKey: .workload)
    try values.encode(contract, forKey: .contract)
    try values.encode(section, forKey: .section)
    try values.encode(outcome, forKey: .outcome)
    try values.encode(rule, forKey: .rule)
    try values.encodeIfPresent(accuracy, forKey: .accuracy)
    try values.encodeIfPresent(grade, forKey: .grade)
    try values.encode(violations, forKey: .violations)
    try values.encode(remarks, forKey: .remarks)
    try values.encode(isLooserThanProfile, forKey: .isLooserThanProfile)
    try values.encodeIfPresent(unsupportedReason, forKey: .unsupportedReason)
    try values.encodeIfPresent(deviceWork, forKey: .deviceWork)
    try values.encodeIfPresent(reach, forKey: .reach)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    caseName = try values.decode(String.self, forKey: .caseName)
    model = try values.decode(String.self, forKey: .model)
    elementType = try values.decode(ElementType.self, forKey: .elementType)
    workload = try values.decode(String.self, forKey: .workload)
    contract = try values.decode(String.self, forKey: .contract)
    section = try values.decode(Workload.Section.self, forKey: .section)
    rule = try values.decode(ToleranceRule.self, forKey: .rule)
    accuracy = try values.decodeIfPresent(Accuracy.self, forKey: .accuracy)
    grade = try values.decodeIfPresent(Budget.self, forKey: .grade)
    violations = try values.decode([Violation].self, forKey: .violations)
    remarks = try values.decode([Remark].self, forKey: .remarks)
    isLooserThanProfile = try values.decode(Bool.self, forKey: .isLooserThanProfile)
    unsupportedReason = try values.decodeIfPresent(String.self, forKey: .unsupportedReason)
    deviceWork = try values.decodeIfPresent(DeviceWork.self, forKey: .deviceWork)
    reach = try values.decodeIfPresent(Reach.self, forKey: .reach)
    let outcome = try values.decode(Outcome.self, forKey: .outcome)
    guard outcome == self.outcome else {
      throw DecodingError.dataCorruptedError(
        forKey: .outcome, in: values, debugDescription: "'\(outcome.rawValue)' contradicts the rest of the case")
    }
  }
}
