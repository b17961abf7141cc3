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
  private let tolerances: Tolerances
  private let judge: any CaseJudge & Sendable

  private init() async throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let settings = try await Settings(environment: ProcessInfo.processInfo.environment, root: root)
    fixtures = try Fixtures(path: settings.fixtures)
    tolerances = settings.tolerances
    try tolerances.check(against: fixtures.manifest.cases.map(\.name))
    device = try Device(
      named: settings.device ?? "auto", required: ProcessInfo.processInfo.environment["ROPE_REQUIRE_DEVICE"])
    judge = try BackendChoice(settings.backend).judge(
      device: device, runCount: settings.runCount, limits: ProcessLimits(), fixtures: fixtures,
      cases: fixtures.manifest.cases)
  }

  private static let task = Task { try await Subject() }

  /// The one subject of this process.
  static var shared: Subject {
    get async throws { try await task.value }
  }

  /// The names of a section's cases.
  static func cases(_ section: Workload.Section) async throws -> [String] {
    try await shared.fixtures.manifest.cases.filter { $0.section == section }.map(\.name)
  }

  /// Runs one case, and records one issue with the whole verdict where it does not conform.
  ///
  /// The kernel takes every committed case, so one that it does not support fails too.
  static func check(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let subject = try await shared
    let verdict = try subject.judge.verdict(
      on: subject.fixtures.golden(named: name), rule: subject.tolerances.rule(for: name))
    guard verdict.outcome != .conforms else { return }
    Issue.record(Comment(rawValue: verdict.text), sourceLocation: sourceLocation)
  }
}
