import Foundation
import RoPE
import Testing

@testable import Goldens
@testable import Models

@Suite struct FixtureGeneratorTests {
  private let generator = FixtureGenerator(models: [.smallUnrotated])
  private let file = "small-unrotated.h5"

  private func kinds(_ changes: [FixtureGenerator.FileChange]) -> [String: FixtureGenerator.FileChange.Kind] {
    Dictionary(uniqueKeysWithValues: changes.map { ($0.name, $0.kind) })
  }

  @Test("Generated twice, nothing changes; what a killed run left behind does no harm")
  func twice() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("half a file".utf8), to: "\(file).tmp")
    #expect(kinds(try generator.generate(into: folder.path)) == [file: .new, "MANIFEST.json": .new])
    let before = try [folder.bytes(file), folder.bytes("MANIFEST.json")]
    #expect(kinds(try generator.generate(into: folder.path)) == [file: .unchanged, "MANIFEST.json": .unchanged])
    #expect(try [folder.bytes(file), folder.bytes("MANIFEST.json")] == before)
    #expect(kinds(try generator.check(folder.path)) == [file: .unchanged, "MANIFEST.json": .unchanged])
    #expect(try folder.names() == ["MANIFEST.json", file])
    let fixtures = try Fixtures(path: folder.path)
    #expect(fixtures.manifest.files.map(\.byteCount) == [before[0].count])
    for entry in fixtures.manifest.cases {
      #expect(try fixtures.golden(named: entry.name).goldenCase.name == entry.name)
    }
  }

  @Test("Check finds a changed byte, a missing and an unknown file, and changes nothing")
  func check() throws {
    let folder = try TemporaryFolder()
    #expect(kinds(try generator.check(folder.path)) == [file: .new, "MANIFEST.json": .new])
    #expect(try folder.names() == [])
    _ = try generator.generate(into: folder.path)
    var bytes = try folder.bytes(file)
    bytes[bytes.count - 1] ^= 1
    try folder.write(bytes, to: file)
    try folder.write(Data(), to: "stranger.h5")
    #expect(
      kinds(try generator.check(folder.path)) == [file: .changed, "MANIFEST.json": .unchanged, "stranger.h5": .unknown])
    #expect(try folder.bytes(file) == bytes)
    #expect(try folder.names() == ["MANIFEST.json", file, "stranger.h5"])
    #expect(kinds(try generator.generate(into: folder.path))[file] == .changed)
    #expect(kinds(try generator.check(folder.path))[file] == .unchanged)
  }

  @Test("A generation that fails leaves what was there and nothing half written")
  func failure() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("file".utf8), to: "regular")
    #expect(throws: GoldenError.self) { try generator.generate(into: folder.path("regular/below")) }
    // A folder in the place of the second file: the first is written by then, the manifest is not.
    let old = try FixtureGenerator(models: [.smallUnrotated]).generate(into: folder.path).map(\.name)
    let manifest = try folder.bytes("MANIFEST.json")
    let other = Model(name: "other", source: "tests", configuration: .withoutRoPE(headDimension: 2))
    try FileManager.default.createDirectory(atPath: folder.path("other.h5/kept"), withIntermediateDirectories: true)
    let error = #expect(throws: GoldenError.self) {
      try FixtureGenerator(models: [.smallUnrotated, other]).generate(into: folder.path)
    }
    #expect(error?.description.contains("cannot write '\(folder.path("other.h5"))'") == true)
    #expect(try folder.bytes("MANIFEST.json") == manifest)
    #expect(try folder.names() == (old + ["other.h5", "regular"]).sorted())
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("other.h5")) == ["kept"])
    #expect(kinds(try generator.check(folder.path))[file] == .unchanged)
  }
}
