import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct RoundTripTests {
  /// Writes numbers, reads them from the closed file, and returns their bit patterns.
  private func roundTrip<Element: DatasetElement>(
    _ values: [Element], as type: NumberType, shape: [Int]
  ) throws -> [Element] {
    let folder = try TemporaryFolder()
    let path = folder.path("a.h5")
    let file = try File(creating: path)
    let dataset = try file.root().createDataset("x", type: type, shape: shape)
    try dataset.write(values)
    try file.close()
    let reopened = try File(opening: path)
    return try reopened.root().read("x", as: Element.self, type: type, shape: shape)
  }

  @Test("float32 keeps every special bit pattern")
  func float32() throws {
    let values: [Float] = [
      0, -0.0, 1, -1.5, .pi, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNormalMagnitude.nextDown,
      .greatestFiniteMagnitude, Float(bitPattern: 0x7FC0_1234), Float(bitPattern: 0xFF80_0001),
    ]
    let read = try roundTrip(values, as: .float32, shape: [3, 4])
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test("float64 keeps every special bit pattern")
  func float64() throws {
    let values: [Double] = [
      0, -0.0, .pi, .infinity, -.infinity, .leastNonzeroMagnitude, .leastNormalMagnitude.nextDown,
      -.greatestFiniteMagnitude, Double(bitPattern: 0x7FF8_0000_0000_1234), Double(bitPattern: 0xFFF0_0000_0000_0001),
    ]
    let read = try roundTrip(values, as: .float64, shape: [10])
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test("All 65,536 patterns of a 16-bit type survive", arguments: [NumberType.float16, .bfloat16])
  func sixteenBits(type: NumberType) throws {
    let values = Array(UInt16.min ... .max)
    #expect(try roundTrip(values, as: type, shape: [256, 256]) == values)
  }

  @Test("Integers keep their extremes")
  func integers() throws {
    #expect(try roundTrip([.min, -1, 0, .max], as: .int32, shape: [2, 2]) == [Int32.min, -1, 0, .max])
    #expect(try roundTrip([.min, -1, 0, .max], as: .int64, shape: [4, 1]) == [Int64.min, -1, 0, .max])
  }

  @Test("Single numbers and empty shapes", arguments: [[], [0], [3, 0, 2], [1, 1, 1, 1]])
  func shapes(shape: [Int]) throws {
    let values = [Double](repeating: 2.5, count: shape.reduce(1, *))
    #expect(try roundTrip(values, as: .float64, shape: shape) == values)
  }

  @Test("A dataset comes back with its type, shape and path", arguments: NumberType.allCases)
  func description(type: NumberType) throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    _ = try file.root().createGroup("cases/a").createDataset("q", type: type, shape: [2, 3, 5])
    try file.close()
    let reopened = try File(opening: folder.path("a.h5"))
    let dataset = try reopened.root().dataset("cases/a/q")
    #expect(dataset.type == type)
    #expect(dataset.shape == [2, 3, 5])
    #expect(dataset.elementCount == 30)
    #expect(dataset.path == "/cases/a/q")
  }

  @Test("A slab is read and written where it lies, and the rest is zero")
  func slabs() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.path("a.h5"))
    let dataset = try file.root().createDataset("x", type: .int32, shape: [4, 5])
    try dataset.write([1, 2, 3, 4, 5, 6] as [Int32], at: [1, 2], count: [2, 3])
    #expect(
      try dataset.read(as: Int32.self) == [
        0, 0, 0, 0, 0,
        0, 0, 1, 2, 3,
        0, 0, 4, 5, 6,
        0, 0, 0, 0, 0,
      ])
    #expect(try dataset.read(as: Int32.self, at: [1, 1], count: [2, 2]) == [0, 1, 0, 4])
    #expect(try dataset.read(as: Int32.self, at: [2, 3]) == [5, 6, 0, 0])
    #expect(try dataset.read(as: Int32.self, at: [4, 0]) == [])
    #expect(try dataset.read(as: Int32.self, count: [2, 3]) == [0, 0, 0, 0, 0, 1])
  }

  @Test("Bytes are read from memory, each time from those given, whatever the name and the file of that name hold")
  func images() throws {
    let folder = try TemporaryFolder()
    func bytes(_ name: String) throws -> [UInt8] {
      let path = folder.path("\(name).h5"), file = try File(creating: path)
      _ = try file.root().createGroup(name)
      try file.close()
      return [UInt8](try Data(contentsOf: URL(filePath: path)))
    }
    let first = try File(image: bytes("one"), path: folder.path("one.h5"))
    let second = try File(image: bytes("two"), path: folder.path("one.h5"))
    #expect(try first.root().groupNames() == ["one"])
    #expect(try second.root().groupNames() == ["two"])
    #expect(throws: HDF5Error.self) { _ = try File(image: [], path: "empty").root() }
    #expect(throws: HDF5Error.self) { _ = try File(image: Array("not HDF5".utf8), path: "other").root() }
  }
}
