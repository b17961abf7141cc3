import Conformance
import Files
import Foundation

/// Writes a run as JSON Lines while it runs.
package struct JSONReportWriter: Sendable {
  private let path: String
  private let file: LineFile

  /// Begins a report.
  ///
  /// `path` is the file, which is emptied; `-` for standard output.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package init(path: String, _ header: RunHeader) throws(FileError) {
    self.path = path
    file = try LineFile(path: path)
    try write(.header(header))
  }

  /// Writes the line of one case.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package func add(_ report: CaseReport) throws(FileError) { try write(.case(report)) }

  /// Ends the report.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package func end(_ summary: RunSummary) throws(FileError) { try write(.summary(summary)) }

  private func write(_ record: ReportRecord) throws(FileError) {
    let line: Data
    do {
      line = try record.line
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
    try file.add(line)
  }
}
