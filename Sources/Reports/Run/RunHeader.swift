public import Conformance

/// What a run was, before its first case.
public struct RunHeader: Codable, Sendable, Equatable {
  /// The version of this package.
  public static let packageVersion = "0.1.0"

  static let format = "rope-conformance-report"
  static let formatVersion = 3

  /// What ran.
  public struct Backend: Codable, Sendable, Equatable {
    /// The name of the implementation, such as `hip`.
    public let name: String
    /// The device that was asked for and keeps a record of its work; nil where the backend has none.
    public let device: String?
    /// Both in one line for people.
    public let summary: String

    /// A backend as it names itself.
    public init(name: String, device: String?, summary: String) {
      self.name = name
      self.device = device
      self.summary = summary
    }
  }

  /// Tells a report from other files; always `rope-conformance-report`.
  public let format: String
  /// The version of the report's form.
  public let formatVersion: Int
  /// The version of the package that made it.
  public let packageVersion: String
  public let backend: Backend
  /// The rules of the tolerances in order, of which the last that matches a case decides.
  public let tolerances: [ToleranceReport]
  /// The SHA-256 of the manifest of the goldens, in lowercase hexadecimal.
  public let goldens: String
  /// Which part of the run this is.
  public let shard: Shard
  /// How many cases all parts have together.
  public let totalCaseCount: Int
  /// How many cases are to run in this part.
  public let caseCount: Int
  /// What the run cannot see, a sentence each, so that nobody takes it for passed.
  public let notChecked: [String]

  /// The header of a run by this version.
  ///
  /// - Parameter totalCaseCount: the cases of all parts; those of this one unless given.
  public init(
    backend: Backend, tolerances: [ToleranceReport], goldens: String, shard: Shard = .whole,
    totalCaseCount: Int? = nil, caseCount: Int, notChecked: [String] = []
  ) {
    format = Self.format
    formatVersion = Self.formatVersion
    packageVersion = Self.packageVersion
    self.backend = backend
    self.tolerances = tolerances
    self.goldens = goldens
    self.shard = shard
    self.totalCaseCount = totalCaseCount ?? caseCount
    self.caseCount = caseCount
    self.notChecked = notChecked
  }
}
