import Conformance
import Foundation

/// Writes a run as JSON Lines while it runs.
package struct JSONReportWriter: Sendable {
  private let path: String
  private let file: LineFile

  /// Begins a report.
  ///
  /// `path` is the file, which is emptied; `-` for standard output.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  package init(path: String, _ header: RunHeader) throws(ReportError) {
    self.path = path
    file = try LineFile(path: path)
    try write(.header(header))
  }

  /// Writes the line of one case.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  package func add(_ report: CaseReport) throws(ReportError) { try write(.case(report)) }

  /// Ends the report.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  package func end(_ summary: RunSummary) throws(ReportError) { try write(.summary(summary)) }

  private func write(_ record: ReportRecord) throws(ReportError) {
    do {
      try file.add(record.line)
    } catch let error as ReportError {
      throw error
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }
}

/// A file that grows line by line, so that it holds whole lines at any time.
package struct LineFile: Sendable {
  private let path: String
  private let handle: FileHandle

  /// Begins a file.
  ///
  /// - Parameter path: the file, which is emptied; `-` for standard output.
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  package init(path: String) throws(ReportError) {
    self.path = path
    if path == "-" {
      handle = .standardOutput
    } else {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
      handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
  }

  /// Writes a line, which ends with a line feed.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  package func add(_ line: Data) throws(ReportError) {
    do {
      try handle.write(contentsOf: line)
    } catch {
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
  }
}
