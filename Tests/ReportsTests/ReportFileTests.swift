import Foundation
import Testing

@testable import Reports

@Suite struct ReportFileTests {
  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test("A file is replaced whole, and nothing else is left")
  func write() throws {
    try withFolder { folder in
      let path = "\(folder)/page.html"
      try "old".write(toFile: path, atomically: false, encoding: .utf8)
      let file = try ReportFile(path)
      #expect(try text(path) == "old")
      #expect(try names(folder) == ["page.html"])
      try file.write("new")
      #expect(try text(path) == "new")
      #expect(try names(folder) == ["page.html"])
    }
  }

  @Test("What cannot be written is an error before anything is, and nothing is left")
  func unwritable() throws {
    try withFolder { folder in
      for path in [folder, "\(folder)/none/page.html", "/dev/null", ""] {
        #expect(throws: ReportError.self) { try ReportFile(path) }
      }
      let left = try names(folder)
      #expect(left == [])
    }
  }

  @Test("A folder that goes away is an error that leaves nothing")
  func lateFailure() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/a", withIntermediateDirectories: true)
      let file = try ReportFile("\(folder)/a/page.html")
      try FileManager.default.removeItem(atPath: "\(folder)/a")
      #expect(throws: ReportError.self) { try file.write("new") }
      // A folder in the place of the file stops the last step.
      let second = try ReportFile("\(folder)/b")
      try FileManager.default.createDirectory(atPath: "\(folder)/b/c", withIntermediateDirectories: true)
      #expect(throws: ReportError.self) { try second.write("new") }
      #expect(try names(folder) == ["b"])
    }
  }

  @Test("A link stays a link")
  func link() throws {
    try withFolder { folder in
      try "old".write(toFile: "\(folder)/page.html", atomically: false, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "page.html")
      try ReportFile("\(folder)/link").write("new")
      #expect(try text("\(folder)/page.html") == "new")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/link") == "page.html")
    }
  }

  @Test("Two outputs in one file are refused, by whatever path, whether or not it is there yet")
  func distinct() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/real", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "real")
      for other in ["real/r", "link/r", "real/../real/./r"] {
        for exists in [false, true] {
          if exists { try "x".write(toFile: "\(folder)/real/r", atomically: false, encoding: .utf8) }
          #expect(throws: ReportError.samePath(path: "\(folder)/\(other)", options: ["--json", "--html"])) {
            try ReportFile.checkDistinct([
              ("--json", "\(folder)/real/r"), ("--junit", nil), ("--html", "\(folder)/\(other)"),
            ])
          }
        }
        try FileManager.default.removeItem(atPath: "\(folder)/real/r")
      }
      try ReportFile.checkDistinct([("--json", "\(folder)/a"), ("--html", "\(folder)/b"), ("--junit", nil)])
    }
  }
}
