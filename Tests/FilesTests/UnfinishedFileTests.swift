import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct UnfinishedFileTests {
  @Test("A file that is not finished is removed when it is released, and replaces the target when it is")
  func replacing() throws {
    let folder = try TemporaryFolder(), target = folder.path("file")
    try "old".write(toFile: target, atomically: false, encoding: .utf8)
    do {
      let file = try UnfinishedFile(replacing: target)
      try file.write(Data("half".utf8))
      #expect(folder.names().count == 2)
    }
    #expect(folder.names() == ["file"])
    let file = try UnfinishedFile(replacing: target)
    try file.write(Data("new".utf8))
    try file.replace()
    #expect(folder.names() == ["file"])
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
  }

  @Test("What nobody claims is removed when the same file is written again; what is claimed, or another's, stays")
  func abandoned() throws {
    let folder = try TemporaryFolder(), target = folder.path("file")
    let names = [
      "file.0123456789abcdef.tmp", "file.mine.tmp", "other.0123456789abcdef.tmp", "file.0123456789ABCDEF.tmp",
    ]
    for name in names { try "x".write(toFile: folder.path(name), atomically: false, encoding: .utf8) }
    let claimed = try UnfinishedFile(replacing: target)
    let second = try UnfinishedFile(replacing: target)
    #expect(!folder.names().contains(names[0]))
    #expect(Set(folder.names()).isSuperset(of: names.dropFirst()))
    #expect(FileManager.default.fileExists(atPath: claimed.path))
    #expect(FileManager.default.fileExists(atPath: second.path))
  }

  @Test("A folder or a pipe is not replaced")
  func special() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    for path in [folder.path, folder.path("pipe"), folder.path("none/file")] {
      #expect(throws: FileError.self) { try UnfinishedFile(replacing: path) }
    }
  }

  @Test("A scratch folder is private, is removed when it is released, and removes what nobody claims")
  func scratch() throws {
    let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    let left = "\(parent)/rope-conformance-0123456789abcdef"
    // Any program of this package may remove it first.
    try? FileManager.default.createDirectory(atPath: "\(left)/inner", withIntermediateDirectories: true)
    let path: String
    do {
      let scratch = try ScratchFolder()
      path = scratch.path
      #expect(!FileManager.default.fileExists(atPath: left))
      var status = stat()
      #expect(stat(try scratch.folder("inner"), &status) == 0)
      #expect(status.st_mode & 0o777 == 0o700)
      ScratchFolder.removeAbandoned()
      #expect(FileManager.default.fileExists(atPath: path))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
