import CMPFR
import RoPE

/// The entries of one frequency table, to a given number of bits.
///
/// With `W` working bits and the `lost` bits that ``set(_:to:)`` returns, the relative error of every entry is below
/// `2^(16 + lost − W)`. The argument of `exp` is below 2048 in magnitude and collects fewer than 16 roundings; each
/// formula adds fewer than 16 more, which a difference of near values amplifies by `2^lost`.
final class FrequencyEvaluation {
  private let table: FrequencyTable
  private let logarithmOfBase: BigFloats
  private let work: BigFloats

  init(_ table: FrequencyTable, precision: Int) {
    self.table = table
    logarithmOfBase = BigFloats(count: 1, precision: precision)
    work = BigFloats(count: 6, precision: precision)
    setLogarithmOfBase()
  }

  /// Sets `value` to entry `index`, in radians per position.
  ///
  /// - Returns: the number of bits lost by subtracting near values, at least 0.
  func set(_ value: mpfr_ptr, to index: Int) -> Int {
    var lost = 0
    setPower(value, index)
    switch table.adjustment {
    case .none, .ntk, .dynamic: break
    case .divided(let factor): mpfr_div_d(value, value, factor, MPFR_RNDN)
    case .dividedEach(let factors): mpfr_div_d(value, value, factors[index], MPFR_RNDN)
    case .proportional(let rotating, let factor):
      if index < rotating { mpfr_div_d(value, value, factor, MPFR_RNDN) } else { mpfr_set_zero(value, 1) }
    case .normalized(let extent):
      mpfr_const_pi(work[0], MPFR_RNDN)
      mpfr_mul(value, value, work[0], MPFR_RNDN)
      mpfr_mul_si(value, value, 2, MPFR_RNDN)
      mpfr_div_si(value, value, extent, MPFR_RNDN)
    case .values(let values): mpfr_set_d(value, values[index], MPFR_RNDN)
    case .yarn(let yarn):
      lost = setRamp(work[0], index, yarn) + Self.bits(yarn.factor)
      interpolate(value, share: work[0], factor: yarn.factor)
    case .llama3(let llama3):
      lost = setShareOfLongWaves(work[0], frequency: value, llama3) + Self.bits(llama3.factor)
      interpolate(value, share: work[0], factor: llama3.factor)
    }
    return lost
  }

  /// `log2` of a positive number, rounded up, at least 0.
  private static func bits(_ value: Double) -> Int { max(0, Int(value.exponent) + 1) }

  // MARK: - base^(−2i/dimension)

  private func setPower(_ value: mpfr_ptr, _ index: Int) {
    mpfr_mul_si(value, logarithmOfBase[0], -2 * index, MPFR_RNDN)
    mpfr_div_si(value, value, table.dimension, MPFR_RNDN)
    mpfr_exp(value, value, MPFR_RNDN)
  }

  private func setLogarithmOfBase() {
    let logarithm = logarithmOfBase[0], scale = work[0]
    mpfr_set_d(logarithm, table.base, MPFR_RNDN)
    mpfr_log(logarithm, logarithm, MPFR_RNDN)
    switch table.adjustment {
    case .ntk(let alpha):
      mpfr_set_d(scale, alpha, MPFR_RNDN)
    case .dynamic(let factor, let length, let maximum):
      // factor · length/maximum − (factor − 1) = (factor · (length − maximum) + maximum)/maximum
      mpfr_set_d(scale, factor, MPFR_RNDN)
      mpfr_mul_si(scale, scale, length - maximum, MPFR_RNDN)
      mpfr_add_si(scale, scale, maximum, MPFR_RNDN)
      mpfr_div_si(scale, scale, maximum, MPFR_RNDN)
    default: return
    }
    mpfr_log(scale, scale, MPFR_RNDN)
    mpfr_mul_si(scale, scale, table.dimension, MPFR_RNDN)
    mpfr_div_si(scale, scale, table.dimension - 2, MPFR_RNDN)
    mpfr_add(logarithm, logarithm, scale, MPFR_RNDN)
  }

  // MARK: - Interpolation

  /// Multiplies `value` by `(1 − share) + share/factor`.
  ///
  /// For a share near 1, its error counts up to `factor` times.
  private func interpolate(_ value: mpfr_ptr, share: mpfr_ptr, factor: Double) {
    let weight = work[1]
    mpfr_div_d(weight, share, factor, MPFR_RNDN)
    mpfr_si_sub(share, 1, share, MPFR_RNDN)
    mpfr_add(weight, weight, share, MPFR_RNDN)
    mpfr_mul(value, value, weight, MPFR_RNDN)
  }

  /// The share of the scaled frequency in pair `index`: `clamp((index − lo)/(hi − lo), 0, 1)`.
  ///
  /// No end of the ramp is in doubt when rounded: `2π` is transcendental, so an unrounded end is never an integer.
  private func setRamp(_ share: mpfr_ptr, _ index: Int, _ yarn: FrequencyScaling.YaRN) -> Int {
    let low = work[2], high = work[3]
    setPairThatTurns(low, yarn.betaFast, yarn)
    setPairThatTurns(high, yarn.betaSlow, yarn)
    if yarn.truncate {
      mpfr_floor(low, low)
      mpfr_ceil(high, high)
    }
    if mpfr_cmp_si_2exp(low, 0, 0) < 0 { mpfr_set_zero(low, 1) }
    if mpfr_cmp_si_2exp(high, table.dimension - 1, 0) > 0 { mpfr_set_si(high, table.dimension - 1, MPFR_RNDN) }
    if mpfr_cmp3(low, high, 1) == 0 {
      // transformers 5.23.0: `max += 0.001`, so that nothing is divided by 0.
      mpfr_set_si(share, 1, MPFR_RNDN)
      mpfr_div_si(share, share, 1000, MPFR_RNDN)
      mpfr_add(high, high, share, MPFR_RNDN)
    }
    let largest = max(Self.exponent(low), Self.exponent(high), Self.bits(Double(index)))
    mpfr_sub(high, high, low, MPFR_RNDN)
    mpfr_si_sub(share, index, low, MPFR_RNDN)
    mpfr_div(share, share, high, MPFR_RNDN)
    let lost = max(0, largest - mpfr_get_exp(high) + 1)
    return clamp(share) ? 0 : lost
  }

  /// `log2` of a magnitude, rounded up; 0 for the value 0, which loses nothing.
  private static func exponent(_ value: mpfr_ptr) -> Int { mpfr_zero_p(value) != 0 ? 0 : mpfr_get_exp(value) }

  /// `c(b) = R · ln(original/(2πb)) / (2 ln base)`, the index at which a pair turns `b` times over the original length.
  private func setPairThatTurns(_ value: mpfr_ptr, _ turns: Double, _ yarn: FrequencyScaling.YaRN) {
    let divisor = work[4]
    mpfr_const_pi(divisor, MPFR_RNDN)
    mpfr_mul_d(divisor, divisor, 2 * turns, MPFR_RNDN)
    mpfr_si_div(value, yarn.originalMaxPositionEmbeddings, divisor, MPFR_RNDN)
    mpfr_log(value, value, MPFR_RNDN)
    mpfr_mul_si(value, value, table.dimension, MPFR_RNDN)
    mpfr_mul_si(divisor, logarithmOfBase[0], 2, MPFR_RNDN)
    mpfr_div(value, value, divisor, MPFR_RNDN)
  }

  /// The share of the scaled frequency: 1 minus `(original/wavelength − low)/(high − low)`, clamped to 0...1.
  ///
  /// If low and high are the same, it is 1 for longer waves and 0 for shorter ones.
  private func setShareOfLongWaves(
    _ share: mpfr_ptr, frequency: mpfr_ptr, _ llama3: FrequencyScaling.Llama3
  ) -> Int {
    let turns = work[2]
    // original/wavelength = original · frequency/2π, the turns over the original length; never a rational number.
    mpfr_const_pi(share, MPFR_RNDN)
    mpfr_mul_si(share, share, 2, MPFR_RNDN)
    mpfr_mul_si(turns, frequency, llama3.originalMaxPositionEmbeddings, MPFR_RNDN)
    mpfr_div(turns, turns, share, MPFR_RNDN)
    if llama3.lowFreqFactor == llama3.highFreqFactor {
      mpfr_set_si(share, mpfr_cmp_d(turns, llama3.lowFreqFactor) < 0 ? 1 : 0, MPFR_RNDN)
      return 0
    }
    let largest = max(mpfr_get_exp(turns), Self.bits(llama3.highFreqFactor))
    mpfr_d_sub(share, llama3.highFreqFactor, turns, MPFR_RNDN)
    mpfr_set_d(turns, llama3.highFreqFactor, MPFR_RNDN)
    mpfr_sub_d(turns, turns, llama3.lowFreqFactor, MPFR_RNDN)
    mpfr_div(share, share, turns, MPFR_RNDN)
    let lost = max(0, largest - mpfr_get_exp(turns) + 1)
    // A clamped share is exact.
    return clamp(share) ? 0 : lost
  }

  /// Moves a share outside of 0...1 to the nearer end, and returns true if it moved.
  private func clamp(_ share: mpfr_ptr) -> Bool {
    if mpfr_cmp_si_2exp(share, 0, 0) < 0 {
      mpfr_set_zero(share, 1)
    } else if mpfr_cmp_si_2exp(share, 1, 0) > 0 {
      mpfr_set_si(share, 1, MPFR_RNDN)
    } else {
      return false
    }
    return true
  }

  // MARK: - Bounds

  /// Bits before the binary point of the table's largest entry, at least 0.
  static func integerBits(of table: FrequencyTable) -> Int {
    func inverseBits(_ value: Double) -> Int { max(0, -Int(value.exponent)) }
    let base = inverseBits(table.base)
    return switch table.adjustment {
    case .none, .dynamic: base
    case .divided(let factor), .proportional(_, let factor): base + inverseBits(factor)
    case .dividedEach(let factors): base + inverseBits(factors.min() ?? 1)
    // dimension/(dimension − 2) ≤ 2
    case .ntk(let alpha): base + 2 * inverseBits(alpha)
    case .yarn(let yarn): base + inverseBits(yarn.factor)
    case .llama3(let llama3): base + inverseBits(llama3.factor)
    // 2π < 2^3
    case .normalized: base + 3
    case .values(let values): values.map { $0 == 0 ? 0 : bits($0.magnitude) }.max() ?? 0
    }
  }
}
