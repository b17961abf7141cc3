import Goldens
import Models
import RoPE
import Testing

@Suite struct CatalogueTests {
  private let recipes = Model.bundled.flatMap { Recipe.all(for: $0) }

  @Test func namesAreUniqueAndOfFourParts() {
    let names = recipes.map(\.goldenCase.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.split(separator: "/").count == 4 })
  }

  @Test("Every section, layout, storage and pattern has a case in every element type")
  func covers() {
    for type in ElementType.allCases {
      let cases = recipes.map(\.goldenCase).filter { $0.elementType == type }
      #expect(Set(cases.map(\.section)) == Set(Workload.Section.allCases), "\(type)")
      #expect(Set(cases.map(\.workload.layout)) == Set(Layout.allCases), "\(type)")
      #expect(Set(cases.map(\.workload.storage)) == Set(Workload.Storage.allCases), "\(type)")
      #expect(Set(cases.map(\.workload.pattern)) == Set(Workload.Pattern.allCases), "\(type)")
    }
  }

  @Test("Every placement meets every contract in some model, but for positions, of which a table has none")
  func coversContracts() {
    let rotating = recipes.map(\.goldenCase).filter { $0.contract != .unrotated && !$0.workload.isSampled }
    for name in Set(rotating.map(\.workload.name)).subtracting(["position-grid"]) {
      let contracts = Set(rotating.filter { $0.workload.name == name }.map(\.contract))
      #expect(contracts == [.table, .frequency, .position], "\(name)")
    }
  }

  @Test("Axes of one workload have different lengths, so that a swapped axis shows")
  func axesDiffer() {
    for workload in Set(recipes.map(\.goldenCase.workload.name)) {
      for recipe in recipes where recipe.goldenCase.workload.name == workload {
        let workload = recipe.goldenCase.workload
        #expect(workload.queryHeads != workload.keyHeads, "\(workload.name)")
        #expect(workload.sequence == 1 || workload.sequence != workload.queryHeads, "\(workload.name)")
        #expect(workload.batch == 1 || workload.batch != workload.sequence, "\(workload.name)")
        #expect(recipe.positions.count == workload.tokenCount, "\(workload.name)")
        if let lengths = workload.sequenceLengths { #expect(lengths.reduce(0, +) == workload.sequence) }
      }
    }
  }

  @Test func samplesBothSidesOfEveryPowerOfTwo() {
    #expect(SampledStream.sampleTokens(of: 10) == [0, 1, 2, 3, 4, 7, 8, 9])
    #expect(SampledStream.sampleTokens(of: 1) == [0])
  }
}
