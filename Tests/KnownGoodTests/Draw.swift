import Foundation
import Reference
import RoPE
import TestSupport

/// The draw of one seed: a small configuration, positions, inputs, and their exact rotation under each contract.
struct Draw {
  static let tokenCount = 2
  /// Positions of most seeds end below 2 to this power, those of the others below 2^20.
  static let commonPositionBits = 17

  let seed: UInt64
  let plan: Plan
  let type: ElementType
  let heads: Int
  let positions: Positions
  /// The elements, `[tokens, heads, D]`.
  let input: ElementArray
  /// The float64 nearest to each frequency.
  let inverseFrequencies: [Double]
  private let attentionFactor: Double

  init(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    func oneOf<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
    let dimension = oneOf([16, 20, 24, 32, 48, 64, 80, 96, 128])
    let rotary = oneOf([dimension, dimension, dimension / 2 & ~1, dimension / 4 & ~1])
    attentionFactor = oneOf([1, 1, 1.1386294361119891, 1.3465735902799727, .random(in: 0.5...2, using: &random)])
    let configuration = Configuration(
      headDimension: dimension, rotaryDimension: rotary, rotaryOffset: oneOf([0, 0, dimension - rotary]),
      pairing: oneOf(Pairing.allCases), outputPairing: oneOf([nil, nil, .half]),
      base: oneOf([
        1e4, 1e4, 5e4, 1.5e5, 5e5, 1e6, 5e6, exp(.random(in: log(1e3)...log(1e7), using: &random)).rounded(),
      ]
      ), attentionFactor: attentionFactor)
    plan = try Plan(configuration)
    type = oneOf(ElementType.allCases)
    heads = oneOf([1, 2])
    // Every magnitude is equally likely.
    let bits = oneOf([Self.commonPositionBits, Self.commonPositionBits, Self.commonPositionBits, 20])
    positions = Positions(
      (0..<Self.tokenCount).map { _ -> Int64 in
        .random(in: 0..<1 << Int64.random(in: 0...Int64(bits), using: &random), using: &random)
      })
    input = Self.input(
      plan, type, count: Self.tokenCount * heads * dimension, positions, heads, attentionFactor: attentionFactor,
      &random)
    inverseFrequencies = ExactTables(plan).inverseFrequencies()
    self.seed = seed
  }

  /// The values of a draw.
  private enum Values: CaseIterable {
    /// Magnitudes of 2^-6 to 2^3.
    case common
    /// Magnitudes from the smallest subnormal.
    case small
    /// Pairs with one output that nearly vanishes.
    case cancelling
    /// Magnitudes up to the largest.
    case large
    /// The same in pairs with one output that nearly vanishes, so that products overflow, but not the result.
    case largeCancelling
    /// Pairs with one output next to the largest value, where results begin to round to infinity.
    case overflowing
    /// Infinities and NaN in any place of a pair.
    case nonFinite
  }

  private static func input(
    _ plan: Plan, _ type: ElementType, count: Int, _ positions: Positions, _ heads: Int, attentionFactor: Double,
    _ random: inout SplitMix
  ) -> ElementArray {
    let kinds = Values.allCases + [.common, .common, .common, .cancelling, .cancelling]
    let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
    let exponents =
      switch kind {
      case .small: type.minimumExponent - type.significandBitCount...2
      case .large, .largeCancelling: type.maximumExponent - 2...type.maximumExponent
      default: -6...2
      }
    var values = (0..<count).map { _ in
      Double(
        sign: Bool.random(using: &random) ? .plus : .minus, exponent: .random(in: exponents, using: &random),
        significand: .random(in: 1..<2, using: &random))
    }
    // Beyond the largest value they would be infinite.
    let largest = type.greatestFiniteMagnitude
    values = values.map { max(-largest, min(largest, $0)) }
    switch kind {
    case .cancelling, .largeCancelling: cancel(&values, plan, positions, heads)
    case .overflowing: approachLargest(&values, plan, type, positions, heads, attentionFactor, &random)
    case .nonFinite:
      for index in values.indices where Int.random(in: 0..<6, using: &random) == 0 {
        values[index] = [.infinity, -.infinity, .nan][Int.random(in: 0..<3, using: &random)]
      }
    default: break
    }
    var elements = ElementArray(type: type, count: count)
    for (index, value) in values.enumerated() { elements[index] = type.bits(rounding: value) }
    spoilCopies(&elements, plan, &random)
    return elements
  }

  /// Puts bits into copied channels that arithmetic would change.
  private static func spoilCopies(_ elements: inout ElementArray, _ plan: Plan, _ random: inout SplitMix) {
    let type = elements.type, infinity = type.bits(rounding: .infinity)
    let minusZero = type.bits(rounding: -0.0)
    // A signalling NaN has a payload, but not the highest bit of the significand.
    let unusual = [minusZero, infinity, infinity | minusZero, 1, minusZero | 3, infinity | 1, infinity | minusZero | 5]
    for channel in plan.passThroughChannels {
      for index in stride(from: channel, to: elements.count, by: plan.headDimension)
      where Bool.random(using: &random) {
        elements[index] = unusual[Int.random(in: 0..<unusual.count, using: &random)]
      }
    }
  }

  /// The cosine and sine of a pair in a row, to make inputs of.
  private static func turn(
    _ pair: Plan.Pair, row: Int, _ positions: Positions, _ heads: Int
  ) -> (cosine: Double, sine: Double) {
    let table = pair.frequency.table
    let angle =
      positions[pair.axis, row / heads] * pow(table.base, -2 * Double(pair.frequency.index) / Double(table.dimension))
    return (cos(angle), sin(angle))
  }

  /// Makes the first output of each pair nearly the middle between the largest value and the next, beyond which results
  /// round to infinity.
  private static func approachLargest(
    _ values: inout [Double], _ plan: Plan, _ type: ElementType, _ positions: Positions, _ heads: Int,
    _ attentionFactor: Double, _ random: inout SplitMix
  ) {
    let largest = type.greatestFiniteMagnitude, end = largest + type.ulp(of: largest) / 2
    for row in 0..<values.count / plan.headDimension {
      for pair in plan.pairs {
        let (cosine, sine) = turn(pair, row: row, positions, heads)
        let first = row * plan.headDimension + pair.input.first, second = row * plan.headDimension + pair.input.second
        let target = end * (1 + type.unitRoundoff * Double.random(in: -2...2, using: &random)) / attentionFactor
        // The larger of both factors gives most of the result, the other the rest.
        let isStraight = cosine.magnitude > sine.magnitude
        let (main, rest) = isStraight ? (cosine, -sine) : (-sine, cosine)
        let value = max(-largest, min(largest, target / main))
        let rounded = type.value(ofBits: type.bits(rounding: value))
        let other = rest == 0 ? 0 : max(-largest, min(largest, (target - rounded * main) / rest))
        (values[first], values[second]) = isStraight ? (rounded, other) : (other, rounded)
      }
    }
  }

  private static func cancel(_ values: inout [Double], _ plan: Plan, _ positions: Positions, _ heads: Int) {
    for row in 0..<values.count / plan.headDimension {
      for pair in plan.pairs {
        let (cosine, sine) = turn(pair, row: row, positions, heads)
        let first = row * plan.headDimension + pair.input.first, second = row * plan.headDimension + pair.input.second
        // Dividing the smaller by the larger keeps the second value in range.
        values[second] =
          cosine.magnitude <= sine.magnitude ? values[first] * cosine / sine : -values[first] * sine / cosine
      }
    }
  }

  /// The angles that a contract gives; a table has the type of the elements or float32.
  func angles(_ contract: Contract) -> Angles {
    let tables = ExactTables(plan)
    switch contract {
    case .unrotated: return .none
    case .position: return .positions(positions)
    case .frequency:
      return .frequencies(tables.inverseFrequencies32(), attentionFactor: attentionFactor, positions)
    case .table:
      let table = tables.cosSin(
        positions: positions.ofTokens((0..<Self.tokenCount).reversed()), type: seed.isMultiple(of: 2) ? type : .float32)
      return .table(table, rows: [1, 0])
    }
  }

  /// The float64 nearest to each exact result, `[tokens, heads, D]`.
  func expected(_ angles: Angles) -> [Double] {
    let rotation = ExactRotation(plan: plan, angles: angles)
    let values = input.values
    var output = values
    let tokenSize = heads * plan.headDimension
    values.withUnsafeBufferPointer { values in
      output.withUnsafeMutableBufferPointer { output in
        for token in 0..<Self.tokenCount {
          let range = token * tokenSize..<(token + 1) * tokenSize
          rotation.rotate(
            token: token, input: UnsafeBufferPointer(rebasing: values[range]),
            output: UnsafeMutableBufferPointer(rebasing: output[range]))
        }
      }
    }
    return output
  }
}
