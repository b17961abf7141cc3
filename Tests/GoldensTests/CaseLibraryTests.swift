import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite("The cases that a run can have") struct CaseLibraryTests {
  private static let computed = [
    "glm-4-9b-chat/f32/million/position", "glm-4-9b-chat/bf16/beyond-int32/position",
  ]

  private func makeFixtures(in folder: String) throws -> Fixtures {
    _ = try FixtureGenerator([Model.named("gpt2")]).generate(into: folder)
    return try Fixtures(path: folder)
  }

  @Test("The default tier has the cases of files alone")
  func stored() throws {
    let folder = try TemporaryFolder(), library = try CaseLibrary(makeFixtures(in: folder.path))
    #expect(library.entries == library.fixtures.manifest.cases)
    #expect(!library.entries.contains { library.isComputed($0.name) })
    let name = try #require(library.entries.first?.name)
    #expect(try library.golden(named: name).goldenCase.name == name)
    #expect(throws: GoldenError.self) { try library.golden(named: Self.computed[0]) }
    #expect(throws: GoldenError.self) { try library.goldenCase(named: Self.computed[0]) }
    #expect(library.files.map(\.name) == ["gpt2.h5"] && library.files.allSatisfy(\.isStored))
  }

  @Test("The full tier has computed ones behind them, of which nothing is held")
  func full() throws {
    let folder = try TemporaryFolder(), library = try CaseLibrary(makeFixtures(in: folder.path), tier: .full)
    let stored = library.fixtures.manifest.cases
    #expect(library.entries.prefix(stored.count).map(\.name) == stored.map(\.name))
    let computed = library.entries.dropFirst(stored.count)
    #expect(
      computed.allSatisfy { library.isComputed($0.name) } && Set(computed.map(\.name)).isSuperset(of: Self.computed))
    for name in Self.computed {
      let golden = try library.golden(named: name)
      guard case .computed(let truth) = golden.content else {
        Issue.record("\(name) is stored")
        continue
      }
      #expect(truth.samples == nil && golden.goldenCase.name == name && golden.positions.tokenCount == 1 << 20)
      #expect(try library.goldenCase(named: name) == golden.goldenCase)
      let last = (1 << 20) - 1, rows = truth.rows(.key, last..<last + 1)
      #expect(rows.expected.count == 128 && rows.input.count == 128)
    }
    // Offsets exceed 32 bits in elements, and are twice as large in bytes.
    let largest = try #require(library.entries.max { $0.elementCount < $1.elementCount })
    #expect(largest.elementCount == (1 << 20) * 18 * 128 && (1 << 20) * 17 * 128 > 1 << 31)
    #expect(library.files.prefix(2).map(\.name) == ["gpt2.h5", "glm-4-9b-chat.h5"])
    #expect(library.files.map(\.isStored).prefix(2) == [true, false])
    #expect(Set(library.files[1].caseNames).isSuperset(of: Self.computed))
  }

  @Test("A case that neither has is an error that names the nearest")
  func unknown() throws {
    let folder = try TemporaryFolder(), library = try CaseLibrary(makeFixtures(in: folder.path), tier: .full)
    let error = try #require(throws: GoldenError.self) { try library.golden(named: "gpt2/f32/single-tokens/none") }
    #expect("\(error)".hasPrefix("no case 'gpt2/f32/single-tokens/none'; nearest: gpt2/f32/single-token/none, "))
  }
}
