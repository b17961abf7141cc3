import RoPE

/// One pair of one head of one token: what was read, what is exact, and what was written.
struct PairObservation: Sendable {
  let row: RowIndex
  let pair: Int
  let input: SIMD2<Double>
  let exact: SIMD2<Double>
  let actual: SIMD2<Double>
  /// The largest error of each output against a result of its own size.
  let limit: SIMD2<Double>
  /// True for an output that is wrong.
  let fails: (first: Bool, second: Bool)

  var isRight: Bool { !fails.first && !fails.second }

  /// The length of the exact result.
  var size: Double { (exact * exact).sum().squareRoot() }

  /// The largest error that both outputs of the pair may have together.
  var tolerance: Double { limit.x + limit.y }

  /// Indicates whether both outputs are near a prediction.
  func isWithin(_ distance: Double, of predicted: SIMD2<Double>) -> Bool {
    let error = actual - predicted
    return max(error.x.magnitude, error.y.magnitude) <= distance
  }
}
