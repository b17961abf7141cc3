import Foundation
import Goldens
import RoPE

/// The positions and frequencies by which one tensor of a case rotates.
struct RotationFacts {
  let extent: TensorExtent
  let pairs: [Plan.Pair]
  /// Radians per position of each pair, with the sign of the direction.
  let frequencies: [Double]
  /// The base of the frequencies, where they are its powers; nil otherwise.
  let base: Double?
  /// The error of a pair's exact angle in radians, as a multiple of the angle.
  let relativeSlack: Double
  /// The error of a pair's exact angle in radians, at any angle.
  let constantSlack: Double

  init(_ golden: Golden, _ extent: TensorExtent) {
    self.extent = extent
    pairs = golden.runningPlan.pairs
    let sign = golden.goldenCase.workload.direction == .forward ? 1.0 : -1.0
    let given: [Double] =
      if case .frequencies(let given, _, _) = golden.angles(of: extent.name) { given.map(Double.init) } else {
        golden.inverseFrequencies
      }
    frequencies = given.map { sign * $0 }
    let configuration = golden.goldenCase.convention.configuration
    base = configuration?.scaling == FrequencyScaling.none ? configuration?.base : nil
    // Under the contract `frequency`, an angle is a float32 product; in a table, cosine and sine are rounded.
    relativeSlack = golden.goldenCase.contract == .frequency ? 0x1p-23 : 0x1p-48
    constantSlack = golden.goldenCase.tableType.map { 2 * $0.unitRoundoff } ?? 0
  }

  /// The position of a token on the axis of a pair, or on another axis.
  func position(_ token: Int, _ pair: Int, axis: Int? = nil) -> Double {
    extent.positions[axis ?? pairs[pair].axis, token]
  }

  /// The right angle of a pair of a token in radians, without whole turns taken off.
  func angle(_ token: Int, _ pair: Int) -> Double { position(token, pair) * frequencies[pair] }

  /// The error of an angle, as far as the exact results do not tell it.
  func slack(_ angle: Double) -> Double { relativeSlack * angle.magnitude + constantSlack }
}
