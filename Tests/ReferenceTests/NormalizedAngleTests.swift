import Reference
import RoPE
import Testing

/// Angles that are rational parts of a turn, which only normalised coordinates make.
///
/// No number of bits decides the rounding of a sum that is exactly 0, so each of these would widen for ever if the
/// angle were not recognised.
@Suite struct NormalizedAngleTests {
  private func plan(_ extent: Int, dimension: Int = 4, base: Double = 100) throws -> Plan {
    try Plan(
      Configuration(
        headDimension: dimension, rotaryDimension: dimension, pairing: .half, base: base,
        scaling: .normalized(extent: extent)))
  }

  /// One pair of the input at one position.
  private func rotate(_ plan: Plan, pair: Int, _ first: Double, _ second: Double, at position: Double) -> [Double] {
    let partner = pair + plan.headDimension / 2
    var input = [Double](repeating: 1, count: plan.headDimension)
    (input[pair], input[partner]) = (first, second)
    var output = input
    let rotation = ExactRotation(plan: plan, angles: .positions([position]))
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { rotation.rotate(token: 0, input: input, output: $0) }
    }
    return [output[pair], output[partner]]
  }

  @Test("Quarters of a turn exchange and negate, also beside zeros")
  func quarters() throws {
    let plan = try plan(12)
    for (position, expected) in [
      (0, [1.5, -0.75]), (3, [0.75, 1.5]), (6, [-1.5, 0.75]), (9, [-0.75, -1.5]), (-3, [-0.75, -1.5]),
      (-6, [-1.5, 0.75]),
      (12 * 1_000_003 + 3, [0.75, 1.5]),
    ] as [(Double, [Double])] {
      #expect(rotate(plan, pair: 0, 1.5, -0.75, at: position) == expected, "position \(position)")
    }
    #expect(rotate(plan, pair: 0, 0, 2, at: 3) == [-2, 0])
    #expect(rotate(plan, pair: 0, 2, 0, at: -6) == [-2, 0])
  }

  @Test("Odd eighths of a turn make inputs of one magnitude vanish, and leave others")
  func eighths() throws {
    let plan = try plan(8)
    // 3·√2, and (2.5 ∓ 1)·√½, rounded: mpmath 1.3.0, 80 digits.
    let whole = 0x1.0f876ccdf6cd9p+2
    #expect(rotate(plan, pair: 0, 3, 3, at: 1) == [0, whole])
    #expect(rotate(plan, pair: 0, 3, -3, at: 1) == [whole, 0])
    #expect(rotate(plan, pair: 0, 3, 3, at: -1) == [whole, 0])
    #expect(rotate(plan, pair: 0, 3, 3, at: 5) == [0, -whole])
    #expect(rotate(plan, pair: 0, 2.5, 1, at: 1) == [0x1.0f876ccdf6cd9p+0, 0x1.3cc8a99af5453p+1])
  }

  @Test("Sixths of a turn halve an input that is alone")
  func sixths() throws {
    let rotated = rotate(try plan(6), pair: 0, 3, 0, at: 1)
    // 3·√¾: mpmath 1.3.0, 80 digits.
    #expect(rotated == [1.5, 0x1.4c8dc2e423980p+1])
  }

  @Test("A fraction of a patch can be a whole eighth of a turn")
  func fractions() throws {
    // Half a patch of four is an eighth of a turn; 2^-40 more is not.
    let four = try plan(4), whole = 0x1.0f876ccdf6cd9p+2
    #expect(rotate(four, pair: 0, 3, 3, at: 0.5) == [0, whole])
    #expect(rotate(four, pair: 0, 3, -3, at: -0.5) == [0, -whole])
    #expect(rotate(four, pair: 0, 3, 3, at: 0.5 + 0x1p-40)[0] != 0)
    // A quarter of ten patches is a quarter of a turn.
    let ten = try plan(10)
    #expect(rotate(ten, pair: 0, 2, 0, at: 2.5) == [0, 2])
    #expect(rotate(ten, pair: 0, 1.5, -0.75, at: -2.5) == [-0.75, -1.5])
    // sin(2π/10 · 2^-1074) · 2 = 1.26 · 2^-1074, the smallest number.
    #expect(rotate(ten, pair: 0, 2, 0, at: 0x1p-1074) == [2, 0x1p-1074])
  }

  @Test("A base that is a power brings rational turns to later pairs too")
  func rationalPower() throws {
    // 100^(−16/32) = 1/10: a quarter of a turn is 35 positions of 14 · 10.
    let plan = try plan(14, dimension: 32)
    #expect(rotate(plan, pair: 8, 1.5, -0.75, at: 35) == [0.75, 1.5])
    // An eighth of a turn of 16 · 10 is at 20; one position away nothing vanishes.
    let sixteen = try self.plan(16, dimension: 32)
    #expect(rotate(sixteen, pair: 8, 3, 3, at: 20)[0] == 0)
    #expect(rotate(sixteen, pair: 8, 3, 3, at: 21)[0] != 0)
    // 100^(−2/32) is irrational.
    #expect(rotate(plan, pair: 1, 3, 3, at: 35)[0] != 0)
  }

  @Test("An angle that is an eighth of a turn to 2^-65 is none")
  func nearly() throws {
    // (1 + 2^-52)^(−2/16384) = 1 − 2^-65 and less.
    let table = try FrequencyTable.formula(base: 1.0.nextUp, dimension: 16_384, scaling: .normalized(extent: 8))
    let pair = Plan.Pair(
      input: Plan.Channels(0, 1), output: Plan.Channels(0, 1), axis: 0, frequency: Frequency(table: table, index: 1))
    let difference = rotate(try Plan(headDimension: 2, pairs: [pair]), pair: 0, 3, 3, at: 1)[0]
    // 3·(cos θ − sin θ) = 3·√2·sin(π/4 · 2^-65)
    #expect(abs(difference * 0x1p65 - 3 * 2.0.squareRoot() * .pi / 4) < 1e-9)
  }

  @Test("Tables have the exact zeros and ones", arguments: ElementType.allCases)
  func tables(type: ElementType) throws {
    let table = ExactTables(try plan(4, dimension: 2)).cosSin(positions: [0, 1, 2, 3, -1], type: type)
    #expect(table.cosines.map(type.value(ofBits:)) == [1, 0, -1, 0, 0])
    #expect(table.sines.map(type.value(ofBits:)) == [0, 1, 0, -1, -1])
    let sixths = ExactTables(try plan(6, dimension: 2)).cosSin(positions: [1, 2], type: type)
    #expect(sixths.cosines.map(type.value(ofBits:)) == [0.5, -0.5])
  }
}
