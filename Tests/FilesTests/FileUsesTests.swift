import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct FileUsesTests {
  @Test("Two outputs in one file are refused, by whatever path, whether or not it is there yet")
  func outputs() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("real"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "real")
    for other in ["real/r", "link/r", "real/../real/./r"] {
      for exists in [false, true] {
        if exists { try "x".write(toFile: folder.path("real/r"), atomically: false, encoding: .utf8) }
        var uses = FileUses()
        try uses.write(folder.path("real/r"), as: "--json")
        #expect(throws: FileError.sameFile(path: "\(folder.path)/\(other)", uses: ["--json", "--html"])) {
          try uses.write("\(folder.path)/\(other)", as: "--html")
        }
      }
      try FileManager.default.removeItem(atPath: folder.path("real/r"))
    }
    var uses = FileUses()
    try uses.write(folder.path("a"), as: "--json")
    try uses.write(folder.path("b"), as: "--html")
  }

  @Test(
    "An output that is an input is refused, by its path, a link to it or another name of it, also in a folder of inputs",
    arguments: ["file", "symbolic", "hard", "folder/file", "folder/../file"])
  func inputs(name: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("folder"), withIntermediateDirectories: true)
    for file in ["file", "folder/file"] { try "x".write(toFile: folder.path(file), atomically: false, encoding: .utf8) }
    try FileManager.default.createSymbolicLink(atPath: folder.path("symbolic"), withDestinationPath: "file")
    try FileManager.default.linkItem(atPath: folder.path("file"), toPath: folder.path("hard"))
    var uses = FileUses()
    uses.read(folder.path("file"), as: "the recording")
    uses.read(allIn: folder.path("folder"), as: "the goldens")
    uses.read(folder.path("not there"), as: "nothing")
    let use = name == "folder/file" ? "the goldens" : "the recording"
    #expect(throws: FileError.sameFile(path: folder.path(name), uses: [use, "--json"])) {
      try uses.write(folder.path(name), as: "--json")
    }
    try uses.write(folder.path("new"), as: "--json")
    try uses.write(folder.path("not there"), as: "--html")
  }

  @Test("The files of a folder that is read are inputs; a word that names a folder is not its files")
  func folders() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("goldens"), withIntermediateDirectories: true)
    try "x".write(toFile: folder.path("goldens/a.h5"), atomically: false, encoding: .utf8)
    var uses = FileUses()
    uses.read(folder.path("goldens"), as: "a word")
    try uses.write(folder.path("goldens/a.h5"), as: "--json")
    uses.read(allIn: folder.path("goldens"), as: "the goldens")
    #expect(throws: FileError.self) { try uses.write(folder.path("goldens/a.h5"), as: "--html") }
  }
}
