import Conformance
import Files
import Foundation

extension RunReport {
  /// Writes the run to files: JSON Lines for programs, JUnit XML for CI servers, one HTML page for people.
  ///
  /// - Parameters:
  ///   - json: The path of the JSON Lines; `-` is standard output, nil writes none.
  ///   - junit: The path of the JUnit XML; nil writes none.
  ///   - html: The path of the page; nil writes none.
  /// - Throws: An error if a file cannot be written, or two of them are the same.
  public func write(json: String? = nil, junit: String? = nil, html: String? = nil) throws {
    var uses = FileUses()
    for case (let use, let path?) in [("json", json == "-" ? nil : json), ("junit", junit), ("html", html)] {
      try uses.write(path, as: use)
    }
    let files = (junit: try junit.map(AtomicFile.init), html: try html.map(AtomicFile.init))
    if let json { try write(jsonTo: json) }
    try files.junit?.write(Data(self.junit.utf8))
    try files.html?.write(Data(self.html.utf8))
  }

  /// Writes the whole run as JSON Lines.
  ///
  /// - Parameter path: the file, which is emptied; `-` for standard output.
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package func write(jsonTo path: String) throws(FileError) {
    let writer = try JSONReportWriter(path: path, header)
    for result in cases { try writer.add(result) }
    try writer.end(summary)
  }

  /// The whole run as JSON Lines.
  ///
  /// - Throws: `EncodingError`.
  package var jsonLines: String {
    get throws {
      let records = [.header(header)] + cases.map { ReportRecord.case($0) } + [.summary(summary)]
      return try records.map { String(decoding: try $0.line, as: UTF8.self) }.joined()
    }
  }
}

extension CaseReport {
  /// The line of the case in JSON Lines, without its line feed.
  ///
  /// - Throws: `EncodingError`.
  package var jsonLine: String {
    get throws { String(decoding: try ReportRecord.case(self).line.dropLast(), as: UTF8.self) }
  }
}
