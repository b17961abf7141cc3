import Conformance
import Devices
import Foundation
import Goldens
import Judging
import Reports
import Testing
import Workers

/// Shared by all suites: the settings of this process, the goldens, and the backend under test.
///
/// `swift test` passes no flags on, so settings are changed by `ROPE_TOLERANCES`, `ROPE_TOLERANCES_FILE`,
/// `ROPE_PROFILE`, `ROPE_FIXTURES`, `ROPE_DEVICE`, `ROPE_REQUIRE_DEVICE`, `ROPE_RUNS` and `ROPE_BACKEND`.
struct Subject: Sendable {
  let device: Device
  let library: CaseLibrary
  private let choice: BackendChoice
  private let runner: CaseRunner

  private init() throws {
    let settings = try Settings(
      environment: ProcessInfo.processInfo.environment, defaults: .ofLibrary)
    let suite = try ConformanceSuite(settings)
    library = suite.library
    device = try Device(
      named: settings.device ?? "auto", required: ProcessInfo.processInfo.environment["ROPE_REQUIRE_DEVICE"])
    choice = try BackendChoice(settings.backend)
    let candidate = try choice.candidate(
      device: device, runCount: settings.runCount, limits: WorkerLimits(), library: library, cases: library.entries)
    runner = CaseRunner(candidate, suite.tolerances)
  }

  private static let result = Result { try Subject() }

  /// The one subject of this process.
  static var shared: Subject {
    get throws { try result.get() }
  }

  /// The names of a section's cases.
  static func cases(_ section: Workload.Section) throws -> [String] {
    try shared.library.entries.filter { $0.section == section }.map(\.name)
  }

  /// Runs one case, and records one issue with the whole verdict if it does not conform.
  ///
  /// It is a known issue, which does not fail the test, if the backend does not support the case. The kernel of this
  /// package supports every case of the default run; there, the issue fails.
  static func check(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let subject = try shared
    let report = try subject.runner.report(on: subject.library.golden(named: name))
    let comment = Comment(rawValue: report.text)
    switch report.outcome {
    case .conforms: break
    case .unsupported where subject.choice != .hip:
      UnsupportedCases.shared.add(report)
      withKnownIssue("the backend does not support the case", sourceLocation: sourceLocation) {
        Issue.record(comment, sourceLocation: sourceLocation)
      }
    default: Issue.record(comment, sourceLocation: sourceLocation)
    }
  }
}
