import Foundation
import HDF5
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

/// Golden files with one fault.
///
/// The error names the file, the object, and the problem.
@Suite struct BadGoldenTests {
  private let position: DoctoredGolden
  private let table: DoctoredGolden
  private let packed: DoctoredGolden

  init() throws {
    position = DoctoredGolden(recipe: try .bundled("glm-4.5", "f32/single-token/position"))
    table = DoctoredGolden(recipe: try .bundled("glm-4.5", "bf16/prompt/table-f32"))
    let ragged = Recipe.all(for: try Model.named("glm-4.5")).first { $0.goldenCase.workload.name == "ragged" }
    packed = DoctoredGolden(recipe: try #require(ragged))
  }

  /// Checks that the HDF5 module refuses an object of a case, with these words.
  private func expectRefused(_ doctored: DoctoredGolden, _ words: String...) throws {
    let error = try doctored.error()
    guard let error = error as? HDF5Error else { return record(error) }
    #expect(error.file.hasSuffix("doctored.h5") && error.object.hasPrefix("/cases/\(doctored.caseName)"))
    for word in words { #expect("\(error)".contains(word), "'\(error)' lacks '\(word)'") }
  }

  private func record(_ error: any Error) { Issue.record("another error: \(error)") }

  @Test("Without a change the copy reads like the original, so that the errors below come from the changes")
  func unchanged() throws {
    for doctored in [position, table, packed] {
      let folder = try TemporaryFolder()
      try doctored.write(to: folder.path("copy"), original: folder.path("original"))
      let read = try GoldenReader.read(caseNamed: doctored.caseName, from: folder.path("copy"))
      #expect(try read.isIdentical(to: Golden(storing: doctored.recipe)))
    }
  }

  // MARK: - Files

  @Test func missingTruncatedAndEmptyFiles() throws {
    let folder = try TemporaryFolder(), name = position.caseName
    try position.write(to: folder.path("good"), original: folder.path("original"))
    let good = try folder.bytes("good")
    try folder.write(good.prefix(good.count / 2), to: "truncated")
    try folder.write(Data(), to: "empty")
    for file in ["missing", "truncated", "empty"] {
      let path = folder.path(file)
      let error = try #require(throws: HDF5Error.self) { try GoldenReader.read(caseNamed: name, from: path) }
      #expect(error.operation == "open the file" && "\(error)".contains(path))
    }
  }

  @Test func otherFormatAndNewerVersion() throws {
    var other = position
    other.attributes["/format"] = .text("netcdf")
    try other.expectMalformed("/", "netcdf", GoldenFormat.name)
    var newer = position
    newer.attributes["/format_version"] = .int(GoldenFormat.version + 1)
    let error = try newer.error()
    guard case GoldenError.newerFormat(let path, let version, let supported) = error else { return record(error) }
    #expect(path.hasSuffix("doctored.h5") && version == supported + 1 && supported == GoldenFormat.version)
  }

  // MARK: - Datasets

  @Test(arguments: ["q", "k", "position_ids", "expected_q", "expected_k", "cos", "sin", "table_rows"])
  func missingDataset(_ name: String) throws {
    var doctored = table
    doctored.datasets[name] = .missing
    try expectRefused(doctored, "open dataset \(name)")
  }

  @Test(arguments: ["q", "k", "position_ids", "expected_q", "expected_k", "cos", "sin", "table_rows"])
  func datasetOfAnotherTypeOrShape(_ name: String) throws {
    var doctored = table
    doctored.datasets[name] = .int32([1, 2, 3], shape: [3])
    try expectRefused(doctored, "/\(name)", "found int32 [3]", "expected ")
    let shape = try #require(Self.shapes[name]), count = shape.reduce(1, *)
    // Rows are int32, and nothing else is.
    let isRows = name == "table_rows"
    doctored.datasets[name] =
      isRows
      ? .int64(Array(repeating: 1, count: count), shape: shape)
      : .int32(Array(repeating: 1, count: count), shape: shape)
    try expectRefused(doctored, "/\(name)", "found int\(isRows ? 64 : 32) \(shape)")
  }

  private static let shapes = [
    "q": [1, 5, 2, 128], "k": [1, 5, 1, 128], "position_ids": [1, 5], "expected_q": [1, 5, 2, 128],
    "expected_k": [1, 5, 1, 128], "cos": [5, 32], "sin": [5, 32],
    "table_rows": [1, 5],
  ]

  @Test("float16 and bfloat16 are not taken for each other")
  func sixteenBitTypes() throws {
    var doctored = table
    doctored.datasets["q"] = .unwritten(.float16, shape: [1, 5, 2, 128])
    try expectRefused(doctored, "/q", "expected bfloat16", "found float16")
  }

  @Test("A shape of 2^40 elements is refused before memory for them is taken")
  func hugeShape() throws {
    var doctored = position
    doctored.datasets["q"] = .unwritten(.float32, shape: [1, 1 << 33, 1, 128])
    try expectRefused(doctored, "/q", "found float32 [1, 8589934592, 1, 128]")
    // If the workload says the same size, only the missing storage shows the fault.
    let workload = Workload("single-token", .singleToken, batch: 1 << 16, sequence: 1 << 15, heads: (4, 1))
    doctored.attributes["workload"] = .text(try GoldenFormat.json(workload))
    doctored.datasets["position_ids"] = .unwritten(.int64, shape: [1 << 16, 1 << 15])
    doctored.datasets["q"] = .missing
    try expectRefused(doctored, "/position_ids", "it was never written")
  }

  @Test("A workload of more than 2^40 elements, or of counts that overflow")
  func hugeWorkload() throws {
    for (counts, words) in [((1 << 24, 1 << 24), "2^40"), ((1 << 40, 1), "2^24"), ((Int.max, Int.max), "2^24")] {
      var doctored = position
      let workload = Workload("single-token", .singleToken, batch: counts.0, sequence: counts.1, heads: (3, 2))
      doctored.attributes["workload"] = .text(try GoldenFormat.json(workload))
      try doctored.expectMalformed("", words)
    }
  }

  // MARK: - Contents of datasets

  @Test(arguments: [1 << 31, -(1 << 31), Int64.max, Int64.min])
  func positionBeyondTheRange(_ value: Int64) throws {
    var doctored = position
    doctored.datasets["position_ids"] = .int64([value], shape: [1, 1])
    try doctored.expectMalformed("/position_ids", "\(value)", "2147483647")
  }

  @Test(
    "Boundaries of packed sequences that do not fit their lengths",
    arguments: [[0, 3, 4, 4, 9, 12], [1, 4, 5, 5, 10, 12], [0, 3, 5, 4, 9, 11], [0, .max, 4, 4, 9, .min]] as [[Int32]])
  func boundaries(_ starts: [Int32]) throws {
    var doctored = packed
    doctored.datasets["cu_seqlens"] = .int32(starts, shape: [6])
    try doctored.expectMalformed("/cu_seqlens", "\(starts)", "[3, 1, 0, 5, 2]")
  }

  @Test func missingBoundaries() throws {
    var doctored = packed
    doctored.datasets["cu_seqlens"] = .missing
    try expectRefused(doctored, "open dataset cu_seqlens")
  }

  @Test("A stored plan is that of the configuration", arguments: ["in", "out", "axis"])
  func otherPlan(_ name: String) throws {
    var doctored = position
    let pairs = name == "axis" ? Array(repeating: Int32(1), count: 32) : (0..<64).map { Int32($0) }
    doctored.datasets["/plan/\(name)"] = .int32(pairs, shape: name == "axis" ? [32] : [32, 2])
    try doctored.expectMalformed("/plan", "the plan that follows from the configuration")
  }

  @Test("Every token has a row that the table has", arguments: [-1, 5] as [Int32])
  func rowBeyondTable(_ row: Int32) throws {
    var doctored = table
    doctored.datasets["table_rows"] = .int32([0, 1, 2, 3, row], shape: [1, 5])
    try doctored.expectMalformed("/table_rows", "it has row \(row), but cos has 5 rows")
  }
}
