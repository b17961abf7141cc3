import Foundation
import RoPE

/// A value in [-2, 2) that depends on every bit of the index.
func scattered(_ index: Int) -> Double {
  var bits = UInt64(truncatingIfNeeded: index) &+ 0x9E37_79B9_7F4A_7C15
  bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
  return Double(bits >> 40) / 0x1p22 - 2
}

func scatteredBits(_ count: Int, seed: Int, type: ElementType) -> [UInt32] {
  (0..<count).map { type.bits(rounding: scattered(seed * 1_000_003 + $0)) }
}

extension Configuration {
  /// A slice in the middle of the head that 16-byte groups fit, in every element type.
  static func grouped(_ pairing: Pairing, output: Pairing? = nil) -> Configuration {
    Configuration(
      headDimension: 64, rotaryDimension: 32, rotaryOffset: 16, pairing: pairing, outputPairing: output, base: 1e4,
      attentionFactor: 1.25)
  }

  /// A slice that they do not fit.
  static func ungrouped(_ pairing: Pairing, output: Pairing? = nil) -> Configuration {
    Configuration(
      headDimension: 11, rotaryDimension: 6, rotaryOffset: 3, pairing: pairing, outputPairing: output, base: 5e6)
  }
}

/// What a trial is made from; three query heads and two key heads unless said otherwise.
struct Recipe {
  var configuration = Configuration.grouped(.half)
  var elementType = ElementType.float32
  var contract: Contract? = .position
  var tableType = ElementType.float32
  var batch = 2
  var sequence = 3
  var heads = (query: 3, key: 2)
  var layout = Layout.bshd
  var isInPlace = false
  /// Elements before each tensor; multiples of 8 are aligned.
  var offset = 8

  func trial() throws -> Trial {
    let plan = try Plan(configuration)
    var contents: [[UInt32]] = []
    func tensor(_ heads: Int) -> RotatedTensor {
      let strides = Strides(
        layout, sequence: sequence, heads: heads, headDimension: configuration.headDimension)
      // Five elements behind the tensor that nobody may write.
      let count = offset + batch * sequence * heads * configuration.headDimension + 5
      let input = TensorView(buffer: contents.count, offset: offset, strides: strides)
      contents.append(scatteredBits(count, seed: contents.count, type: elementType))
      guard !isInPlace else { return RotatedTensor(heads: heads, input: input, output: input) }
      let output = TensorView(buffer: contents.count, offset: offset, strides: strides)
      contents.append([UInt32](repeating: elementType.byteCount == 4 ? 0xFFFF_FFF5 : 0xFFF5, count: count))
      return RotatedTensor(heads: heads, input: input, output: output)
    }
    let (query, key) = (tensor(heads.query), tensor(heads.key))
    return Trial(
      call: RotationCall(
        plan: plan, elementType: elementType, batch: batch, sequence: sequence, angles: angles(plan), query: query,
        key: key),
      contents: contents)
  }

  private func angles(_ plan: Plan) -> Angles {
    let tokens = 0..<batch * sequence
    // Rows of the batch stand at different positions; the first token's is negative.
    let positions = tokens.map { Int64($0 * 7 - 5) }
    switch contract {
    case .unrotated, .none: return .none
    case .table:
      let count = 7 * plan.pairs.count
      let table = CosSinTable(
        type: tableType, pairCount: plan.pairs.count, cosines: scatteredBits(count, seed: 90, type: tableType),
        sines: scatteredBits(count, seed: 91, type: tableType))
      return .table(table, rows: tokens.map { Int32(($0 * 3 + 1) % 7) })
    case .frequency:
      return .frequencies(
        plan.pairs.indices.map { Float(pow(configuration.base, -2 * Double($0) / Double(2 * plan.pairs.count))) },
        attentionFactor: configuration.attentionFactor ?? 1, positions: positions)
    case .position: return .positions(positions)
    }
  }
}
