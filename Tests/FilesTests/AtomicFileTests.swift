import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct AtomicFileTests {
  @Test("A file is replaced whole, and nothing else is left")
  func write() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("page.html")
    try "old".write(toFile: path, atomically: false, encoding: .utf8)
    let file = try AtomicFile(path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    #expect(folder.names() == ["page.html"])
    try file.write(Data("new".utf8))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    #expect(folder.names() == ["page.html"])
  }

  @Test("What cannot be written is an error before anything is, and nothing is left")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path, folder.path("none/page.html"), "/dev/null", ""] {
      #expect(throws: FileError.self) { try AtomicFile(path) }
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
    #expect(throws: FileError.self) { try file.write(Data("new".utf8)) }
    // A folder in place of the file makes the last step fail.
    let second = try AtomicFile(folder.path("b"))
    try FileManager.default.createDirectory(atPath: folder.path("b/c"), withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try second.write(Data("new".utf8)) }
    #expect(folder.names() == ["b"])
  }

  @Test("A link stays a link")
  func link() throws {
    let folder = try TemporaryFolder()
    try "old".write(toFile: folder.path("page.html"), atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "page.html")
    try AtomicFile(folder.path("link")).write(Data("new".utf8))
    #expect(try String(contentsOfFile: folder.path("page.html"), encoding: .utf8) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("link")) == "page.html")
  }
}
