import RoPE

/// Changes that may explain outputs, with the outputs that they give.
struct MeasuredCandidate {
  let changes: [MeasuredChange]
  /// The error of the prediction as a multiple of its size.
  private let slack: Double
  /// The error of the prediction in radians.
  private let angleSlack: (PairObservation) -> Double
  private let prediction: (PairObservation) -> SIMD2<Double>?

  init(
    _ changes: [MeasuredChange], slack: Double = 0, angleSlack: @escaping (PairObservation) -> Double = { _ in 0 },
    _ prediction: @escaping (PairObservation) -> SIMD2<Double>?
  ) {
    self.changes = changes
    self.slack = slack
    self.angleSlack = angleSlack
    self.prediction = prediction
  }

  /// The largest error that remains, as a multiple of what is allowed; nil if one is not allowed, or if the errors do
  /// not become much smaller.
  ///
  /// `output` is the one output of each pair that is meant; nil for both. If `isStrict`, each output has its own limit,
  /// otherwise both have the sum.
  func residual(of observations: [PairObservation], output: Int?, isStrict: Bool) -> Double? {
    var residual = 0.0, before = 0.0
    for seen in observations {
      guard let error = error(of: seen, output: output, isStrict: isStrict), error.now <= 1 else { return nil }
      residual = max(residual, error.now)
      before = max(before, error.before)
    }
    return before >= Measurement.explainingFactor * residual ? residual : nil
  }

  /// The largest error that remains, as a multiple of what is allowed; nil if the changes give no output.
  func largestError(of observations: [PairObservation]) -> Double? {
    let errors = observations.compactMap { error(of: $0, output: nil, isStrict: true)?.now }
    return errors.count == observations.count ? errors.max() : nil
  }

  /// Indicates whether no error remains that is not allowed.
  func holds(for observations: [PairObservation], output: Int?, isStrict: Bool) -> Bool {
    observations.allSatisfy { error(of: $0, output: output, isStrict: isStrict).map { $0.now <= 1 } ?? false }
  }

  /// The error of a pair after the changes, and before, as multiples of what is allowed after them; nil if they give no
  /// output.
  private func error(of seen: PairObservation, output: Int?, isStrict: Bool) -> (now: Double, before: Double)? {
    guard let predicted = prediction(seen) else { return nil }
    let size = (predicted * predicted).sum().squareRoot()
    let limit = isStrict ? seen.limit : SIMD2(seen.tolerance, seen.tolerance)
    // What is computed has errors in proportion to it, not to the right result.
    let allowed =
      limit * max(size / max(seen.size, .leastNormalMagnitude), .leastNormalMagnitude)
      + (slack + angleSlack(seen)) * size
    let now = ((seen.actual - predicted) / allowed).only(output)
    let before = ((seen.actual - seen.exact) / allowed).only(output)
    return (max(now.x.magnitude, now.y.magnitude), max(before.x.magnitude, before.y.magnitude))
  }
}

extension MeasuredCandidate {
  /// The changes of other candidates that give the same outputs here, but not in every call: each instead of the first.
  ///
  /// Of each kind the best known, and only with a number that the outputs tell.
  func alternatives(among candidates: [MeasuredCandidate]) -> [MeasuredChange] {
    guard let mine = changes.first else { return [] }
    var known = [mine.essence]
    let others = candidates.compactMap { other -> MeasuredChange? in
      guard let change = other.changes.first, other.changes.dropFirst() == changes.dropFirst(),
        change.value.map({ $0.digits > 1 }) ?? true, !known.contains(change.essence)
      else { return nil }
      known.append(change.essence)
      return change
    }
    return Array(others.prefix(Self.mostAlternatives))
  }

  /// The number of alternatives beyond which more are no help.
  private static let mostAlternatives = 3
}

extension MeasuredChange {
  /// The same for changes that give the same outputs in every call, and for all other pairs or tokens: a multiple of the
  /// position is one of the frequency.
  fileprivate var essence: MeasuredChange {
    switch self {
    case .unrotated, .noAngle, .opposite, .multiple, .frequencyMultiple: .multiple(.zero)
    case .gain, .shift, .position, .base: replacing(.zero)
    case .otherPair: .otherPair(1)
    case .otherToken: .otherToken(1)
    default: self
    }
  }
}

extension SIMD2<Double> {
  /// The pair with only one of its outputs, 0 or 1; nil for both.
  func only(_ output: Int?) -> SIMD2<Double> {
    switch output {
    case nil: self
    case 0: SIMD2(x, 0)
    default: SIMD2(0, y)
    }
  }
}
