import Testing

@testable import Devices
@testable import RoPE

@Suite struct KernelLimitsTests {
  private let launcher = PositionEmbeddings(device: .host, cache: KernelCache())

  /// Expects both `support` and `launch` to refuse the call, with a reason that begins with the given text.
  private func expectUnsupported(
    _ beginning: String, _ trial: Trial, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard case .unsupported(let reason) = launcher.support(for: trial.call) else {
      Issue.record("supported", sourceLocation: sourceLocation)
      return
    }
    #expect(reason.hasPrefix(beginning), sourceLocation: sourceLocation)
    #expect(throws: DeviceError.unsupported(reason: reason), sourceLocation: sourceLocation) {
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
    expectUnsupported("head dimension 1026: must be at most 1024", try recipe(1026).trial())
  }

  @Test("Token and channel counts beyond the kernel's integers")
  func counts() throws {
    // Without angles, whose count would have to be that of the tokens.
    var call = try Recipe(configuration: .withoutRoPE(headDimension: 64), contract: nil).trial().call
    func reason() -> String? {
      guard case .unsupported(let reason) = launcher.support(for: call) else { return nil }
      return reason
    }
    (call.batch, call.sequence) = (1, 2_147_483_647)
    #expect(reason() == nil)
    call.batch = 2
    #expect(reason() == "2 × 2147483647 tokens: must be at most 2147483647")
    call.batch = .max
    #expect(reason()?.hasSuffix("tokens: must be at most 2147483647") == true)
    call.batch = 1
    call.key.heads = 1 << 24
    #expect(reason() == nil)
    call.key.heads += 1
    #expect(reason() == "16777217 heads of 64 channels: must be at most 1073741824 channels")
  }

  @Test("A channel beyond the head, and a row beyond the table")
  func invalid() throws {
    var trial = try Recipe(configuration: .ungrouped(.half)).trial()
    var configuration = Configuration.ungrouped(.half)
    configuration.rotaryDimension = 12
    trial.call.plan = Plan(unchecked: configuration, length: 1)
    #expect(
      launcher.support(for: trial.call)
        == .unsupported(reason: "pair 2 has channel 11: a head has channels 0 to 10"))
    trial = try Recipe(contract: .table).trial()
    guard case .table(let table, var rows) = trial.call.angles else { return }
    rows[5] = 7
    trial.call.angles = .table(table, rows: rows)
    #expect(
      launcher.support(for: trial.call)
        == .unsupported(reason: "token 5 has table row 7: the table has rows 0 to 6"))
  }

  @Test("Angles that the kernel's arithmetic cannot hold")
  func angles() throws {
    var trial = try Recipe(contract: .frequency).trial()
    trial.call.angles = .frequencies(
      Array(repeating: -3e38, count: 16), attentionFactor: 1, [0, 0, 0, 0, 0, -2])
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
    expectUnsupported("67108864.0 radians per position in pair 13: must be at most 16777216.0", try recipe.trial())
    recipe.configuration.base = .leastNonzeroMagnitude
    expectUnsupported("base 5e-324", try recipe.trial())
    recipe.configuration.base = 1e4
    recipe.configuration.scaling = .linear(factor: 0x1p-25)
    expectUnsupported("33554432.0 radians per position in pair 0", try recipe.trial())
    // √(2^1000 · 2^(2 · 60)) = 2^560.
    recipe.configuration = Configuration(
      headDimension: 4, rotaryDimension: 4, pairing: .half, base: 0x1p-1000, scaling: .ntk(alpha: 0x1p-60))
    expectUnsupported("\(0x1p560) radians per position in pair 1", try recipe.trial())
  }

  @Test("A product counts only on the axis of its pair")
  func anglesOfAxes() throws {
    var recipe = Recipe(contract: .frequency)
    recipe.configuration.axes = .sections([8, 8])
    var trial = try recipe.trial()
    let frequencies = [Float](repeating: 1, count: 8) + [Float](repeating: 1e37, count: 8)
    func angles(_ first: Int64, _ second: Int64) -> Angles {
      .frequencies(
        frequencies, attentionFactor: 1,
        Positions([Int64](repeating: first, count: 6) + [0, 0, 0, 0, 0, second], axisCount: 2))
    }
    trial.call.angles = angles(2_000_000_000, 1)
    #expect(launcher.support(for: trial.call) == .supported)
    trial.call.angles = angles(1, -40)
    expectUnsupported("position 40 times inverse frequency 1e+37 on axis 1 is infinite", trial)
  }

  @Test("Values are frequencies whatever the base; beyond 2^24 they are refused")
  func values() throws {
    var trial = try Recipe(configuration: .ungrouped(.half)).trial()
    func give(_ values: [Double]) {
      let table = FrequencyTable(base: 0, dimension: 6, adjustment: .values(values))
      trial.call.plan = trial.call.plan.with(table: table)
    }
    give([0x1p24, 0, -0.25])
    #expect(launcher.support(for: trial.call) == .supported)
    for value in [0x1.1p24, -0x1.1p24, .infinity, .nan] {
      give([0, value, 1])
      expectUnsupported("\(value) radians per position in pair 1: must be at most 16777216.0", trial)
    }
  }
}
