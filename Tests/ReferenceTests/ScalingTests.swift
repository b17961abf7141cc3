import Reference
import RoPE
import Testing

/// Frequencies and attention factors of scaled tables, compared with mpmath 1.3.0 with 80 digits, from the formulas of
/// transformers 5.23.0 (`modeling_rope_utils.py`) in real arithmetic.
@Suite struct ScalingTests {
  private func tables(
    _ scaling: FrequencyScaling, base: Double, dimension: Int, length: Int = 1
  ) throws -> ExactTables {
    ExactTables(
      try Plan(
        Configuration(
          headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: base, scaling: scaling),
        length: length))
  }

  private func expect(
    _ values: [Int: Double], _ scaling: FrequencyScaling, base: Double, dimension: Int, length: Int = 1,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try tables(scaling, base: base, dimension: dimension, length: length).inverseFrequencies()
    for (index, value) in values {
      #expect(found[index] == value, "pair \(index)", sourceLocation: sourceLocation)
    }
  }

  private func yarn(
    _ factor: Double, _ original: Int, fast: Double = 32, truncate: Bool = true
  ) -> FrequencyScaling {
    var yarn = FrequencyScaling.YaRN(factor: factor, originalMaxPositionEmbeddings: original)
    yarn.betaFast = fast
    yarn.truncate = truncate
    return .yarn(yarn)
  }

  @Test("YaRN below, on and above its ramp: Qwen2.5, DeepSeek, Kimi-K2, gpt-oss")
  func yarn() throws {
    try expect(
      [
        0: 1, 23: 0x1.c9548b66b624bp-8, 30: 0x1.17040e6c20ec5p-10, 39: 0x1.103a140fc05e8p-14,
        40: 0x1.74eea61c12623p-15, 63: 0x1.4d1c97f4e952fp-22,
      ], yarn(4, 32_768), base: 1e6, dimension: 128)
    try expect(
      [
        9: 0x1.33281b6744ae1p-4, 10: 0x1.ccab8602d2697p-5, 11: 0x1.3f8b743d8c22cp-5, 17: 0x1.d2e0cd7e3f6f0p-9,
        23: 0x1.17a8e301c4436p-15, 31: 0x1.bf749e693a057p-19,
      ], yarn(40, 4096), base: 1e4, dimension: 64)
    try expect(
      [
        18: 0x1.2a159d846e203p-9, 19: 0x1.a9227711bcda6p-10, 20: 0x1.2f2b10411ce64p-15, 31: 0x1.d6892c808d2ccp-21,
      ], yarn(32, 4096, fast: 1), base: 5e4, dimension: 64)
    try expect(
      [
        8: 0x1.a04329311f45dp-5, 9: 0x1.03bbaa06b8abdp-5, 12: 0x1.bd5080c93a3a2p-8, 17: 0x1.0f3372f6a69a2p-13,
        18: 0x1.415b8c535b893p-15,
      ], yarn(32, 4096, truncate: false), base: 1.5e5, dimension: 64)
  }

  @Test("YaRN whose ramp begins at pair 0")
  func yarnFromZero() throws {
    try expect(
      [0: 1, 1: 0x1.867cf4214160ep-1, 14: 0x1.8eec7def5d56cp-7, 15: 0x1.4178395851097p-7], yarn(4, 128), base: 1e6,
      dimension: 128)
    for original in 1...300 {
      let found = try tables(yarn(4, original), base: 1e4, dimension: 4).inverseFrequencies()
      #expect(found.allSatisfy { $0.isFinite && $0 > 0 }, "original length \(original)")
    }
  }

  @Test("YaRN with equal ends that are not truncated has a ramp of 1/1000")
  func yarnStep() throws {
    try expect(
      [19: 0x1.a9227711bcda6p-10, 20: 0x1.2f2b10411ce64p-15], yarn(32, 4096, fast: 1, truncate: false), base: 5e4,
      dimension: 64)
  }

  @Test("llama3 with a band between, and Llama-4's without")
  func llama3() throws {
    func llama3(_ factor: Double, high: Double) -> FrequencyScaling {
      .llama3(.init(factor: factor, lowFreqFactor: 1, highFreqFactor: high, originalMaxPositionEmbeddings: 8192))
    }
    try expect(
      [
        0: 1, 28: 0x1.a4ee3f0a6907bp-9, 29: 0x1.1bfa0d25be313p-9, 32: 0x1.132ba8c6715a6p-11,
        35: 0x1.90d10c806f8c1p-14, 36: 0x1.4683197ad3991p-14, 63: 0x1.4985fec80a8cbp-22,
      ], llama3(8, high: 4), base: 5e5, dimension: 128)
    try expect(
      [
        14: 0x1.a4ee3f0a6907bp-9, 15: 0x1.524f349512c06p-10, 17: 0x1.9731f24fdcc7ep-14, 18: 0x1.4683197ad3991p-16,
        31: 0x1.948360a975f3dp-24,
      ], llama3(32, high: 4), base: 5e5, dimension: 64)
    try expect(
      [34: 0x1.ec07d4a69338fp-11, 35: 0x1.90d10c806f8c1p-15, 63: 0x1.4985fec80a8cbp-23], llama3(16, high: 1),
      base: 5e5, dimension: 128)
  }

  @Test("A scaled base: static, and by the length of the call")
  func scaledBase() throws {
    try expect(
      [0: 1, 1: 0x1.8d546043b7c7cp-1, 63: 0x1.eff99f3981ae8p-24], .ntk(alpha: 1000), base: 1e4, dimension: 128)
    let dynamic = FrequencyScaling.dynamic(factor: 2, maxPositionEmbeddings: 4096)
    try expect(
      [1: 0x1.b3b58614c9541p-1, 63: 0x1.42e683a9706dap-15], dynamic, base: 1e4, dimension: 128, length: 8192)
    try expect([63: 0x1.e41d41d5ede6bp-14], dynamic, base: 1e4, dimension: 128, length: 4097)
    let unscaled = try tables(.none, base: 1e4, dimension: 128).inverseFrequencies()
    for length in [1, 4095, 4096] {
      #expect(try tables(dynamic, base: 1e4, dimension: 128, length: length).inverseFrequencies() == unscaled)
    }
  }

  @Test("Divided frequencies: linear, longrope by the length of the call, proportional with zeros")
  func divided() throws {
    try expect([5: 0x1.2a77501626657p-4], .linear(factor: 8), base: 1e6, dimension: 256)
    let longrope = FrequencyScaling.longrope(
      .init(
        shortFactor: Array(repeating: 1.1, count: 48), longFactor: Array(repeating: 64.76000213623047, count: 48),
        originalMaxPositionEmbeddings: 4096, factor: 32))
    try expect([1: 0x1.8030294777ee5p-1], longrope, base: 1e4, dimension: 96, length: 4096)
    try expect([47: 0x1.f63022ca09149p-20], longrope, base: 1e4, dimension: 96, length: 4097)
    let proportional = FrequencyScaling.proportional(partialRotaryFactor: 0.25, factor: 1)
    try expect([0: 1, 63: 0x1.116b1022a873dp-5, 64: 0, 255: 0], proportional, base: 1e6, dimension: 512)
  }

  @Test("Normalised coordinates, measured in turns")
  func normalized() throws {
    try expect(
      [0: 0x1.cb91f3bbba140p-2, 1: 0x1.58a1048e3e40ap-2, 8: 0x1.6fa7f62fc8100p-5, 15: 0x1.8838c9f2d2933p-8],
      .normalized(extent: 14), base: 100, dimension: 32)
    try expect(
      [0: 0x1.921fb54442d18p+2, 1: 0x1.2d8ce3fc76789p+2, 15: 0x1.5731b0b47840dp-4], .normalized(extent: 1), base: 100,
      dimension: 32)
    try expect(
      [0: 0x1.5bc8656b780f2p-3, 16: 0x1.bd297793cce03p-10, 31: 0x1.7becd66fc6b70p-16], .normalized(extent: 37),
      base: 1e4, dimension: 64)
  }

  @Test("Attention factors")
  func attentionFactors() throws {
    #expect(try tables(yarn(4, 32_768), base: 1e6, dimension: 128).attentionFactor() == 0x1.237d37fe5d298p+0)
    #expect(try tables(yarn(32, 4096), base: 1.5e5, dimension: 64).attentionFactor() == 0x1.58b90bfbe8e7cp+0)
    var unequal = FrequencyScaling.YaRN(factor: 40, originalMaxPositionEmbeddings: 4096)
    (unequal.mscale, unequal.mscaleAllDim) = (0.707, 1)
    #expect(try tables(.yarn(unequal), base: 1e4, dimension: 64).attentionFactor() == 0x1.d792dd14a1051p-1)
    unequal.mscale = 1
    #expect(try tables(.yarn(unequal), base: 1e4, dimension: 64).attentionFactor() == 1)
    let longrope = FrequencyScaling.longrope(
      .init(
        shortFactor: [1, 1], longFactor: [1, 1], originalMaxPositionEmbeddings: 4096, factor: 32))
    #expect(try tables(longrope, base: 1e4, dimension: 4).attentionFactor() == 0x1.30b3713738289p+0)
  }

  @Test("An irrational attention factor decides every rounding at angle 0, also beside zeros")
  func irrationalFactorAtZero() throws {
    let configuration = Configuration(
      headDimension: 4, rotaryDimension: 4, pairing: .half, base: 1e4, scaling: yarn(4, 32_768))
    let plan = try Plan(configuration)
    let rotation = ExactRotation(plan: plan, angles: .positions([0]))
    let factor = ExactTables(plan).attentionFactor()
    var output = [Double](repeating: .nan, count: 4)
    for input in [[1.0, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, -1]] {
      input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { rotation.rotate(token: 0, input: input, output: $0) }
      }
      #expect(output == input.map { $0 * factor })
    }
    let table = ExactTables(plan).cosSin(positions: [0], type: .bfloat16)
    #expect(table.cosines == Array(repeating: ElementType.bfloat16.bits(rounding: factor), count: 2))
    #expect(table.sines == [0, 0])
  }
}
