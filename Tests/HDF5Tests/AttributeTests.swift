import HDF5
import TestSupport
import Testing

@Suite struct AttributeTests {
  /// Writes attributes to the root group of a file and reads them from the closed file.
  private func roundTrip(
    _ write: (borrowing Attributes) throws -> Void, _ read: (borrowing Attributes) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    try write(file.root().attributes())
    try file.close()
    let reopened = try File(opening: folder.path("a.h5"))
    try read(reopened.root().attributes())
  }

  @Test("Numbers keep their bits")
  func numbers() throws {
    try roundTrip {
      try $0.set("least", to: Int.min)
      try $0.set("greatest", to: Int.max)
      try $0.set("negative zero", to: -0.0)
      try $0.set("nan", to: Double(bitPattern: 0x7FF8_0000_0000_0042))
    } _: { attributes throws in
      #expect(try attributes.int("least") == .min)
      #expect(try attributes.int("greatest") == .max)
      #expect(try attributes.double("negative zero").bitPattern == (-0.0).bitPattern)
      #expect(try attributes.double("nan").bitPattern == 0x7FF8_0000_0000_0042)
      #expect(try attributes.names() == ["greatest", "least", "nan", "negative zero"])
    }
  }

  @Test(
    "Strings of every kind, up to more than 64 KiB",
    arguments: ["", "a", "größer 🧭", "trailing space ", String(repeating: "é", count: 50_000)])
  func strings(value: String) throws {
    try roundTrip {
      try $0.set("ü", to: value)
    } _: { attributes throws in
      #expect(try attributes.string("ü") == value)
      #expect(try attributes.names() == ["ü"])
    }
  }

  @Test("Lists of strings", arguments: [[], [""], ["a", "", "größer"], ["same", "same"]])
  func lists(values: [String]) throws {
    try roundTrip {
      try $0.set("list", to: values)
    } _: { attributes throws in
      #expect(try attributes.strings("list") == values)
    }
  }

  @Test("Datasets have attributes of their own")
  func onDataset() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    let dataset = try file.root().createDataset("q", type: .float32, shape: [1])
    try dataset.attributes().set("unit", to: "rad")
    #expect(try dataset.attributes().string("unit") == "rad")
    #expect(try file.root().attributes().names() == [])
  }

  @Test("An attribute of another type or shape is refused, and the message says what was found")
  func mismatches() throws {
    try roundTrip {
      try $0.set("int", to: 1)
      try $0.set("double", to: 1.5)
      try $0.set("string", to: "1")
      try $0.set("list", to: ["1"])
    } _: { attributes in
      var messages: [String] = []
      func refused(_ body: () throws -> Void) {
        do {
          try body()
          Issue.record("not refused, after \(messages)")
        } catch {
          messages.append((error as? HDF5Error)?.reason ?? "\(error)")
        }
      }
      refused { _ = try attributes.double("int") }
      refused { _ = try attributes.int("double") }
      refused { _ = try attributes.int("string") }
      refused { _ = try attributes.string("list") }
      refused { _ = try attributes.strings("string") }
      refused { _ = try attributes.strings("int") }
      #expect(
        messages == [
          "expected one real number, found integer, single",
          "expected one integer, found real number, single",
          "expected one integer, found string, single",
          "expected one string, found string, of shape [1]",
          "expected a list of strings, found string, single",
          "expected a list of strings, found integer, single",
        ])
    }
  }

  @Test("The error of a missing attribute names file, object and attribute")
  func missing() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    let group = try file.root().createGroup("cases/a")
    let error = #expect(throws: HDF5Error.self) { _ = try group.attributes().int("head_dim") }
    let message = "\(try #require(error))"
    #expect(message.hasPrefix("cannot read attribute head_dim, object /cases/a of file \(folder.path("a.h5"))\n"))
    #expect(message.contains("libhdf5 H5Aopen: "))
  }

  @Test("An attribute is written once, and cannot hold a NUL character")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    let attributes = try file.root().attributes()
    try attributes.set("once", to: 1)
    #expect(throws: HDF5Error.self) { try attributes.set("once", to: 2) }
    #expect(throws: HDF5Error.self) { try attributes.set("cut", to: "a\0b") }
    #expect(throws: HDF5Error.self) { try attributes.set("a\0b", to: 1) }
    #expect(try attributes.names() == ["once"])
  }
}
