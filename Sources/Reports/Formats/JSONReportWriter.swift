import Foundation

/// Writes a run as JSON Lines while it goes on, so that what is there is whole lines at any time.
public struct JSONReportWriter: Sendable {
  private let path: String
  private let handle: FileHandle

  /// Begins a report.
  ///
  /// - Parameter path: the file, which is emptied; `-` for standard output.
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  public init(path: String, _ header: RunHeader) throws(ReportError) {
    self.path = path
    if path == "-" {
      handle = .standardOutput
    } else {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
      handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
    try write(.header(header))
  }

  /// Writes the line of one case.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  public func add(_ report: CaseReport) throws(ReportError) { try write(.case(report)) }

  /// Ends the report.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  public func end(_ summary: RunSummary) throws(ReportError) { try write(.summary(summary)) }

  private func write(_ record: ReportRecord) throws(ReportError) {
    do {
      try handle.write(contentsOf: record.line)
    } catch {
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
  }
}
