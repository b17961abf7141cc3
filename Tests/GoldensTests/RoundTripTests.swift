import Foundation
import RoPE
import Testing

@testable import Goldens
@testable import Models

@Suite struct RoundTripTests {
  @Test("What was written is read back, in every contract, type, layout and pattern")
  func writeAndRead() throws {
    let folder = try TemporaryFolder()
    let recipes = Recipe.all(for: .small) + [.smallSampled]
    let kinds = Set(recipes.map { "\($0.goldenCase.contract) \($0.goldenCase.tableType?.rawValue ?? "")" })
    #expect(kinds == ["position ", "frequency ", "unrotated ", "table float32", "table float16", "table bfloat16"])
    #expect(Set(recipes.map(\.goldenCase.workload.layout)) == Set(Layout.allCases))
    #expect(Set(recipes.map(\.goldenCase.workload.pattern)) == Set(Workload.Pattern.allCases))
    let goldens = try recipes.map { try GoldenGenerator.golden(for: $0) }
    try GoldenWriter.write(goldens, of: .small, to: folder.path("a.h5"))
    let different = try goldens.filter { golden in
      try !GoldenReader.read(caseNamed: golden.goldenCase.name, from: folder.path("a.h5")).hasSameBits(as: golden)
    }
    #expect(different.map(\.goldenCase.name) == [])
    // Attributes and datasets are made in the same order with the same padding.
    try GoldenWriter.write(goldens, of: .small, to: folder.path("b.h5"))
    #expect(try folder.bytes("a.h5") == folder.bytes("b.h5"))
  }

  @Test("Rows of equal-rows inputs are equal, and heads within a row are not")
  func equalRows() throws {
    let golden = try GoldenGenerator.golden(for: .small(.batchEqualRows, .float32, .position))
    guard case .stored(let tensors) = golden.content else { throw GoldenError.unknownCase(name: "", closest: []) }
    let row = Array(tensors.query.bytes.prefix(tensors.query.bytes.count / 3))
    #expect(tensors.query.bytes == row + row + row)
    #expect(row.prefix(row.count / 2) != row.suffix(row.count / 2))
  }
}
