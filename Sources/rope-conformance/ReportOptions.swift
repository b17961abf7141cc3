import ArgumentParser
import Conformance
import Files
import Foundation
import Reports

/// The reports that are files, written whole at the end.
struct ReportOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write JUnit XML to this file, for CI servers.", valueName: "file"), completion: .file())
  var junit: String?

  @Option(help: ArgumentHelp("Write one HTML page to this file, for people.", valueName: "file"), completion: .file())
  var html: String?

  @Option(
    help: ArgumentHelp("Append a summary in Markdown to this file, as for the summary of a CI job.", valueName: "file"),
    completion: .file())
  var markdown: String?

  /// The files of a command, checked before its work begins.
  struct Files {
    fileprivate let junit: AtomicFile?
    fileprivate let html: AtomicFile?
    fileprivate let markdown: AtomicFile?

    /// True if no report was requested.
    var isEmpty: Bool { junit == nil && html == nil && markdown == nil }

    func write(_ report: RunReport) throws {
      try junit?.write(Data(report.junit.utf8))
      try html?.write(Data(report.html.utf8))
      try markdown?.append(report.markdown)
    }
  }

  /// Checks that the files can be written, and that none of them is also another file of the command.
  ///
  /// `json` is the file of the JSON report, which may be `-`; `uses` are the files that the command reads.
  func files(beside uses: FileUses, json: String? = nil) throws -> Files {
    var uses = uses
    let outputs = [
      ("--json", json == "-" ? nil : json), ("--junit", junit), ("--html", html), ("--markdown", markdown),
    ]
    for case (let option, let path?) in outputs { try uses.write(path, as: option) }
    return Files(
      junit: try junit.map(AtomicFile.init), html: try html.map(AtomicFile.init),
      markdown: try markdown.map(AtomicFile.init))
  }
}
