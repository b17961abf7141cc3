import Testing

@testable import HIP
@testable import RoPE

@Suite struct SupportTests {
  private let launcher = PositionEmbeddings(device: .host, cache: KernelCache())

  /// Expects the call to be refused by `support` and by `launch` alike, with a reason that begins so.
  private func expectUnsupported(
    _ beginning: String, _ trial: Trial, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard case .unsupported(let reason) = launcher.support(for: trial.call) else {
      Issue.record("supported", sourceLocation: sourceLocation)
      return
    }
    #expect(reason.hasPrefix(beginning), sourceLocation: sourceLocation)
    #expect(throws: HIPError.unsupported(reason: reason), sourceLocation: sourceLocation) {
      try trial.run(on: launcher)
    }
  }

  @Test("A head of 1024 channels is the largest")
  func headDimension() throws {
    func recipe(_ dimension: Int) -> Recipe {
      let configuration = Configuration(
        headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: 1e4)
      return Recipe(configuration: configuration, batch: 1, sequence: 1, heads: (1, 1))
    }
    #expect(launcher.support(for: try recipe(1024).trial().call) == .supported)
    #expect(try recipe(1024).trial().fault(on: launcher) == nil)
    expectUnsupported("head dimension 1026: at most 1024", try recipe(1026).trial())
  }

  @Test("Token and channel counts beyond the kernel's integers")
  func counts() throws {
    var call = try Recipe().trial().call
    func reason() -> String? {
      guard case .unsupported(let reason) = launcher.support(for: call) else { return nil }
      return reason
    }
    (call.batch, call.sequence) = (1, 2_147_483_647)
    #expect(reason() == nil)
    call.batch = 2
    #expect(reason() == "2 × 2147483647 tokens: at most 2147483647")
    call.batch = .max
    #expect(reason()?.hasSuffix("tokens: at most 2147483647") == true)
    call.batch = 1
    call.key.heads = 1 << 24
    #expect(reason() == nil)
    call.key.heads += 1
    #expect(reason() == "16777217 heads of 64 channels: at most 1073741824 channels")
  }

  @Test("Finds the slice behind every configuration's pairs")
  func findsSlices() throws {
    for input in Pairing.allCases {
      for output in Pairing.allCases {
        let slice = try RotarySlice(pairs: Plan(.grouped(input, output: output)).pairs)
        #expect(slice.offset == 16)
        #expect(slice.dimension == 32)
        #expect(slice.inputPairing == input)
        #expect(slice.outputPairing == output)
      }
    }
    #expect(try RotarySlice(pairs: []).dimension == 0)
  }

  @Test("Pairs that are no slice are named")
  func otherPairs() throws {
    func pair(_ input: (Int, Int), _ output: (Int, Int), axis: Int = 0) -> Plan.Pair {
      Plan.Pair(
        input: .init(first: input.0, second: input.1), output: .init(first: output.0, second: output.1), axis: axis,
        frequency: Frequency(table: FrequencyTable(base: 1e4, dimension: 4, adjustment: .none), index: 0))
    }
    func reason(_ pairs: Plan.Pair...) -> String? {
      #expect(throws: Unsupported.self) { try RotarySlice(pairs: pairs) }?.reason
    }
    #expect(
      reason(pair((4, 6), (4, 6)), pair((5, 8), (5, 8)))
        == "pair 1 reads channels 5 and 8, half pairing from channel 4 has 5 and 7")
    #expect(
      reason(pair((2, 3), (2, 3)), pair((0, 1), (0, 1)))
        == "pair 1 reads channels 0 and 1, interleaved pairing from channel 2 has 4 and 5")
    #expect(
      reason(pair((0, 1), (2, 3)), pair((2, 3), (0, 1)))
        == "pair 0 writes channels 2 and 3, interleaved pairing from channel 0 has 0 and 1")
    #expect(
      reason(pair((1, 0), (1, 0))) == "pair 0 reads channels 1 and 0, interleaved pairing from channel 1 has 1 and 2")
    #expect(
      reason(pair((0, 2), (0, 2)), pair((1, 3), (1, 3), axis: 1))
        == "pair 1 turns with position axis 1: a token has one position")
  }

  @Test("Angles that the kernel's arithmetic cannot hold")
  func angles() throws {
    var trial = try Recipe(contract: .frequency).trial()
    trial.call.angles = .frequencies(
      Array(repeating: -3e38, count: 16), attentionFactor: 1, positions: [0, 0, 0, 0, 0, -2])
    expectUnsupported("position 2 times inverse frequency 3e+38 is infinite", trial)
    var recipe = Recipe()
    recipe.configuration.attentionFactor = 1e39
    expectUnsupported("attention factor 1e+39", try recipe.trial())
    recipe.configuration.attentionFactor = 1e-39
    expectUnsupported("attention factor 1e-39", try recipe.trial())
    recipe.contract = .table
    #expect(launcher.support(for: try recipe.trial().call) == .supported)
    recipe = Recipe()
    recipe.configuration.base = 0x1p-32
    expectUnsupported("1073741824.0 radians per position in pair 15: at most 16777216.0", try recipe.trial())
    recipe.configuration.base = .leastNonzeroMagnitude
    expectUnsupported("base 5e-324", try recipe.trial())
  }
}
