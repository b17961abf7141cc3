import Conformance
import Reports
import Synchronization
import Testing

/// The cases that the backend under test does not support.
final class UnsupportedCases: Sendable {
  static let shared = UnsupportedCases()

  private let reports = Mutex<[String: CaseReport]>([:])

  func add(_ report: CaseReport) { reports.withLock { $0[report.name] = report } }

  /// A line for each reason with the number of its cases, and their sum; nothing if every case is supported.
  var summary: [String] {
    let reports = reports.withLock { $0.values.sorted { $0.name < $1.name } }
    guard !reports.isEmpty else { return [] }
    return CaseReport.unsupported(reports, .plain) + ["\(reports.count) cases are unsupported, which are known issues"]
  }
}

/// Prints the summary of unsupported cases when all tests of a suite have run.
struct UnsupportedSummary: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await function()
    UnsupportedCases.shared.summary.forEach { print($0) }
  }
}

extension Trait where Self == UnsupportedSummary {
  static var listsUnsupported: Self { Self() }
}
