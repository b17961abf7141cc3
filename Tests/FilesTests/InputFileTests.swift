import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct InputFileTests {
  @Test("A file is read whole, up to the limit", arguments: [0, 1, 100_000])
  func reading(count: Int) throws {
    let folder = try TemporaryFolder(), bytes = Data((0..<count).map { UInt8(truncatingIfNeeded: $0) })
    try bytes.write(to: URL(filePath: folder.path("file")))
    #expect(try InputFile.bytes(of: folder.path("file"), limit: count) == bytes)
    if count > 0 {
      #expect(
        throws: FileError.unreadable(
          path: folder.path("file"), reason: "it has \(count) bytes, more than \(count - 1)")
      ) { try InputFile.bytes(of: folder.path("file"), limit: count - 1) }
    }
  }

  @Test("What has no end or is no file is refused at once, in words")
  func refusals() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    for (path, reason) in [
      (folder.path, "it is a folder"), (folder.path("pipe"), "it is a pipe, not a regular file"),
      ("/dev/zero", "it is not a regular file"), (folder.path("none"), "No such file or directory"),
    ] {
      #expect(throws: FileError.unreadable(path: path, reason: reason)) { try InputFile.bytes(of: path, limit: 1) }
    }
  }

  @Test("A huge sparse file is refused before a byte of it is read")
  func sparse() throws {
    let folder = try TemporaryFolder()
    try Data().write(to: URL(filePath: folder.path("sparse")))
    #expect(truncate(folder.path("sparse"), 200 << 30) == 0)
    #expect(throws: FileError.self) { try InputFile.bytes(of: folder.path("sparse"), limit: 1 << 30) }
  }
}
