import Foundation
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite struct FixtureGeneratorTests {
  /// The smallest of the models.
  private let models: [Model]

  init() throws { models = [try Model.named("gpt2")] }

  private func kinds(_ changes: [FixtureGenerator.FileChange]) -> [String: FixtureGenerator.FileChange.Kind] {
    Dictionary(uniqueKeysWithValues: changes.map { ($0.name, $0.kind) })
  }

  @Test func firstRunIsNewAndSecondRunChangesNothing() throws {
    let folder = try TemporaryFolder(), generator = FixtureGenerator(models)
    #expect(try kinds(generator.generate(into: folder.path)) == ["gpt2.h5": .new, "MANIFEST.json": .new])
    let first = folder.content()
    #expect(Set(first.keys) == ["gpt2.h5", "MANIFEST.json"])
    #expect(try kinds(generator.generate(into: folder.path)) == ["gpt2.h5": .unchanged, "MANIFEST.json": .unchanged])
    #expect(folder.content() == first)
    let fixtures = try Fixtures(path: folder.path)
    #expect(fixtures.manifest.cases.map(\.name) == Recipe.all(for: models[0]).map(\.goldenCase.name))
    for name in fixtures.manifest.cases.map(\.name) {
      #expect(try fixtures.golden(named: name).goldenCase.name == name)
    }
    #expect(fixtures.manifest.files.map(\.byteCount) == [first["gpt2.h5"]?.count])
  }

  @Test func progressReachesTheTotal() throws {
    let folder = try TemporaryFolder(), total = Recipe.all(for: models[0]).count
    nonisolated(unsafe) var steps: [[Int]] = []
    _ = try FixtureGenerator(models) { steps.append([$0, $1]) }.generate(into: folder.path)
    #expect(steps.last == [total, total])
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0[0] < $1[0] && $1[1] == total })
  }

  @Test("check finds each kind of difference and changes nothing")
  func checkFinds() throws {
    let folder = try TemporaryFolder(), generator = FixtureGenerator(models)
    _ = try generator.generate(into: folder.path)
    #expect(try kinds(generator.check(folder.path)) == ["gpt2.h5": .unchanged, "MANIFEST.json": .unchanged])
    let good = try folder.bytes("gpt2.h5")

    var damaged = good
    damaged[good.count - 1] ^= 1
    try folder.write(damaged, to: "gpt2.h5")
    try folder.write(Data("?".utf8), to: "stranger.h5")
    try folder.write(Data("?".utf8), to: "notes.txt")
    let before = folder.content()
    #expect(
      try kinds(generator.check(folder.path))
        == ["gpt2.h5": .changed, "MANIFEST.json": .unchanged, "stranger.h5": .unknown])
    #expect(folder.content() == before)

    try FileManager.default.removeItem(atPath: folder.path("gpt2.h5"))
    try folder.write(Data(), to: "MANIFEST.json")
    #expect(
      try kinds(generator.check(folder.path))
        == ["gpt2.h5": .new, "MANIFEST.json": .changed, "stranger.h5": .unknown])
    #expect(Set(folder.content().keys) == ["MANIFEST.json", "stranger.h5", "notes.txt"])
  }

  /// A folder whose manifest lists two other models, one on each side of gpt2.
  private func writeManifest(in folder: borrowing TemporaryFolder) throws -> [Manifest.File] {
    _ = try FixtureGenerator(models).generate(into: folder.path)
    let mine = try Fixtures(path: folder.path).manifest.files[0]
    let others = ["a.h5", "z.h5"].map { Manifest.File(name: $0, sha256: "0", byteCount: 1, cases: []) }
    let files = [others[0], mine, others[1]]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let manifest = Manifest(formatVersion: GoldenFormat.version, files: files)
    try folder.write(encoder.encode(manifest) + Data("\n".utf8), to: "MANIFEST.json")
    return files
  }

  @Test("Other entries of the manifest stay, and stay where they are")
  func keepsOthers() throws {
    let folder = try TemporaryFolder()
    let files = try writeManifest(in: folder)
    let keeping = FixtureGenerator(models, keepsOthers: true)
    #expect(try kinds(keeping.generate(into: folder.path)) == ["gpt2.h5": .unchanged, "MANIFEST.json": .unchanged])
    #expect(try Fixtures(path: folder.path).manifest.files == files)
    _ = try FixtureGenerator(models).generate(into: folder.path)
    #expect(try Fixtures(path: folder.path).manifest.files == [files[1]])
  }

  @Test("A manifest that cannot be read is not replaced where its other entries would be lost")
  func keepsUnreadableManifest() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("{".utf8), to: "MANIFEST.json")
    #expect(throws: GoldenError.self) {
      try FixtureGenerator(models, keepsOthers: true).generate(into: folder.path)
    }
    #expect(folder.content() == ["MANIFEST.json": Data("{".utf8)])
  }

  @Test func aLeftoverTemporaryFileDoesNoHarm() throws {
    let folder = try TemporaryFolder(), generator = FixtureGenerator(models)
    try folder.write(Data("half a file".utf8), to: "gpt2.h5.0123456789abcdef.tmp")
    try folder.write(Data("half a manifest, longer than none".utf8), to: "MANIFEST.json.0123456789abcdef.tmp")
    _ = try generator.generate(into: folder.path)
    #expect(Set(folder.content().keys) == ["gpt2.h5", "MANIFEST.json"])
    #expect(try kinds(generator.check(folder.path)) == ["gpt2.h5": .unchanged, "MANIFEST.json": .unchanged])
  }
}
