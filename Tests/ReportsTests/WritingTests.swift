import Conformance
import Files
import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite("A run into files") struct WritingTests {
  @Test("Every form is written, and JSON Lines read back as the run")
  func all() throws {
    let folder = try TemporaryFolder(), report = try RunReport.mixed()
    try report.write(json: folder.path("r.jsonl"), junit: folder.path("r.xml"), html: folder.path("r.html"))
    #expect(folder.names() == ["r.html", "r.jsonl", "r.xml"])
    #expect(try RunReport(contentsOf: folder.path("r.jsonl")).jsonLines() == report.jsonLines())
    #expect(try text(folder.path("r.xml")) == report.junit && text(folder.path("r.html")) == report.html)
  }

  @Test("Only what is asked for is written, and no file twice")
  func some() throws {
    let folder = try TemporaryFolder(), report = try RunReport.mixed()
    #expect(throws: FileError.self) { try report.write(json: folder.path("r"), html: folder.path("r")) }
    #expect(folder.names() == [])
    try report.write(html: folder.path("r.html"))
    #expect(folder.names() == ["r.html"])
  }
}
