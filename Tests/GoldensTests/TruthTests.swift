import Foundation
import Models
import Reference
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite("Inputs and exact outputs, read and computed") struct TruthTests {
  /// Every layout, storage, pattern and direction, with several rows, tokens and heads if possible.
  private static let workloads: [PlacedWorkload] = [
    .prompt, .batch, .batchEqualRows, .batchDecode, .ragged, .fused, .fusedInPlace, .headsFirst, .headsFirstInPlace,
    .misaligned, .channelsApart, .cancellation, .subnormal, .nonFinite, .backward, headsFirst(.equalRows),
    headsFirst(.cancellation), headsFirst(.largest), headsFirst(.overflowEdge), headsFirst(.overflowingProducts),
    headsFirst(.specialCopies),
  ]

  /// Places heads before tokens in memory, with inputs of a pattern that depends on rows or tokens.
  private static func headsFirst(_ pattern: Workload.Pattern) -> PlacedWorkload {
    PlacedWorkload(
      Workload(
        "bhsd-\(pattern.rawValue)", .strided, batch: 2, sequence: 3, heads: (5, 4), layout: .bhsd, pattern: pattern),
      [3, 70, 900, 3, 70, 900])
  }

  private static func recipe(_ placed: PlacedWorkload, _ kind: Recipe.Kind = (.bfloat16, .position, nil)) throws
    -> Recipe
  {
    // DeepSeek-V3 pairs its outputs in another way than its inputs, from an offset.
    Recipe.recipe(try Model.named("deepseek-v3"), placed, kind)
  }

  @Test("The workloads have every layout, pattern and storage, but for the padded one, which only the array has")
  func covers() {
    let workloads = Self.workloads.map(\.workload)
    #expect(Set(workloads.map(\.layout)) == Set(Layout.allCases))
    #expect(Set(workloads.map(\.storage)) == Set(Workload.Storage.allCases).subtracting([.padded]))
    #expect(Set(workloads.map(\.pattern)) == Set(Workload.Pattern.allCases))
    #expect(Set(workloads.map(\.direction)) == Set(Direction.allCases))
  }

  @Test("What is computed is what is stored, row by row", arguments: workloads.indices)
  func computedIsStored(_ index: Int) throws {
    let recipe = try Self.recipe(Self.workloads[index])
    let computed = try Golden(computing: recipe), stored = try Golden(storing: recipe)
    guard case .computed = computed.content, case .stored = stored.content else {
      Issue.record("\(recipe.goldenCase.name)")
      return
    }
    for tensor in computed.tensors {
      let all = computed.truth.rows(tensor.name, 0..<tensor.tokenCount)
      try expect(stored.truth.rows(tensor.name, 0..<tensor.tokenCount), equals: all)
      // Some tokens have the same expected rows as among all, and inputs read row by row are the same.
      let tokens = tensor.tokenCount / 3..<tensor.tokenCount, size = tensor.heads * computed.plan.headDimension
      for golden in [computed, stored] {
        let some = golden.truth.rows(tensor.name, tokens)
        #expect(some.expected.map(\.bitPattern) == all.expected.dropFirst(tokens.lowerBound * size).map(\.bitPattern))
        #expect(try input(of: golden, tensor) == all.input.bytes)
      }
    }
  }

  @Test("A file's rows are those that are computed now", arguments: ["glm-4.5", "chatglm-6b", "gpt2", "dinov3-vits16"])
  func fileIsComputed(_ name: String) throws {
    let fixtures = try Fixtures(path: packageRoot.appending(path: "Fixtures").path)
    let recipes = Recipe.all(for: try Model.named(name)).filter { !$0.goldenCase.workload.isSampled }
    var seen: Set<String> = []
    for recipe in recipes where seen.insert(recipe.goldenCase.workload.name).inserted {
      let read = try fixtures.golden(named: recipe.goldenCase.name), computed = try Golden(computing: recipe)
      for tensor in computed.tensors {
        try expect(
          read.truth.rows(tensor.name, 0..<tensor.tokenCount),
          equals: computed.truth.rows(tensor.name, 0..<tensor.tokenCount))
      }
    }
    #expect(!seen.isEmpty)
  }

  private func expect(_ found: ExactRows, equals expected: ExactRows) throws {
    #expect(found.input == expected.input)
    #expect(found.values.map(\.bitPattern) == expected.values.map(\.bitPattern))
    #expect(found.expected.map(\.bitPattern) == expected.expected.map(\.bitPattern))
  }

  /// The inputs of a tensor, a row at a time.
  private func input(of golden: Golden, _ tensor: TensorExtent) throws -> [UInt8] {
    let size = golden.plan.headDimension * golden.goldenCase.elementType.byteCount
    return (0..<tensor.tokenCount * tensor.heads).flatMap { row in
      var bytes = [UInt8](repeating: 0, count: size)
      bytes.withUnsafeMutableBytes {
        golden.truth.input(
          RowIndex(tensor: tensor.name, token: row / tensor.heads, head: row % tensor.heads), into: $0)
      }
      return bytes
    }
  }

  @Test("Equal rows of a batch are equal in every layout, and rows of other patterns are not")
  func equalRows() throws {
    for (placed, isEqual) in [
      (PlacedWorkload.batchEqualRows, true), (Self.headsFirst(.equalRows), true), (.batch, false),
    ] {
      let golden = try Golden(computing: Self.recipe(placed)), sequence = placed.workload.sequence
      for tensor in golden.tensors {
        let first = golden.truth.rows(tensor.name, 0..<sequence)
        let second = golden.truth.rows(tensor.name, sequence..<2 * sequence)
        #expect((first.input == second.input) == isEqual)
        #expect((first.expected == second.expected) == isEqual)
        #expect(golden.truth.rows(tensor.name, 0..<1).input != golden.truth.rows(tensor.name, 1..<2).input)
      }
    }
  }

  @Test("The extents of the tensors, and an element's place in them")
  func extents() throws {
    let golden = try Golden(computing: Self.recipe(.batch))
    #expect(golden.tensors.map(\.name) == [.query, .key] && golden.tensors.map(\.heads) == [5, 1])
    #expect(golden.tensors.allSatisfy { $0.tokenCount == 6 && $0.positions == golden.positions })
    let element = golden.tensors[0].element(token: 5, head: 3, channel: 7)
    #expect(element == ElementIndex(batch: 2, token: 1, head: 3, channel: 7))
  }

  @Test("A stored row of a sampled case that is not the exact one is told, with its token")
  func verify() throws {
    let placed = PlacedWorkload(
      Workload("long", .largeSequence, sequence: 9, heads: (2, 1), isSampled: true), Array(0..<9))
    let golden = try Golden(storing: Self.recipe(placed))
    guard case .computed(let truth) = golden.content, let samples = truth.samples else {
      Issue.record("not sampled")
      return
    }
    try golden.truth.verify()
    #expect(samples.tokens == [0, 1, 2, 3, 4, 7, 8])
    var expected = samples.expected
    // The second head of token 4 of Q: the fifth sample.
    let element = (4 * 2 + 1) * 192 + 150
    expected.query[element] = expected.query[element].nextUp
    let doctored = ComputedTruth(
      golden.goldenCase, plan: golden.plan, angles: golden.angles,
      samples: ComputedTruth.Samples(tokens: samples.tokens, expected: expected))
    #expect(throws: GoldenError.sampledRow(caseName: golden.goldenCase.name, token: 4)) { try doctored.verify() }
  }
}
