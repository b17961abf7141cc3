import Devices
import Testing

@testable import RoPE

@Suite(.timeLimit(.minutes(30))) struct PlanRotationTests {
  private static let contracts = [Contract.table, .frequency, .position]
  private let launcher = PositionEmbeddings(device: .host, cache: KernelCache())

  private static let axes: [PositionAxes] = [
    .sections([3, 4, 5]), .sections([3, 2, 3, 4]), .interleavedSections([4, 4, 4]), .alternatingSections([4, 4, 4]),
    .blocks([6, 10, 8]),
    .slices([6, 10, 8]), .slices([12, 12]), .evenOdd, .alternating,
  ]

  /// Expects the trials of a plan, in place and not in place, to be right in every layout.
  private func expectRotated(
    _ plan: Plan, _ contract: Contract, _ elementType: ElementType, _ comment: @autoclosure () -> String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for isInPlace in [false, true] {
      for layout in [Layout.bshd, .bhsd] {
        let recipe = Recipe(elementType: elementType, contract: contract, layout: layout, isInPlace: isInPlace)
        let fault = try recipe.trial(of: plan).fault(on: launcher)
        #expect(fault == nil, "\(comment()), \(layout), in place: \(isInPlace)", sourceLocation: sourceLocation)
      }
    }
  }

  @Test(
    "Every kind of position axes, with positions that differ between them", arguments: contracts, ElementType.allCases)
  func positionAxes(contract: Contract, elementType: ElementType) throws {
    for axes in Self.axes {
      for input in Pairing.allCases {
        for output in Pairing.allCases {
          let configuration = Configuration(
            headDimension: 32, rotaryDimension: 24, rotaryOffset: 8, pairing: input, outputPairing: output, base: 1e4,
            attentionFactor: 1.25, axes: axes)
          try expectRotated(Plan(configuration), contract, elementType, "\(axes), \(input) to \(output)")
        }
      }
    }
  }

  @Test("Wide groups with several axes", arguments: contracts, ElementType.allCases)
  func wideAxes(contract: Contract, elementType: ElementType) throws {
    for pairing in Pairing.allCases {
      var configuration = Configuration.grouped(pairing)
      configuration.axes = .interleavedSections([6, 5, 5])
      try expectRotated(Plan(configuration), contract, elementType, "\(pairing)")
    }
  }

  /// The numbers 0 ..< count in an order that depends on the seed.
  private func shuffled(_ count: Int, seed: Int) -> [Int] {
    let keys = (0..<count).map { scattered(seed * 1_000 + $0) }
    return (0..<count).sorted { keys[$0] < keys[$1] }
  }

  /// Pairs the channels in the given order, the first `2 · count` of them.
  private func plan(input: [Int], output: [Int], count: Int, axisCount: Int) throws -> Plan {
    let table = FrequencyTable(base: 1e4, dimension: 2 * count, adjustment: .none)
    return try Plan(
      headDimension: input.count,
      pairs: (0..<count).map { pair in
        Plan.Pair(
          input: .init(first: input[2 * pair], second: input[2 * pair + 1]),
          output: .init(first: output[2 * pair], second: output[2 * pair + 1]), axis: pair * 5 % axisCount,
          frequency: Frequency(table: table, index: pair))
      }, attentionFactor: .value(0.75), axisCount: axisCount)
  }

  @Test("Any channels, some of which pass through", arguments: contracts, ElementType.allCases)
  func anyChannels(contract: Contract, elementType: ElementType) throws {
    for seed in 0..<6 {
      let input = shuffled(22, seed: seed)
      // Each pair writes what it reads, straight and crossed.
      try expectRotated(
        try plan(input: input, output: input, count: 8, axisCount: 3), contract, elementType, "seed \(seed), own")
      let crossed = input.indices.map { input[$0 ^ 1] }
      try expectRotated(
        try plan(input: input, output: crossed, count: 8, axisCount: 2), contract, elementType, "seed \(seed), crossed")
      // Pairs write what others read.
      let others = shuffled(16, seed: seed + 100).map { input[$0] }
      try expectRotated(
        try plan(input: input, output: others, count: 8, axisCount: 1), contract, elementType, "seed \(seed), others")
      let output = shuffled(22, seed: seed + 100)
      // All channels rotate.
      try expectRotated(
        try plan(input: input, output: output, count: 11, axisCount: 4), contract, elementType, "seed \(seed), all")
    }
  }

  @Test("The largest head in pairs of far channels", arguments: [false, true])
  func largestHead(isInPlace: Bool) throws {
    let plan = try plan(
      input: shuffled(1_024, seed: 1), output: shuffled(1_024, seed: 2), count: 512, axisCount: 4)
    let recipe = Recipe(elementType: .bfloat16, isInPlace: isInPlace)
    #expect(try recipe.trial(of: plan).fault(on: launcher) == nil)
  }

  @Test("A frequency of zero leaves its pair as it is, bit for bit", arguments: [Contract.frequency, .position])
  func zeroFrequencies(contract: Contract) throws {
    for elementType in ElementType.allCases {
      let configuration = Configuration(
        headDimension: 32, rotaryDimension: 32, pairing: .half, base: 1e6,
        scaling: .proportional(partialRotaryFactor: 0.25, factor: 2))
      let recipe = Recipe(configuration: configuration, elementType: elementType, contract: contract)
      let trial = try recipe.trial()
      let after = try trial.run(on: launcher).contents
      #expect(trial.firstFault(in: after) == nil)
      // 4 of the 16 pairs turn.
      for element in 0..<2 * 3 * 3 * 32 where element % 16 >= 4 {
        #expect(after[1][8 + element] == trial.contents[0][8 + element])
      }
    }
  }

  @Test("Scaled frequencies and values of either sign")
  func adjusted() throws {
    let plan = try Plan(.ungrouped(.interleaved))
    for adjustment in [FrequencyTable.Adjustment.divided(by: 8), .values([0.5, 0, -1.75])] {
      let table = FrequencyTable(base: 1e4, dimension: 6, adjustment: adjustment)
      for contract in [Contract.frequency, .position] {
        try expectRotated(plan.with(table: table), contract, .float32, "\(adjustment)")
      }
    }
  }
}
