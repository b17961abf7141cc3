public import Conformance
public import Goldens
public import RoPE

/// One case of a run, as every report shows it: the verdict, with words where words are needed.
public struct CaseReport: Codable, Sendable, Equatable {
  /// The name of the case, `model/type/workload/contract`.
  public let name: String
  /// The part of the suite that the case belongs to.
  public let section: Workload.Section
  /// The type of the case's elements.
  public let elementType: ElementType
  /// The sum of accuracy and integrity.
  public let outcome: Verdict.Outcome
  /// Why the backend does not support the case.
  public let unsupportedReason: String?
  /// Seconds that the case took, with reading its golden; nil where nobody measured.
  public let seconds: Double?
  /// The launches and their time that the device has a record of; nil where nothing keeps one.
  public let deviceWork: DeviceWork?
  /// What the model needs, a line for each part; empty where only the verdict is known.
  public let convention: [String]
  /// The tolerance that accuracy was judged by.
  public let tolerance: ToleranceReport
  /// What the outputs are worth; nil where there are none.
  public let accuracy: AccuracyReport?
  /// The tightest named budget that holds for every rotated element; nil where none does, or nothing rotates.
  public let grade: BudgetReport?
  /// What is wrong, in one statement or more; empty where the case conforms or there are no outputs.
  public let diagnosis: [StatementReport]
  /// What did not hold that must hold exactly.
  public let violations: [ViolationReport]
  /// How the errors spread, Q then K along every axis; empty where that was not asked for.
  public let profile: [SeriesReport]

  /// The report of a verdict.
  ///
  /// - Parameters:
  ///   - goldenCase: the case, for what its model needs.
  ///   - seconds: how long the case took.
  public init(_ verdict: Verdict, of goldenCase: Case? = nil, seconds: Double? = nil) {
    name = verdict.caseName
    section = verdict.section
    elementType = verdict.elementType
    outcome = verdict.outcome
    unsupportedReason = verdict.unsupportedReason
    self.seconds = seconds
    deviceWork = verdict.deviceWork
    convention = goldenCase?.convention.words ?? []
    tolerance = ToleranceReport(verdict.rule)
    accuracy = verdict.accuracy.map(AccuracyReport.init)
    grade = verdict.grade.map(BudgetReport.init)
    diagnosis = verdict.diagnosis?.statements.map(StatementReport.init) ?? []
    violations = verdict.violations.map { ViolationReport($0, verdict.elementType) }
    profile = verdict.profile?.series.map(SeriesReport.init) ?? []
  }

  /// The model that the name begins with.
  public var model: String { name.split(separator: "/").first.map(String.init) ?? name }

  /// The contract that the name ends with, such as `table-f32`.
  public var contract: String { name.split(separator: "/").last.map(String.init) ?? name }
}

extension Verdict.Outcome: Codable {}
