import Models
import RoPE
import Testing

@testable import Goldens

@Suite struct CatalogueTests {
  private let recipes: [Recipe]

  init() throws { recipes = try Model.bundled.flatMap { Recipe.all(for: $0) } }

  @Test("A case that claims to catch a bug has elements, and is valid")
  func flagged() throws {
    let flagged = try (recipes + ComputedCases.standard).map(\.goldenCase).filter { !$0.flags.isEmpty }
    #expect(flagged.contains { $0.workload.name == "more-keys" })
    #expect(flagged.allSatisfy { $0.workload.rowCount > 0 && $0.workload.invalidValue == nil })
    #expect(!flagged.contains { $0.section == .coveringArray })
  }

  @Test func namesAreUniqueAndOfFourParts() {
    let names = recipes.map(\.goldenCase.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.split(separator: "/").count == 4 })
  }

  @Test("Lengths at which a formula switches have cases of their own, and positions of 31 bits, at both ends")
  func lengths() throws {
    let kept = Set([1, 2, 4096, 1 << 30])
    for scaling in kept.flatMap({ length -> [FrequencyScaling] in
      let factors = Array(repeating: 1.0, count: 2)
      return [.dynamic(factor: 2, maxPositionEmbeddings: length)]
        + (length == 1
          ? []
          : [
            .longrope(
              FrequencyScaling.LongRoPE(
                shortFactor: factors, longFactor: factors, originalMaxPositionEmbeddings: length, factor: 2))
          ])
    }) {
      let configuration = Configuration(
        headDimension: 4, rotaryDimension: 4, pairing: .half, base: 1e4, scaling: scaling)
      try configuration.validate()
      let plan = ExplicitPlan(
        headDimension: 4, pairs: .rule(.half, output: .half, count: 2, offset: 0), axes: [0, 0], axisCount: 1,
        frequencies: .formula(base: 1e4, dimension: 4, scaling))
      let recipes = Recipe.all(for: Model(name: "mine", source: "a test", convention: .explicit(plan)))
      #expect(Set(recipes.map(\.goldenCase.name)).count == recipes.count, "\(scaling)")
      #expect(recipes.flatMap(\.positions.values).allSatisfy { $0.magnitude < 0x1p31 }, "\(scaling)")
      for recipe in recipes where recipe.goldenCase.workload.name.hasPrefix("length-") {
        #expect(recipe.goldenCase.workload.name == "length-\(recipe.positions.length)")
      }
    }
  }

  @Test("Every section, layout, storage and pattern has a case in every element type")
  func covers() throws {
    for type in ElementType.allCases {
      let cases = try (recipes + ComputedCases.standard).map(\.goldenCase).filter { $0.elementType == type }
      #expect(Set(cases.map(\.section)) == Set(Workload.Section.allCases), "\(type)")
      #expect(Set(cases.map(\.workload.layout)) == Set(Layout.allCases), "\(type)")
      #expect(Set(cases.map(\.workload.storage)) == Set(Workload.Storage.allCases), "\(type)")
      #expect(Set(cases.map(\.workload.pattern)) == Set(Workload.Pattern.allCases), "\(type)")
    }
  }

  @Test("Every placement in memory meets every contract in some model")
  func coversContracts() {
    for name in Recipe.placements.map(\.workload.name) {
      let cases = recipes.map(\.goldenCase).filter { $0.workload.name == name && $0.contract != .unrotated }
      #expect(Set(cases.map(\.contract)) == [.table, .frequency, .position], "\(name)")
    }
  }

  @Test("No two axes of a position agree, whatever the workload")
  func axesOfPositionsDiffer() {
    for placed in Recipe.placements + [.far, .positionsExtreme, .positionPatterns] {
      for count in 2...4 {
        let positions = placed.positions(axisCount: count), tokenCount = placed.workload.tokenCount
        #expect((0..<tokenCount).map { positions[0, $0] } == placed.positions.map(Double.init))
        for token in 0..<tokenCount {
          #expect(Set(positions.coordinates(ofToken: token)).count == count)
        }
        #expect(positions.values.allSatisfy { $0.magnitude < 0x1p31 })
      }
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
        let axisCount = recipe.goldenCase.convention.axisCount
        #expect(recipe.positions.axisCount == axisCount, "\(workload.name)")
        #expect(recipe.positions.tokenCount == workload.tokenCount, "\(workload.name)")
        if let lengths = workload.sequenceLengths { #expect(lengths.reduce(0, +) == workload.sequence) }
      }
    }
  }

  @Test("Every published bug has an id of its own, and a case that it fails or a reason why none can")
  func bugs() {
    #expect(Bug.all.map(\.id) == (1...72).map { $0 < 10 ? "B0\($0)" : "B\($0)" })
    for bug in Bug.all {
      let count = recipes.count { bug.fails($0.goldenCase) }
      #expect((count > 0) == (bug.unseenReason == nil), "\(bug.id)")
      #expect(count < recipes.count, "\(bug.id) is no more than a word for every case")
    }
  }

  @Test func samplesBothSidesOfEveryPowerOfTwo() {
    #expect(ComputedTruth.sampleTokens(of: 10) == [0, 1, 2, 3, 4, 7, 8, 9])
    #expect(ComputedTruth.sampleTokens(of: 1) == [0])
  }
}
