import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite struct AtomicFileTests {
  @Test("A file is replaced whole, and nothing else is left")
  func write() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("page.html")
    try "old".write(toFile: path, atomically: false, encoding: .utf8)
    let file = try AtomicFile(path)
    #expect(try text(path) == "old")
    #expect(folder.names() == ["page.html"])
    try file.write("new")
    #expect(try text(path) == "new")
    #expect(folder.names() == ["page.html"])
  }

  @Test("What cannot be written is an error before anything is, and nothing is left")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path, folder.path("none/page.html"), "/dev/null", ""] {
      #expect(throws: ReportError.self) { try AtomicFile(path) }
    }
    let left = folder.names()
    #expect(left == [])
  }

  @Test("A folder that goes away is an error that leaves nothing")
  func lateFailure() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("a"), withIntermediateDirectories: true)
    let file = try AtomicFile(folder.path("a/page.html"))
    try FileManager.default.removeItem(atPath: folder.path("a"))
    #expect(throws: ReportError.self) { try file.write("new") }
    // A folder in place of the file makes the last step fail.
    let second = try AtomicFile(folder.path("b"))
    try FileManager.default.createDirectory(atPath: folder.path("b/c"), withIntermediateDirectories: true)
    #expect(throws: ReportError.self) { try second.write("new") }
    #expect(folder.names() == ["b"])
  }

  @Test("A link stays a link")
  func link() throws {
    let folder = try TemporaryFolder()
    try "old".write(toFile: folder.path("page.html"), atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "page.html")
    try AtomicFile(folder.path("link")).write("new")
    #expect(try text(folder.path("page.html")) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "page.html")
  }

  @Test("Two outputs in one file are refused, by whatever path, whether or not it is there yet")
  func distinct() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("real"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "real")
    for other in ["real/r", "link/r", "real/../real/./r"] {
      for exists in [false, true] {
        if exists { try "x".write(toFile: folder.path("real/r"), atomically: false, encoding: .utf8) }
        #expect(throws: ReportError.samePath(path: "\(folder.path)/\(other)", options: ["--json", "--html"])) {
          try AtomicFile.checkDistinct([
            ("--json", folder.path("real/r")), ("--junit", nil), ("--html", "\(folder.path)/\(other)"),
          ])
        }
      }
      try FileManager.default.removeItem(atPath: folder.path("real/r"))
    }
    try AtomicFile.checkDistinct([("--json", folder.path("a")), ("--html", folder.path("b")), ("--junit", nil)])
  }
}
