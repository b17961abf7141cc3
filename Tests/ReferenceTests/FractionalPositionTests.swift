import Reference
import RoPE
import TestSupport
import Testing

/// Rotations at positions between two integers.
@Suite struct FractionalPositionTests {
  private let dimension = 64

  private func plan(_ scaling: FrequencyScaling = .none, base: Double = 1e4) throws -> Plan {
    try Plan(
      Configuration(
        headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: base, scaling: scaling))
  }

  private func rotate(_ input: [Double], _ plan: Plan, at position: Double, precision: Int = 128) -> [Double] {
    rotate(input, plan, .positions([position]), precision: precision)
  }

  private func rotate(_ input: [Double], _ plan: Plan, _ angles: Angles, precision: Int = 128) -> [Double] {
    let rotation = ExactRotation(plan: plan, angles: angles, precision: precision)
    var output = input
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { rotation.rotate(token: 0, input: input, output: $0) }
    }
    return output
  }

  private var input: [Double] {
    var generator = SplitMix(seed: 11)
    return (0..<dimension).map { _ in Double(Float.random(in: -4...4, using: &generator)) }
  }

  private static let positions = [0.5, -0.5, 0.1, 511.5, 512.25, -48_039.75, 131_071.625, 2_147_483_646.5, 1e-9]

  @Test("The first attempt and one of 500 bits give the same float64", arguments: positions)
  func isProven(_ position: Double) throws {
    let plan = try plan()
    let wide = rotate(input, plan, at: position, precision: 500)
    #expect(rotate(input, plan, at: position) == wide)
    #expect(rotate(input, plan, at: position, precision: 58) == wide)
  }

  @Test("Two rotations by half of a position are one by the whole", arguments: positions)
  func halves(_ position: Double) throws {
    let plan = try plan()
    let whole = rotate(input, plan, at: position)
    let twice = rotate(rotate(input, plan, at: position / 2), plan, at: position / 2)
    // Each of the two roundings moves an output by half of its last place, and a pair has magnitudes below 8.
    for (one, two) in zip(whole, twice) { #expect((one - two).magnitude < 8 * 0x1p-51) }
  }

  @Test("A fraction divided by the scaling is the integer that it comes from")
  func scaled() throws {
    // p/8 with frequencies times 1, and p with frequencies divided by 8, are the same angles.
    let interpolated = rotate(input, try plan(.linear(factor: 8)), at: 48_039)
    #expect(rotate(input, try plan(), at: 48_039.0 / 8) == interpolated)
  }

  @Test("The opposite position turns back what the position turned", arguments: positions)
  func opposite(_ position: Double) throws {
    let plan = try plan()
    let back = rotate(rotate(input, plan, at: position), plan, at: -position)
    for (one, two) in zip(input, back) { #expect((one - two).magnitude < 8 * 0x1p-51) }
  }

  @Test("Neighbouring tokens at integers are what they are without a fraction beside them")
  func beside() throws {
    let plan = try plan(), dimension = dimension, input = input
    let rotation = ExactRotation(plan: plan, angles: .positions([0, 0.5, 7, 7.25, 512]))
    for (token, position) in [0, 0.5, 7, 7.25, 512].enumerated() {
      var output = [Double](repeating: .nan, count: dimension)
      input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { rotation.rotate(token: token, input: input, output: $0) }
      }
      #expect(output == rotate(input, plan, at: position))
    }
  }

  @Test("The frequency contract rounds a fraction to float32 like an integer")
  func frequency() throws {
    let plan = try Plan(Configuration(headDimension: 2, rotaryDimension: 2, pairing: .half, base: 1e4))
    let position = 16_777_215.75, frequency = Float(0.1)
    let output = rotate([1, 0], plan, .frequencies([frequency], attentionFactor: 1, [position]))
    // The angle is the product of the position rounded to float32, as if that were the position given.
    #expect(Float(position) == 16_777_216)
    #expect(output == rotate([1, 0], plan, .frequencies([frequency], attentionFactor: 1, [16_777_216])))
    let exact = rotate([1, 0], plan, .frequencies([1], attentionFactor: 1, [0.375]))
    #expect(exact == rotate([1, 0], plan, .positions([0.375])), "the frequency of pair 0 is 1")
  }

  @Test("Tables have rows at fractions", arguments: ElementType.allCases)
  func tables(_ type: ElementType) throws {
    let plan = try plan(), positions: Positions = [0.5, 0, -3.25]
    let table = ExactTables(plan).cosSin(positions: positions, type: type)
    for row in 0..<positions.tokenCount {
      let one = (0..<dimension).map { $0 < dimension / 2 ? 1.0 : 0 }
      let turned = rotate(one, plan, at: positions[0, row]), range = row * 32..<row * 32 + 32
      #expect(table.cosines[range].elementsEqual(turned[..<32].map { type.bits(rounding: $0) }))
      #expect(table.sines[range].elementsEqual(turned[32...].map { type.bits(rounding: $0) }))
    }
  }

  @Test("Normalised coordinates between two patches")
  func normalized() throws {
    let plan = try plan(.normalized(extent: 8), base: 100)
    // Half a patch is 1/16 of a turn in pair 0; whole eighths are exact, and a fraction makes eighths as well.
    for position in [0.5, 1.5, -2.25] {
      #expect(rotate(input, plan, at: position) == rotate(input, plan, at: position, precision: 500))
    }
  }
}
