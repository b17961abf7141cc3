import Backends
import Conformance
import Foundation
import Goldens
import HIP
import Reports
import Testing

/// What all suites share: the settings of this process, the goldens, and the backend under test.
///
/// `swift test` passes no flags on, so `ROPE_TOLERANCES`, `ROPE_TOLERANCES_FILE`, `ROPE_FIXTURES`, `ROPE_DEVICE`,
/// `ROPE_REQUIRE_DEVICE`, `ROPE_RUNS` and `ROPE_BACKEND` are the way to change anything.
struct Subject: Sendable {
  let device: Device
  let fixtures: Fixtures
  private let suite: ConformanceSuite

  private init() throws {
    let settings = try Settings(
      environment: ProcessInfo.processInfo.environment, root: ConformanceSuite.packageFolder)
    fixtures = try Fixtures(path: settings.fixtures)
    device = try Device(
      named: settings.device ?? "auto", required: ProcessInfo.processInfo.environment["ROPE_REQUIRE_DEVICE"])
    let judge = try BackendChoice(settings.backend).judge(
      device: device, runCount: settings.runCount, limits: ProcessLimits(), fixtures: fixtures,
      cases: fixtures.manifest.cases)
    suite = try ConformanceSuite(judge, fixtures: fixtures, settings)
  }

  private static let result = Result { try Subject() }

  /// The one subject of this process.
  static var shared: Subject {
    get throws { try result.get() }
  }

  /// The names of a section's cases.
  static func cases(_ section: Workload.Section) throws -> [String] {
    try shared.fixtures.manifest.cases.filter { $0.section == section }.map(\.name)
  }

  /// Runs one case, and records one issue with the whole verdict where it does not conform.
  ///
  /// The kernel takes every committed case, so one that it does not support fails too.
  static func check(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let verdict = try shared.suite.verdict(on: name)
    guard verdict.outcome != .conforms else { return }
    Issue.record(Comment(rawValue: verdict.text), sourceLocation: sourceLocation)
  }
}
