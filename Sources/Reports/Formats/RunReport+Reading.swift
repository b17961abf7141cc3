import Conformance
import Files
import Foundation

extension RunReport {
  /// The most bytes of a report.
  private static let largestCount = 1 << 32

  /// Reads the run from a file that `run --json` wrote.
  ///
  /// - Throws: ``ReportError`` if the file cannot be read, is not such a report or has another version, or if a line is
  ///   damaged or missing.
  package init(contentsOf path: String) throws(ReportError) {
    let bytes: Data
    do {
      bytes = try InputFile.bytes(of: path, limit: Self.largestCount)
    } catch {
      throw .unreadable(path: path, reason: error.reason)
    }
    try self.init(bytes, path: path)
  }

  /// Reads the run from the bytes of a report; `path` is for messages.
  package init(_ bytes: Data, path: String) throws(ReportError) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let first = lines.first else { throw .foreign(path: path, reason: "it is empty") }
    try Self.checkFormat(first, path: path)
    guard case .header(let header) = try ReportRecord.parsed(first, path: path, line: 1) else {
      throw .malformed(path: path, line: 1, reason: "it must be the header")
    }
    self.init(header)
    // After the last line feed there is nothing, or a line that was cut off.
    for (index, line) in lines.dropFirst().dropLast().enumerated() {
      let number = index + 2
      switch try ReportRecord.parsed(line, path: path, line: number) {
      case .header:
        throw .malformed(path: path, line: number, reason: "it is a second header, but a file holds one run")
      case .case(let report):
        add(report)
      case .summary(let summary):
        note(problems: summary.problems)
        guard number == lines.count - 1, lines[number].isEmpty else {
          throw .malformed(path: path, line: number + 1, reason: "it follows the summary, which ends a run")
        }
        guard summary == self.summary, cases.count == header.caseCount else {
          throw .malformed(
            path: path, line: number,
            reason: "the summary is not that of the file's \(cases.count) cases: lines were removed or changed")
        }
        return
      }
    }
    throw .truncated(path: path, cases: cases.count, expected: header.caseCount)
  }

  /// Checks that the file is a report before reading its parts.
  private static func checkFormat(_ line: Data, path: String) throws(ReportError) {
    guard !line.isEmpty else { throw .foreign(path: path, reason: "its first line is empty") }
    guard let root = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
      throw .foreign(path: path, reason: "its first line is not a JSON object")
    }
    guard root["format"] as? String == RunHeader.format else {
      throw .foreign(path: path, reason: "its first line has no \"format\":\"\(RunHeader.format)\"")
    }
    if let version = root["format_version"] as? Int, version > RunHeader.formatVersion {
      throw .newerFormat(path: path, version: version, supported: RunHeader.formatVersion)
    }
    if let version = root["format_version"] as? Int, version < RunHeader.formatVersion {
      throw .olderFormat(path: path, version: version, supported: RunHeader.formatVersion)
    }
  }
}

extension CaseReport {
  /// Reads the line of a case; `origin` names it in errors.
  ///
  /// - Throws: ``ReportError/malformed(path:line:reason:)``.
  package init(jsonLine: String, origin: String) throws(ReportError) {
    guard case .case(let report) = try ReportRecord.parsed(Data(jsonLine.utf8), path: origin, line: 1) else {
      throw .malformed(path: origin, line: 1, reason: "it must be the line of a case")
    }
    self = report
  }
}

extension ReportRecord {
  /// Parses a line, whose place errors name.
  fileprivate static func parsed(_ line: Data, path: String, line number: Int) throws(ReportError) -> ReportRecord {
    do {
      return try ReportRecord(line: line)
    } catch let error as DecodingError {
      throw .malformed(path: path, line: number, reason: error.words)
    } catch {
      throw .malformed(path: path, line: number, reason: "\(error)")
    }
  }
}
