import Foundation
import RoPE

/// The rotation that outputs have beyond the right one, for one pair of one token, over all its heads.
struct MeasuredTurn {
  let token: Int
  let pair: Int
  /// The angle beyond the right one in radians, in −π...π.
  private(set) var angle: Double
  /// The largest error of `angle`, in radians.
  let uncertainty: Double
  /// The length of the outputs as a multiple of the right one.
  let gain: Fitted

  /// The same outputs as the opposite of a turned result.
  var opposite: MeasuredTurn {
    var opposite = self
    opposite.angle = (angle + .pi).wrapped
    return opposite
  }

  /// Measures pairs of heads that turn together; nil if their outputs are no common multiple and rotation of the right
  /// results.
  ///
  /// `slack` is the error of the right results' own angles, in radians, and `gainSlack` the error of their lengths, as a
  /// multiple of these.
  init?(_ observations: [PairObservation], slack: Double, gainSlack: Double) {
    guard let first = observations.first else { return nil }
    // The least-squares complex factor from the exact to the actual results.
    var real = 0.0, imaginary = 0.0, square = 0.0, moment = 0.0
    for seen in observations {
      real += (seen.actual * seen.exact).sum()
      imaginary += seen.actual.y * seen.exact.x - seen.actual.x * seen.exact.y
      square += (seen.exact * seen.exact).sum()
      moment += seen.tolerance * seen.size
    }
    // The largest error of the factor, if each pair has the largest that it may have.
    let tolerance = moment / square
    let factor = SIMD2(real, imaginary) / square
    let size = (factor * factor).sum().squareRoot()
    let fits = observations.allSatisfy { seen in
      let predicted = seen.exact.times(factor)
      return seen.isWithin(
        seen.tolerance * max(1, size) + (tolerance * max(1, size) + slack * size) * seen.size, of: predicted)
    }
    guard fits, size > 0 else { return nil }
    token = first.row.token
    pair = first.pair
    angle = atan2(imaginary, real)
    uncertainty = tolerance * max(1, 1 / size) + slack
    gain = Fitted(size, uncertainty: tolerance + gainSlack * size)
  }
}

extension SIMD2<Double> {
  /// The complex product.
  func times(_ other: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(x * other.x - y * other.y, y * other.x + x * other.y)
  }
}
