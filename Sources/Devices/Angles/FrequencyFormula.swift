import Foundation
import RoPE

/// The frequencies of one table in radians per position, with far more bits than their phase steps have.
///
/// Error bound: `f · 2^-88` for every adjustment except the two that interpolate, and `2^-75` for those. It holds
/// - for normal bases, dimensions up to 1024, and factors of at least 2^-64;
/// - where YaRN or Llama 3 interpolates, for bases of at least 2 and factors of at least 1, so that `f ≤ 1`; for a
///   YaRN ramp of at least 0.001 pairs; and for Llama 3's `high/(high − low)` of at most 2^10, or `low = high`.
///
/// The power: its exponent x is `−2i/dimension` times a logarithm, or times
/// `ln base + dimension/(dimension−2) · ln scale` with `dimension ≥ 4`, whose terms may cancel; all magnitudes are
/// below 2131. The three logarithms err by less than `2^-100 + 710 · 2^-103`, those of the scale count twice: below
/// 2^-91 together. The other operations err by less than `16u² · 2131`, below 2^-90. The exponential adds
/// `2^-102 + |x| · 2^-104`, a quotient 3u², the two of a normalised coordinate 21u² and the `2^-107` of its constant:
/// below `f · 2^-88` in all, and below `f · 2^-91` if the base is not scaled. Where `x < -670` the frequency is below
/// 2^-900 and its step 0.
///
/// The share of YaRN: the logarithm in an end c errs by less than `2^-99.8 + |ln| · 2^-103`, which
/// `dimension/(2 ln base) < 2^9.6` makes less than `2^-90.2 + |c| · 2^-103`; that of the base and the quotient add
/// `|c| · 2^-99.8`. An end is off by less than 2^-88, because beyond `|c| = 2^10` it is clamped, or the share is. Both
/// ends move the share on a ramp of 2^-10 pairs by less than 2^-77. An end that is rounded to a whole pair is exact,
/// as long as it is not within 2^-88 of one.
///
/// The share of Llama 3: turns between low and high err by less than `high · 2^-91`, which the quotient reduces to less
/// than 2^-81. If low and high are the same, turns within 2^-91 of them, relatively, may fall on the wrong side.
///
/// An error δ of a share moves the frequency by less than `f · (1 + 1/factor) · δ ≤ 2δ`, below 2^-75.
struct FrequencyFormula {
  private let table: FrequencyTable
  /// The logarithm of the base after its adjustment.
  private let logarithmOfBase: DoubleDouble
  /// The ends of YaRN's ramp, in pairs.
  private let ramp: (low: DoubleDouble, high: DoubleDouble)?

  init(_ table: FrequencyTable) {
    self.table = table
    var logarithm = DoubleDouble.log(table.base)
    if let scale = Self.logarithmOfBaseScale(table.adjustment) {
      logarithm = logarithm + scale * Double(table.dimension) / Double(table.dimension - 2)
    }
    logarithmOfBase = logarithm
    ramp =
      if case .yarn(let yarn) = table.adjustment {
        Self.ramp(of: yarn, dimension: table.dimension, logarithmOfBase: logarithm)
      } else { nil }
  }

  /// The frequency of pair `index`; infinite if the power is beyond float64.
  func frequency(ofPair index: Int) -> DoubleDouble {
    switch table.adjustment {
    case .none, .ntk, .dynamic: return power(index)
    case .divided(let factor): return power(index) / factor
    case .dividedEach(let factors): return power(index) / factors[index]
    case .proportional(let rotating, let factor):
      return index < rotating ? power(index) / factor : DoubleDouble(0)
    case .normalized(let extent): return power(index) / Double(extent) / DoubleDouble.turnsPerRadian
    case .values(let values): return DoubleDouble(values[index])
    case .yarn(let yarn): return interpolate(power(index), share: shareOnRamp(index), factor: yarn.factor)
    case .llama3(let llama3):
      let power = power(index)
      return interpolate(power, share: Self.shareOfLongWaves(frequency: power, llama3), factor: llama3.factor)
    }
  }

  // MARK: - base^(−2i/dimension)

  private func power(_ index: Int) -> DoubleDouble {
    let exponent = -(logarithmOfBase * Double(2 * index) / Double(table.dimension))
    guard exponent.high <= 709 else { return DoubleDouble(.infinity) }
    return .exp(exponent)
  }

  /// The logarithm of the scale that is raised to `dimension/(dimension−2)` and multiplies the base.
  private static func logarithmOfBaseScale(_ adjustment: FrequencyTable.Adjustment) -> DoubleDouble? {
    switch adjustment {
    case .ntk(let alpha): return .log(alpha)
    case .dynamic(let factor, let length, let maximum):
      // factor · length/maximum − (factor − 1) = (factor · (length − maximum) + maximum)/maximum
      let scaled = DoubleDouble.product(factor, Double(length - maximum)) + DoubleDouble(Double(maximum))
      return .log(scaled) + -DoubleDouble.log(Double(maximum))
    default: return nil
    }
  }

  // MARK: - Interpolation

  /// The interpolated frequency `frequency · ((1 − share) + share/factor)`.
  private func interpolate(_ frequency: DoubleDouble, share: DoubleDouble, factor: Double) -> DoubleDouble {
    frequency * ((DoubleDouble(1) + -share) + share / factor)
  }

  /// The ends of the ramp, `c(b) = dimension · ln(original/2πb) / (2 ln base)` for both betas: the pair that turns b
  /// times over the original length.
  ///
  /// The rounding and the clamping are those of transformers 5.23.0.
  private static func ramp(
    of yarn: FrequencyScaling.YaRN, dimension: Int, logarithmOfBase: DoubleDouble
  ) -> (low: DoubleDouble, high: DoubleDouble) {
    func pair(turning turns: Double) -> DoubleDouble {
      let original = DoubleDouble(Double(yarn.originalMaxPositionEmbeddings))
      let logarithm = DoubleDouble.log(original * DoubleDouble.turnsPerRadian / turns)
      return logarithm * Double(dimension) / (logarithmOfBase * 2)
    }
    var (low, high) = (pair(turning: yarn.betaFast), pair(turning: yarn.betaSlow))
    if yarn.truncate { (low, high) = (low.roundedDown, -(-high).roundedDown) }
    let last = DoubleDouble(Double(dimension - 1))
    if low < DoubleDouble(0) { low = DoubleDouble(0) }
    if last < high { high = last }
    if low == high { high = high + DoubleDouble(1) / 1000 }
    return (low, high)
  }

  /// The share of the divided frequency in pair `index`.
  private func shareOnRamp(_ index: Int) -> DoubleDouble {
    guard let ramp else { return DoubleDouble(0) }
    return ((DoubleDouble(Double(index)) + -ramp.low) / (ramp.high + -ramp.low)).clampedToShare
  }

  /// The share of the divided frequency in a wave, by its turns over the original length: all of it below the low
  /// factor, none above the high factor.
  private static func shareOfLongWaves(
    frequency: DoubleDouble, _ llama3: FrequencyScaling.Llama3
  ) -> DoubleDouble {
    let turns = frequency * Double(llama3.originalMaxPositionEmbeddings) * DoubleDouble.turnsPerRadian
    let (low, high) = (DoubleDouble(llama3.lowFreqFactor), DoubleDouble(llama3.highFreqFactor))
    if low == high { return DoubleDouble(turns < low ? 1 : 0) }
    return ((high + -turns) / (high + -low)).clampedToShare
  }
}

extension DoubleDouble {
  /// The nearest number in 0...1.
  fileprivate var clampedToShare: DoubleDouble {
    if self < DoubleDouble(0) { return DoubleDouble(0) }
    return DoubleDouble(1) < self ? DoubleDouble(1) : self
  }
}

extension JointCall {
  /// The attention factor by which the kernel multiplies, in float64.
  var attentionFactor: Double {
    if case .frequencies(_, let factor, _) = angles { return factor }
    return plan.attentionFactor.value
  }
}

extension AttentionFactor {
  /// The value in float64, with a relative error below 2^-48.
  ///
  /// The kernel rounds it to float32, so the factor that it multiplies by is off by less than `(1 + 2^-23) · 2^-24`.
  ///
  /// In units of 2^-53: a logarithm has at most 2, the decimal 0.1 and each operation 1. Every term is positive, so
  /// that g has at most 6 and a quotient of two 13; a quotient of logarithms has 5, its sum with 1 has 6, the root 4.
  var value: Double {
    switch self {
    case .value(let value): return value
    case .mscale(let mscale, let factor, let mscaleAllDim):
      func g(_ m: Double) -> Double { factor <= 1 ? 1 : 0.1 * m * log(factor) + 1 }
      return g(mscale) / (mscaleAllDim.map(g) ?? 1)
    case .longrope(let factor, let original):
      return factor <= 1 ? 1 : (1 + log(factor) / log(Double(original))).squareRoot()
    }
  }
}
