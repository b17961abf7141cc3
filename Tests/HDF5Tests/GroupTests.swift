import HDF5
import TestSupport
import Testing

@Suite struct GroupTests {
  @Test("Groups nest, with the missing ones created on the way, and are listed sorted")
  func nesting() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    let root = try file.root()
    let deep = try root.createGroup("cases/b/deep")
    #expect(deep.path == "/cases/b/deep")
    _ = try root.createGroup("cases/a")
    _ = try root.createGroup("/cases/ä")
    _ = try root.group("cases").createDataset("q", type: .int32, shape: [])
    let cases = try root.group("/cases")
    #expect(try cases.groupNames() == ["a", "b", "ä"])
    #expect(try cases.datasetNames() == ["q"])
    #expect(try root.groupNames() == ["cases"])
    #expect(try root.datasetNames() == [])
  }

  @Test(
    "contains sees groups and datasets, and nothing below a dataset",
    arguments: [
      ("cases", true), ("cases/a", true), ("cases/a/q", true), ("/cases/a", true), ("/", true),
      ("case", false), ("cases/b", false), ("nowhere/a", false), ("cases/a/q/x", false),
    ])
  func contains(path: String, expected: Bool) throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    let root = try file.root()
    _ = try root.createGroup("cases/a").createDataset("q", type: .float32, shape: [1])
    #expect(try root.contains(path) == expected)
  }

  @Test("A name is taken once")
  func duplicates() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    let root = try file.root()
    _ = try root.createGroup("a/b")
    #expect(throws: HDF5Error.self) { _ = try root.createGroup("a/b") }
    #expect(throws: HDF5Error.self) { _ = try root.createGroup("a") }
    #expect(throws: HDF5Error.self) { _ = try root.createDataset("a", type: .int32, shape: []) }
    _ = try root.createDataset("q", type: .int32, shape: [])
    #expect(throws: HDF5Error.self) { _ = try root.createGroup("q/b") }
  }

  @Test("What is not there, or is something else, is an error", arguments: ["missing", "q", "", "a\0b"])
  func missing(path: String) throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    let root = try file.root()
    _ = try root.createDataset("q", type: .int32, shape: [])
    _ = try root.createGroup("a")
    #expect(throws: HDF5Error.self) { _ = try root.group(path) }
  }
}
