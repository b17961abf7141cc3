import Foundation

@testable import Devices
@testable import RoPE

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
  /// A slice in the middle of the head that consists of whole 16-byte groups in every element type.
  static func grouped(_ pairing: Pairing, output: Pairing? = nil) -> Configuration {
    Configuration(
      headDimension: 64, rotaryDimension: 32, rotaryOffset: 16, pairing: pairing, outputPairing: output, base: 1e4,
      attentionFactor: 1.25)
  }

  /// A slice that does not consist of whole groups.
  static func ungrouped(_ pairing: Pairing, output: Pairing? = nil) -> Configuration {
    Configuration(
      headDimension: 11, rotaryDimension: 6, rotaryOffset: 3, pairing: pairing, outputPairing: output, base: 5e6)
  }
}

extension Frequency {
  /// Radians per position in float64, for adjustments that are a single operation.
  var inDouble: Double {
    let power = pow(table.base, -2 * Double(index) / Double(table.dimension))
    switch table.adjustment {
    case .none: return power
    case .divided(let factor): return power / factor
    case .proportional(let rotating, let factor): return index < rotating ? power / factor : 0
    case .values(let values): return values[index]
    default: preconditionFailure("no trial rotates by \(table.adjustment)")
    }
  }
}

extension Plan {
  /// The same pairs with the entries 0, 1, 2 and so on of another table, whatever its values.
  func with(table: FrequencyTable) -> Plan {
    var plan = self
    plan.pairs = pairs.enumerated().map { index, pair in
      Pair(input: pair.input, output: pair.output, axis: pair.axis, frequency: Frequency(table: table, index: index))
    }
    return plan
  }
}

/// The parts of a trial; three query heads and two key heads by default.
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

  func trial() throws -> Trial { trial(of: try Plan(configuration)) }

  /// Makes the trial with a plan in place of the configuration.
  func trial(of plan: Plan) -> Trial {
    var contents: [[UInt32]] = []
    let angles = angles(plan)
    func tensor(_ heads: Int) -> RotatedTensor {
      let strides = Strides(
        layout, sequence: sequence, heads: heads, headDimension: plan.headDimension)
      // Five elements after the tensor, which nobody may write.
      let count = offset + batch * sequence * heads * plan.headDimension + 5
      let input = TensorView(buffer: contents.count, offset: offset, strides: strides)
      contents.append(scatteredBits(count, seed: contents.count, type: elementType))
      guard !isInPlace else { return tensor(heads, input, input) }
      let output = TensorView(buffer: contents.count, offset: offset, strides: strides)
      contents.append([UInt32](repeating: elementType.byteCount == 4 ? 0xFFFF_FFF5 : 0xFFF5, count: count))
      return tensor(heads, input, output)
    }
    func tensor(_ heads: Int, _ input: TensorView, _ output: TensorView) -> RotatedTensor {
      RotatedTensor(sequence: sequence, heads: heads, angles: angles, input: input, output: output)
    }
    let (query, key) = (tensor(heads.query), tensor(heads.key))
    return Trial(
      call: RotationCall(
        plan: plan, elementType: elementType, batch: batch, tensors: PerTensor(query: query, key: key)),
      contents: contents)
  }

  private func angles(_ plan: Plan) -> Angles {
    let tokens = 0..<batch * sequence
    // Positions differ between rows of the batch and between axes; the first token's is negative.
    let coordinates: [Int64] = (0..<plan.axisCount).flatMap { axis in
      tokens.map { Int64($0 * (7 + 4 * axis) - 5 + 13 * axis) }
    }
    let positions = Positions(coordinates, axisCount: plan.axisCount)
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
        plan.pairs.map { Float($0.frequency.inDouble) }, attentionFactor: plan.attentionFactor.value,
        positions)
    case .position: return .positions(positions)
    }
  }
}
