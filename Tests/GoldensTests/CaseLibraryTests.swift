import Foundation
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite("The cases that a run can have") struct CaseLibraryTests {
  private static let million = "glm-4-9b-chat/f32/million/position"

  private func makeFixtures(in folder: String) throws -> Fixtures {
    _ = try FixtureGenerator([Model.named("gpt2")]).generate(into: folder)
    return try Fixtures(path: folder)
  }

  @Test("A folder of a user's goldens has its own cases alone")
  func own() throws {
    let folder = try TemporaryFolder(), library = try CaseLibrary(makeFixtures(in: folder.path))
    #expect(library.entries == library.fixtures.manifest.cases)
    #expect(library.largeCases.isEmpty)
    let name = try #require(library.entries.first?.name)
    #expect(try library.golden(named: name).goldenCase.name == name)
    #expect(throws: GoldenError.self) { try library.golden(named: Self.million) }
    #expect(throws: GoldenError.self) { try library.goldenCase(named: Self.million) }
    #expect(library.files.map(\.name) == ["gpt2.h5"] && library.files.allSatisfy(\.isStored))
  }

  @Test("The package's goldens come with the covering array, and no case of the default run is large")
  func standard() throws {
    let library = try CaseLibrary(Fixtures(path: packageRoot.appending(path: "Fixtures").path))
    let stored = library.fixtures.manifest.cases, standard = try ComputedCases.standard.map(\.goldenCase.name)
    #expect(library.entries.prefix(stored.count) == stored[...])
    #expect(library.entries.dropFirst(stored.count).map(\.name) == standard)
    #expect(library.largeCases.isEmpty)
  }

  @Test("The full tier has larger ones behind them, of which nothing is held")
  func full() throws {
    let folder = try TemporaryFolder(), library = try CaseLibrary(makeFixtures(in: folder.path), tier: .full)
    let stored = library.fixtures.manifest.cases, full = try ComputedCases.full(), standard = try ComputedCases.standard
    #expect(
      library.entries.map(\.name)
        == stored.map(\.name) + (standard + full).map(\.goldenCase.name))
    let golden = try library.golden(named: Self.million)
    guard case .computed(let truth) = golden.content else {
      Issue.record("\(Self.million) is stored")
      return
    }
    #expect(truth.samples == nil && golden.positions.tokenCount == 1 << 20)
    #expect(try library.goldenCase(named: Self.million) == golden.goldenCase)
    #expect(library.largeCases.contains(Self.million))
    let last = (1 << 20) - 1, rows = truth.rows(.key, last..<last + 1)
    #expect(rows.expected.count == 128 && rows.input.count == 128)
    // Offsets exceed 32 bits in elements, and are twice as large in bytes.
    let largest = try #require(library.entries.max { $0.elementCount < $1.elementCount })
    #expect(largest.elementCount == (1 << 20) * 18 * 128 && (1 << 20) * 17 * 128 > 1 << 31)
    #expect(library.files.first?.name == "gpt2.h5")
    #expect(library.files.contains { $0.name == "glm-4-9b-chat.h5" && $0.caseNames.contains(Self.million) })
    #expect(library.files.count { $0.isStored } == 1)
  }

  @Test("A case that neither has is an error that names the nearest")
  func unknown() throws {
    let folder = try TemporaryFolder(), library = try CaseLibrary(makeFixtures(in: folder.path), tier: .full)
    let error = try #require(throws: GoldenError.self) { try library.golden(named: "gpt2/f32/single-tokens/none") }
    #expect("\(error)".hasPrefix("no case 'gpt2/f32/single-tokens/none'; nearest: gpt2/f32/single-token/none, "))
  }
}
