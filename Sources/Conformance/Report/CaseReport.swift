import Diagnosis
import Goldens
import Judging
import RoPE

/// One case of a run, as every report shows it: the verdict, and what explains it.
public struct CaseReport: Sendable, Equatable {
  package let verdict: Verdict
  /// The cause; nil if the case conforms, has no outputs, or was not diagnosed.
  package let diagnosis: Diagnosis?
  /// The convention that the model needs, a line for each part; empty if only the verdict is known.
  package let convention: [String]
  /// The names of the profiles under which the case would conform; empty unless it fails.
  package let otherProfiles: [String]
  /// Seconds that the case took, including reading its golden; nil if not measured.
  package let seconds: Double?

  package init(
    _ verdict: Verdict, diagnosis: Diagnosis? = nil, convention: [String] = [], otherProfiles: [String] = [],
    seconds: Double? = nil
  ) {
    self.verdict = verdict
    self.diagnosis = diagnosis
    self.convention = convention
    self.otherProfiles = otherProfiles
    self.seconds = seconds
  }

  /// The name of the case, `model/type/workload/contract`.
  public var name: String { verdict.caseName }

  /// The result of the case.
  public var outcome: Outcome { verdict.outcome }

  /// The statements of the diagnosis; none without one.
  package var statements: [Statement] { diagnosis?.statements ?? [] }

  /// The spread of the errors, for each tensor along every axis; empty if unknown.
  package var profile: [ErrorProfile.Series] { diagnosis?.profile?.series ?? [] }
}

extension CaseReport: Codable {
  private enum CodingKeys: String, CodingKey {
    case diagnosis, profile, convention, otherProfiles, seconds
  }

  /// Encodes the case as the object that a report in JSON Lines has for it.
  public func encode(to encoder: any Encoder) throws {
    try verdict.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(statements, forKey: .diagnosis)
    try values.encode(profile, forKey: .profile)
    try values.encode(convention, forKey: .convention)
    try values.encode(otherProfiles, forKey: .otherProfiles)
    try values.encodeIfPresent(seconds, forKey: .seconds)
  }

  /// Decodes the object that ``encode(to:)`` makes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let statements = try values.decode([Statement].self, forKey: .diagnosis)
    let profile = try values.decode(ErrorProfile.self, forKey: .profile)
    let isEmpty = statements.isEmpty && profile.series.isEmpty
    self.init(
      try Verdict(from: decoder),
      diagnosis: isEmpty ? nil : Diagnosis(statements: statements, profile: profile.series.isEmpty ? nil : profile),
      convention: try values.decode([String].self, forKey: .convention),
      otherProfiles: try values.decode([String].self, forKey: .otherProfiles),
      seconds: try values.decodeIfPresent(Double.self, forKey: .seconds))
  }
}
