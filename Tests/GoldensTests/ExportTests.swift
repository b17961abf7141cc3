import Files
import Foundation
import HDF5
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite("Inputs without what is expected") struct ExportTests {
  /// Everything in a group below a path: datasets with their bytes, attributes by name.
  private func content(of file: borrowing File, _ path: String) throws -> [String: [UInt8]] {
    let group = try file.root().group(path)
    var content: [String: [UInt8]] = [:]
    for name in try group.datasetNames() {
      let dataset = try group.dataset(name)
      var bytes = [UInt8](repeating: 0, count: dataset.elementCount * dataset.type.byteCount)
      try bytes.withUnsafeMutableBytes { try dataset.read(into: $0) }
      content["\(name) \(dataset.type) \(dataset.shape)"] = bytes
    }
    for name in try group.attributes().names() { content["@\(name)"] = [] }
    return content
  }

  /// Goldens of a few cases of a small model, in a folder.
  private func makeFixtures(in folder: String) throws -> Fixtures {
    let model = try Model.named("command-r7b-nope")
    _ = try FixtureGenerator([model, try Model.named("wan-2.1")]).generate(into: folder)
    return try Fixtures(path: folder)
  }

  @Test("A file has the layout of its golden file, but for the expected values")
  func layout() throws {
    let folder = try TemporaryFolder()
    let fixtures = try makeFixtures(in: folder.path("goldens"))
    let names = fixtures.manifest.cases.map(\.name)
    let written = try CaseLibrary(fixtures).exportInputs(of: names, into: folder.path("inputs"))
    #expect(written.map(\.caseCount) == fixtures.manifest.files.map(\.cases.count))
    for (file, export) in zip(fixtures.manifest.files, written) {
      let golden = try File(opening: "\(fixtures.path)/\(file.name)"), inputs = try File(opening: export.path)
      let root = try inputs.root()
      #expect(try root.attributes().string("role") == "inputs")
      #expect(try root.attributes().string("goldens") == fixtures.checksum)
      for name in ["format", "model", "source", "configuration"] {
        #expect(try root.attributes().string(name) == golden.root().attributes().string(name))
      }
      for name in file.cases.map(\.name) {
        let full = try content(of: golden, "cases/\(name)").filter { !$0.key.hasPrefix("expected") }
        #expect(try content(of: inputs, "cases/\(name)") == full)
        let plan = try root.group("cases/\(name)").attributes().string("plan")
        #expect(try content(of: inputs, plan) == content(of: golden, plan))
      }
    }
  }

  @Test("A sampled case has all that follows from its seed")
  func sampled() throws {
    let folder = try TemporaryFolder(), model = try Model.named("glm-4.5")
    // Not a multiple of the tokens written at a time.
    let workload = Workload("s", .largeSequence, sequence: 600, heads: (2, 1), isSampled: true)
    let goldenCase = Case(
      model: model.name, convention: model.convention, workload: workload, elementType: .bfloat16,
      contract: .position, tableType: nil)
    let golden = try Golden(
      storing: Recipe(goldenCase: goldenCase, positions: Positions((0..<600).map(Double.init))))
    var file = try InputsFile(creating: folder.path("inputs.h5"), goldens: "0a")
    try file.add(golden)
    try file.close()
    let content = try content(of: File(opening: folder.path("inputs.h5")), "cases/\(goldenCase.name)")
    for (key, tensor) in [("q bfloat16 [1, 600, 2, 128]", TensorName.query), ("k bfloat16 [1, 600, 1, 128]", .key)] {
      #expect(content[key] == golden.truth.rows(tensor, 0..<600).input.bytes)
    }
    let positions = (0..<Int64(600)).map { $0 }.withUnsafeBytes { Array($0) }
    #expect(content["position_ids int64 [1, 600]"] == positions)
    #expect(content.keys.count { !$0.hasPrefix("@") } == 3)
  }

  @Test("A computed case is written like a stored one in every layout, slab by slab", arguments: Layout.allCases)
  func computed(layout: Layout) throws {
    let folder = try TemporaryFolder(), model = try Model.named("glm-4.5")
    // Two slabs, or one; rows, tokens and heads differ in number.
    let workload = Workload(
      "s", .batch, batch: layout == .thd ? 1 : 2, sequence: 300, heads: (3, 2), layout: layout,
      sequenceLengths: layout == .thd ? [299, 1] : nil)
    let recipe = Recipe(
      goldenCase: Case(
        model: model.name, convention: model.convention, workload: workload, elementType: .float16,
        contract: .unrotated,
        tableType: nil), positions: Positions((0..<workload.tokenCount).map(Double.init)))
    func content(_ golden: Golden, _ name: String) throws -> [String: [UInt8]] {
      var file = try InputsFile(creating: folder.path(name), goldens: "0a")
      try file.add(golden)
      try file.close()
      return try self.content(of: File(opening: folder.path(name)), "cases/\(recipe.goldenCase.name)")
    }
    #expect(try content(Golden(computing: recipe), "computed.h5") == content(Golden(storing: recipe), "stored.h5"))
  }

  @Test("Models side by side in a file keep their plans apart")
  func plans() throws {
    let folder = try TemporaryFolder(), fixtures = try makeFixtures(in: folder.path("goldens"))
    let other = try FixtureGenerator([Model.named("gpt2")]).generate(into: folder.path("gpt2"))
    #expect(!other.isEmpty)
    let gpt2 = try Fixtures(path: folder.path("gpt2"))
    var file = try InputsFile(creating: folder.path("inputs.h5"), goldens: "0a")
    let goldens = try [
      fixtures.golden(named: #require(fixtures.manifest.files.first?.cases.first?.name)),
      fixtures.golden(named: #require(fixtures.manifest.files.last?.cases.first?.name)),
      gpt2.golden(named: #require(gpt2.manifest.cases.first?.name)),
    ]
    for golden in goldens { try file.add(golden) }
    try file.close()
    let inputs = try File(opening: folder.path("inputs.h5")), root = try inputs.root()
    let plans = try goldens.map { try root.group("cases/\($0.goldenCase.name)").attributes().string("plan") }
    #expect(plans == ["/plan-without-rope", "/plan", "/plan-without-rope-2"])
    for (golden, plan) in zip(goldens, plans) {
      #expect(try root.group(plan).attributes().int("head_dim") == golden.plan.headDimension)
    }
  }

  @Test("Nothing is left of a file that cannot be completed, and goldens are not replaced")
  func failures() throws {
    let folder = try TemporaryFolder(), fixtures = try makeFixtures(in: folder.path("goldens"))
    let names = fixtures.manifest.cases.map(\.name)
    #expect(throws: FileError.self) { try CaseLibrary(fixtures).exportInputs(of: names, into: fixtures.path) }
    let file = try #require(fixtures.manifest.files.last)
    try folder.write(Data("damaged".utf8), to: "goldens/\(file.name)")
    #expect(throws: (any Error).self) { try CaseLibrary(fixtures).exportInputs(of: names, into: folder.path("inputs")) }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path("inputs"))
    #expect(left == fixtures.manifest.files.dropLast().map(\.name))
  }
}
