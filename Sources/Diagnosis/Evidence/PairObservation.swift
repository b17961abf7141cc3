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
}
