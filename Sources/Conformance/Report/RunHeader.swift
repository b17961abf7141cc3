import Judging

/// The facts of a run that are known before its first case.
package struct RunHeader: Codable, Sendable, Equatable {
  /// The version of this package.
  package static let packageVersion = "0.1.0"

  package static let format = "rope-conformance-report"
  package static let formatVersion = 8

  /// The backend.
  package struct Backend: Codable, Sendable, Equatable {
    /// The name of the implementation, such as `hip`.
    package let name: String
    /// The device that was requested and keeps a record of its work; nil if the backend has none.
    package let device: String?
    /// Both in one line for people.
    package let summary: String

    /// A backend as it names itself.
    package init(name: String, device: String?, summary: String) {
      self.name = name
      self.device = device
      self.summary = summary
    }
  }

  /// Distinguishes a report from other files; always `rope-conformance-report`.
  package let format: String
  /// The version of the report's format.
  package let formatVersion: Int
  /// The version of the package that made it.
  package let packageVersion: String
  /// The command and its time; nil if no command started the run.
  package let origin: RunOrigin?
  package let backend: Backend
  /// The name of the profile.
  package let profile: String
  /// The rules of the tolerances in order, those of the profile included; the last that matches a case wins.
  package let tolerances: [ToleranceRule]
  /// The SHA-256 of the manifest of the goldens, in lowercase hexadecimal.
  package let goldens: String
  /// The part of the run that this report covers.
  package let shard: Shard
  /// The number of cases of all parts together.
  package let totalCaseCount: Int
  /// The number of cases that are to run in this part.
  package let caseCount: Int
  /// Sentences on what the run cannot detect: these checks count as not made, not as passed.
  package internal(set) var notChecked: [String]

  /// The header of a run by this version.
  ///
  /// `profile` is the name of the profile. `totalCaseCount` counts the cases of all parts; those of this one by default.
  package init(
    backend: Backend, origin: RunOrigin? = nil, profile: String = Profile.strict.name, tolerances: [ToleranceRule],
    goldens: String,
    shard: Shard = .whole, totalCaseCount: Int? = nil, caseCount: Int, notChecked: [String] = []
  ) {
    format = Self.format
    formatVersion = Self.formatVersion
    packageVersion = Self.packageVersion
    self.backend = backend
    self.origin = origin
    self.profile = profile
    self.tolerances = tolerances
    self.goldens = goldens
    self.shard = shard
    self.totalCaseCount = totalCaseCount ?? caseCount
    self.caseCount = caseCount
    self.notChecked = notChecked
  }
}
