import Diagnosis
import Foundation
import Goldens
import RoPE

/// The outputs of a pair that measured changes give, by formulas of its own.
struct StatementPrediction {
  private(set) var value: SIMD2<Double>
  /// The error that the digits of the numbers leave.
  private(set) var slack = 0.0

  /// The changes of the outputs `base` of a pair; nil if the call does not have what a change names.
  init?(_ changes: [MeasuredChange], of pair: PlantedMistake.Pair, from base: SIMD2<Double>, _ call: PlantedCall) {
    value = base
    for change in changes {
      let said = change.value?.said(beside: call.rightNumber(of: change)) ?? (0, 0), (number, unit) = said
      switch change {
      case .unrotated: value = pair.input
      case .zero: value = .zero
      case .exchanged: value = SIMD2(value.y, value.x)
      case .negated(let output): value[output] *= -1
      case .gain:
        value *= number
        slack += unit * base.size
      default:
        guard let angle = call.angle(change, pair, number: number, unit: unit) else { return nil }
        turn(angle.angle, reach: angle.reach, pair, call)
      }
    }
  }

  private mutating func turn(_ angle: Double, reach: Double, _ pair: PlantedMistake.Pair, _ call: PlantedCall) {
    let right = call.angle(pair.row.tensor, pair.row.token, pair.pair), turn = angle - right
    value = value.turned(SIMD2(cos(turn), sin(turn)))
    // An exact result may turn by a frequency that is rounded to float32, or by a rounded cosine and sine.
    let isRounded = call.golden.goldenCase.contract == .frequency
    slack += (min(reach, 2) + (isRounded ? 0x1p-23 : 0x1p-46) * (right.magnitude + angle.magnitude)) * value.size
    slack += 4 * (call.golden.goldenCase.tableType?.unitRoundoff ?? 0) * value.size
  }
}

extension PlantedCall {
  /// The angle that a change gives a pair, and the error that the digits of its number leave; nil if the call has none.
  fileprivate func angle(
    _ change: MeasuredChange, _ pair: PlantedMistake.Pair, number: Double, unit: Double
  ) -> (angle: Double, reach: Double)? {
    let tensor = pair.row.tensor, token = pair.row.token, frequency = frequencies[pair.pair]
    let position = position(tensor, token, pair.pair), right = position * frequency
    let extent = extent(tensor), sequence = extent.sequence
    func at(_ source: Int) -> (Double, Double)? {
      source < extent.tokenCount ? (angle(tensor, source, pair.pair), 0) : nil
    }
    switch change {
    case .unrotated, .zero, .exchanged, .negated, .gain: return nil
    case .noAngle: return (0, 0)
    case .opposite: return (-right, 0)
    case .multiple, .frequencyMultiple: return (number * right, unit * right.magnitude)
    case .shift: return ((position + number) * frequency, unit * frequency)
    case .position: return (number * frequency, unit * frequency)
    case .otherToken(let distance):
      return at(token / sequence * sequence + min(max(token % sequence + distance, 0), sequence - 1))
    case .otherBatchRow(let row): return at(row * sequence + token % sequence)
    case .otherAxis(let axis):
      return axis < axisCount ? (self.position(tensor, token, pair.pair, axis: axis) * frequency, 0) : nil
    case .otherTensor:
      guard let other = tensors.first(where: { $0.name != tensor }), other.sequence > 0 else { return nil }
      let source = token / sequence * other.sequence + min(token % sequence, other.sequence - 1)
      return (angle(other.name, source, pair.pair), 0)
    case .inverseFrequency: return (position / frequency, 0)
    case .otherPair(let distance):
      let other = pair.pair + distance
      return frequencies.indices.contains(other) ? (position * frequencies[other], 0) : nil
    case .base:
      guard let base else { return nil }
      let wrong = pow(frequency, log(number) / log(base))
      let relative = unit / number / log(base) * log(max(frequency, .leastNormalMagnitude)).magnitude
      return (position * wrong, relative * (position * wrong).magnitude)
    }
  }
}

extension PlantedCall {
  /// The number of the right computation that a change replaces; nil if it has none.
  func rightNumber(of change: MeasuredChange) -> Double? {
    switch change {
    case .gain, .multiple, .frequencyMultiple: 1
    case .shift: 0
    case .base: base
    default: nil
    }
  }
}

extension Fitted {
  /// The number as a reader takes it, and one and a half units of its last digit.
  ///
  /// One whose digits are those of the right computation's is said by its distance from that.
  func said(beside right: Double?) -> (number: Double, unit: Double) {
    if let right, shown == right, value != right {
      let distance = Fitted(value - right, uncertainty: uncertainty)
      return (right + distance.shown, distance.unit)
    }
    return (shown, unit)
  }

  private var unit: Double {
    value == 0 ? uncertainty : 1.5 * pow(10, floor(log10(value.magnitude)) - Double(digits - 1))
  }
}
