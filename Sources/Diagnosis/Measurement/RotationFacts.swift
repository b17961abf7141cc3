import Foundation
import Goldens
import RoPE

/// The positions and frequencies by which one tensor of a case rotates, as the call gives them: in the backward pass,
/// positions are negated.
struct RotationFacts {
  let extent: TensorExtent
  let pairs: [Plan.Pair]
  /// Radians per position of each pair.
  let frequencies: [Double]
  /// The type of the elements.
  let type: ElementType
  /// The other tensor, if it has tokens of its own; nil otherwise.
  let other: TensorExtent?
  /// 1, or −1 in the backward pass.
  private let sign: Double
  /// The base of the frequencies, where they are its powers; nil otherwise.
  let base: Double?
  /// The error of a pair's exact angle in radians, as a multiple of the angle.
  let relativeSlack: Double
  /// The error of a pair's exact angle in radians, at any angle.
  let constantSlack: Double

  init(_ golden: Golden, _ extent: TensorExtent) {
    self.extent = extent
    pairs = golden.runningPlan.pairs
    type = golden.goldenCase.elementType
    other = golden.isJoint ? nil : golden.tensors.first { $0.name != extent.name }
    sign = golden.goldenCase.workload.direction == .forward ? 1 : -1
    frequencies =
      if case .frequencies(let given, _, _) = golden.angles(of: extent.name) { given.map(Double.init) } else {
        golden.inverseFrequencies
      }
    let configuration = golden.goldenCase.convention.configuration
    base = configuration?.scaling == FrequencyScaling.none ? configuration?.base : nil
    // Under the contract `frequency`, an angle is a float32 product; in a table, cosine and sine are rounded.
    relativeSlack = golden.goldenCase.contract == .frequency ? 0x1p-23 : 0x1p-48
    constantSlack = golden.goldenCase.tableType.map { 2 * $0.unitRoundoff } ?? 0
  }

  /// The position of a token on the axis of a pair, or on another axis.
  func position(_ token: Int, _ pair: Int, axis: Int? = nil) -> Double {
    sign * extent.positions[axis ?? pairs[pair].axis, token]
  }

  /// The position of the token with the same number in the other tensor, or of its last; nil if there is none.
  func positionOfOther(_ token: Int, _ pair: Int) -> Double? {
    let (row, number) = token.quotientAndRemainder(dividingBy: extent.sequence)
    guard let other, other.sequence > 0 else { return nil }
    return sign * other.positions[pairs[pair].axis, row * other.sequence + min(number, other.sequence - 1)]
  }

  /// The right angle of a pair of a token in radians, without whole turns taken off.
  func angle(_ token: Int, _ pair: Int) -> Double { position(token, pair) * frequencies[pair] }

  /// The error of an angle, as far as the exact results do not tell it.
  func slack(_ angle: Double) -> Double { relativeSlack * angle.magnitude + constantSlack }
}
