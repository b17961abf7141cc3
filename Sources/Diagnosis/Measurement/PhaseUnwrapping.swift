/// A measured angle that should be a number times a known factor, apart from whole turns.
struct PhaseSample {
  /// Radians per unit of the number that is sought.
  let factor: Double
  /// The measured angle in radians, in −π...π.
  let angle: Double
  /// The largest error of `angle`, in radians.
  let uncertainty: Double
}

extension [PhaseSample] {
  /// Finds the number that gives every angle when its factor multiplies it, apart from whole turns; nil if there is none.
  ///
  /// The smallest factor gives a first number, which is taken to be less than half a turn away from 0; each larger
  /// factor then decides its own whole turns, and makes the number more precise.
  func unwrapped() -> Fitted? {
    var number = 0.0, uncertainty = Double.infinity
    for sample in sorted(by: { $0.factor.magnitude < $1.factor.magnitude }) where sample.factor != 0 {
      let reach = sample.uncertainty / sample.factor.magnitude
      guard uncertainty.isFinite else {
        (number, uncertainty) = (sample.angle / sample.factor, reach)
        continue
      }
      // Beyond a quarter turn, the number so far does not decide the whole turns.
      guard uncertainty * sample.factor.magnitude < .pi / 2 else { continue }
      let rest = (sample.angle - number * sample.factor).wrapped
      guard rest.magnitude <= uncertainty * sample.factor.magnitude + sample.uncertainty else { return nil }
      if reach < uncertainty {
        number += rest / sample.factor
        uncertainty = reach
      }
    }
    return uncertainty.isFinite ? Fitted(number, uncertainty: uncertainty) : nil
  }
}

extension Double {
  /// The same angle in −π...π.
  var wrapped: Double { remainder(dividingBy: 2 * .pi) }
}

extension [Fitted] {
  /// The number in the middle of those that all allow, as uncertain as the most precise; nil if they contradict each
  /// other.
  var common: Fitted? {
    guard let least = map({ $0.value - $0.uncertainty }).max(), let most = map({ $0.value + $0.uncertainty }).min(),
      let uncertainty = map(\.uncertainty).min(), least <= most
    else { return nil }
    return Fitted(least + (most - least) / 2, uncertainty: uncertainty)
  }
}
