import Reference
import RoPE
import TestSupport
import Testing

/// One head rotated by a plan of `dimension` half-paired channels.
private func rotate(
  _ input: [Double], base: Double, dimension: Int, angles: Angles, precision: Int = 128
) throws -> (output: [Double], widenedPairs: Int) {
  let plan = try Plan(
    Configuration(headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: base))
  let rotation = ExactRotation(plan: plan, angles: angles, precision: precision)
  var output = Array(repeating: Double.nan, count: input.count)
  input.withUnsafeBufferPointer { input in
    output.withUnsafeMutableBufferPointer { rotation.rotate(token: 0, input: input, output: $0) }
  }
  return (output, rotation.widenedPairs)
}

/// A fixed sequence of floats with full significands and mixed signs.
private func floats(_ count: Int, seed: UInt64) -> [Double] {
  var generator = SplitMix(seed: seed)
  return (0..<count).map { _ in Double(Float.random(in: -4...4, using: &generator)) }
}

@Suite struct ExactRotationTests {
  /// Values from mpmath 1.3.0 with 80 digits: with f = mpf(base)**(mpf(-2*i)/R), c = cos(p*f) and s = sin(p*f),
  /// float(x0*c - x1*s).hex() and float(x1*c + x0*s).hex() for x0 = 1.5 and x1 = -0.8125.
  @Test(
    arguments: [
      (1e4, 64, 0, 1, 0x1.7e80865e37229p+0, 0x1.a57be49ca7e14p-1),
      (1e4, 64, 31, 1_048_575, 0x1.89ac3b6b57807p-1, 0x1.85d71bdc918a9p+0),
      (5e6, 64, 7, 131_071, -0x1.ffc6361c1fd2fp-2, 0x1.a18d8c65ff781p+0),
      (1e4, 128, 1, -48_039, 0x1.8feea3530f950p+0, 0x1.5eda118bbcb1ap-1),
      (1e6, 64, 16, 2_147_483_647, -0x1.976cd46e99d1fp+0, -0x1.3a7b760618d70p-1),
    ] as [(Double, Int, Int, Int64, Double, Double)])
  func agreesWithAnotherLibrary(
    _ vector: (base: Double, dimension: Int, pair: Int, position: Int64, first: Double, second: Double)
  ) throws {
    var input = Array(repeating: 0.0, count: vector.dimension)
    input[vector.pair] = 1.5
    input[vector.pair + vector.dimension / 2] = -0.8125
    let (output, _) = try rotate(
      input, base: vector.base, dimension: vector.dimension, angles: .positions(Positions([vector.position])))
    #expect(output[vector.pair] == vector.first)
    #expect(output[vector.pair + vector.dimension / 2] == vector.second)
  }

  @Test("By a float32 table, one fused operation in float64 rounds as often as the exact answer: once")
  func tableIsOneRounding() throws {
    let input = floats(64, seed: 1), values = floats(64, seed: 2)
    let bits = values.map { ElementType.float32.bits(rounding: $0) }
    let table = CosSinTable(
      type: .float32, pairCount: 32, cosines: Array(bits[..<32]), sines: Array(bits[32...]))
    let (output, _) = try rotate(input, base: 1e4, dimension: 64, angles: .table(table, rows: [0]))
    for pair in 0..<32 {
      let (x, y, c, s) = (input[pair], input[pair + 32], values[pair], values[pair + 32])
      #expect(output[pair] == (-(y * s)).addingProduct(x, c))
      #expect(output[pair + 32] == (x * s).addingProduct(y, c))
    }
  }

  @Test("An exact midpoint between two float64 goes to the even one and ends")
  func tableTies() throws {
    // 1·1 + 2^-53·1 lies halfway between 1 and its successor.
    let one = ElementType.float32.bits(rounding: 1), tiny = ElementType.float32.bits(rounding: 0x1p-53)
    let table = CosSinTable(type: .float32, pairCount: 1, cosines: [one], sines: [tiny])
    let (output, _) = try rotate([1, 1], base: 1e4, dimension: 2, angles: .table(table, rows: [0]))
    let expected: [Double] = [1 - 0x1p-53, 1]
    #expect(output == expected)
  }

  @Test("Few bits at first widen until the rounding is proven, and give the same values")
  func widens() throws {
    let input = floats(128, seed: 3)
    for angles in [
      Angles.positions([131_071]),
      .frequencies((0..<64).map { 1 / Float($0 + 1) }, attentionFactor: 1, [48_039]),
    ] {
      let narrow = try rotate(input, base: 1e4, dimension: 128, angles: angles, precision: 58)
      let wide = try rotate(input, base: 1e4, dimension: 128, angles: angles, precision: 500)
      #expect(narrow.output == wide.output)
      #expect(narrow.widenedPairs > 0)
      #expect(wide.widenedPairs == 0)
    }
  }

  /// Double-double arithmetic does not decide results near 2^-900, so that MPFR computes each of them.
  @Test("A token that is rotated again, after other tokens, has the same values", arguments: [1, 0x1p-900])
  func again(scale: Double) throws {
    let plan = try Plan(Configuration(headDimension: 64, rotaryDimension: 64, pairing: .half, base: 1e4))
    let rotation = ExactRotation(plan: plan, angles: .positions(Positions([7, 131_071, 48_039])))
    let input = floats(64, seed: 4).map { $0 * scale }
    func rotated(_ token: Int) -> [Double] {
      var output = Array(repeating: Double.nan, count: input.count)
      input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { rotation.rotate(token: token, input: input, output: $0) }
      }
      return output
    }
    let first = (0..<3).map(rotated), second = (0..<3).map(rotated)
    #expect(first == second)
    #expect(Set(first).count == 3)
  }

  @Test("The frequency contract rounds position and angle to float32 and nothing else")
  func frequencyRoundsTheAngle() throws {
    // 16,777,217 is not a float32; its product with 0.1 rounds again.
    let (output, _) = try rotate(
      [1, 0], base: 1e4, dimension: 2, angles: .frequencies([0.1], attentionFactor: 1, [16_777_217]))
    let angle = Double(Float(16_777_216) * 0.1)
    // mpmath: float(cos(mpf(1677721.625))).hex(), float(sin(mpf(1677721.625))).hex()
    #expect(angle == 1_677_721.625)
    #expect(output == [-0x1.7a72fa76e3bb0p-2, -0x1.dbc0000c2a8bfp-1])
  }

  @Test("A frequency of 0 and position 0 rotate nothing, also on zeros")
  func zeroAngles() throws {
    for angles in [
      Angles.frequencies([0], attentionFactor: 1, [5]),
      .frequencies([1], attentionFactor: 1, [0]), .positions([0]),
    ] {
      #expect(try rotate([0, 3], base: 1e4, dimension: 2, angles: angles).output == [0, 3])
    }
  }

  @Test("Results below the normal numbers round once")
  func subnormal() throws {
    // x₀s + x₁c = 2^-1130 + 2^-1075, a little more than half of the smallest number.
    let half = ElementType.float32.bits(rounding: 0.5), tiny = ElementType.float32.bits(rounding: 0x1p-60)
    let table = CosSinTable(type: .float32, pairCount: 1, cosines: [half], sines: [tiny])
    let (output, _) = try rotate(
      [0x1p-1070, 0x1p-1074], base: 1e4, dimension: 2, angles: .table(table, rows: [0]))
    #expect(output == [0x1p-1071, 0x1p-1074])
    // sin(1) · 2^-1074 is more than half of it, cos(1) · 2^-1074 too; cos(2) · 2^-1074 is less, and negative.
    let turned = try rotate([0x1p-1074, 0], base: 1e4, dimension: 2, angles: .positions([1])).output
    #expect(turned == [0x1p-1074, 0x1p-1074])
    #expect(try rotate([0x1p-1074, 0], base: 1e4, dimension: 2, angles: .positions([2])).output == [0, 0x1p-1074])
  }

  @Test("An angle that is infinite in float32 has no cosine")
  func infiniteAngle() throws {
    let (output, _) = try rotate(
      [1, 2], base: 1e4, dimension: 2, angles: .frequencies([3e38], attentionFactor: 1, [1000]))
    #expect(output.allSatisfy { $0.isNaN })
  }

  @Test("Infinity and NaN stay in their pair")
  func nonFinite() throws {
    let (output, _) = try rotate([.infinity, 1, .nan, 2, 3, 4, 5, 6], base: 1e4, dimension: 8, angles: .positions([1]))
    #expect(output[0] == .infinity && output[4] == .infinity)
    #expect(output[2].isNaN && output[6].isNaN)
    #expect([1, 3, 5, 7].allSatisfy { output[$0].isFinite })
  }
}
