/// Writes a run as JSON Lines while it goes on.
public struct JSONReportWriter: Sendable {
  private let path: String
  private let file: LineFile

  /// Begins a report.
  ///
  /// - Parameter path: the file, which is emptied; `-` for standard output.
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  public init(path: String, _ header: RunHeader) throws(ReportError) {
    self.path = path
    file = try LineFile(path: path)
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
      try file.add(record.line)
    } catch let error as ReportError {
      throw error
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }
}
