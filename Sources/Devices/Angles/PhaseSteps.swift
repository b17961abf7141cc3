import RoPE

extension Plan {
  /// The frequency of each pair; see ``FrequencyFormula`` for its error.
  var frequencies: [DoubleDouble] {
    var formula: (table: FrequencyTable, formula: FrequencyFormula)?
    return pairs.map { pair in
      // Pairs of the same axis share a table, and they are neighbours.
      let table = pair.frequency.table
      let current = formula.flatMap { $0.table == table ? $0.formula : nil } ?? FrequencyFormula(table)
      formula = (table, current)
      return current.frequency(ofPair: pair.frequency.index)
    }
  }

  /// The amount that one position adds to the phase of each pair.
  var phaseSteps: [UInt64] { frequencies.map(\.phaseStep) }
}

extension FrequencyTable {
  /// The amount that one position adds to the phase of a pair; see ``DoubleDouble/phaseStep`` for its error.
  ///
  /// `index` is the pair `i`; its frequency is at most ``DoubleDouble/highestFrequency``.
  func phaseStep(ofPair index: Int) -> UInt64 { FrequencyFormula(self).frequency(ofPair: index).phaseStep }
}

extension DoubleDouble {
  /// The highest frequency, in radians per position, for which the error bound of ``phaseStep`` holds.
  static let highestFrequency = 0x1p24

  /// The amount that one position adds to the phase of a pair of this frequency: `round(2^64 · f / 2π)` modulo `2^64`,
  /// in units of `2^-64` turns.
  ///
  /// Whole turns overflow the 64 bits and vanish. A frequency of 0 has the step 0.
  ///
  /// Error bound: ½ unit from the rounding, and `2^64/2π < 2^61.4` times the error of the frequency, to which the
  /// product adds less than `f · 2^-102`. Within the conditions of ``FrequencyFormula``:
  /// - at most 0.501 units for frequencies up to 1, because `2^-75 · 2^61.4 < 2^-13`;
  /// - at most `½ + f · 2^-26` units for frequencies from 1 to 2^24, none of which is interpolated.
  ///
  /// At position p the angle is off by at most that many times `2π · p · 2^-64` radians: `2^-31.3` for 0.501 at `2^31`.
  /// A fraction of a position adds at most `2 + f` units: one for the product that the kernel cuts off, one for the last
  /// bits of the step, and the frequency times the unit that ``Swift/Double/fixedPoint`` cuts off.
  var phaseStep: UInt64 { unitsPerPosition.roundedModulo64() }

  /// The whole turns that one position adds to the phase, rounded down, which ``phaseStep`` leaves out.
  ///
  /// `2^64 · wholeTurns + phaseStep` is `round(2^64 · f / 2π)`. Only fractions of a position need it.
  var wholeTurns: Int64 { unitsPerPosition.roundedQuotient64() }

  /// `2^64 · f / 2π`.
  private var unitsPerPosition: DoubleDouble { (self * Self.turnsPerRadian).scaled(byPowerOfTwo: 64) }
}

extension Double {
  /// The integer below a position, and the rest in units of `2^-64`, for a magnitude below `2^63`.
  ///
  /// The rest is exact for magnitudes of at least `2^-11`; otherwise less than one unit is cut off towards 0.
  var fixedPoint: (whole: Int64, fraction: UInt64) {
    // Both operations are exact. The position itself less the integer below it would not be: 1 − 2^-60 is no float64.
    let whole = magnitude.rounded(.down), fraction = UInt64((magnitude - whole) * 0x1p64)
    guard self < 0 else { return (Int64(whole), fraction) }
    return (fraction == 0 ? -Int64(whole) : -Int64(whole) - 1, 0 &- fraction)
  }
}

extension DoubleDouble {
  /// The nearest integer modulo 2^64, for a magnitude below 2^105.
  ///
  /// The low part is at most half an ulp of the high one, so `high − floor(high) + low` is small. Its only rounding,
  /// 2^-53, matters only between two integers that are equally near.
  func roundedModulo64() -> UInt64 {
    let (whole, rest) = roundedParts
    return Self.modulo64(whole) &+ Self.modulo64(rest)
  }

  /// The nearest integer divided by 2^64 and rounded down, for a magnitude below 2^105.
  func roundedQuotient64() -> Int64 {
    let (whole, rest) = roundedParts
    // Both quotients are rounded down, and the remainders make at most one whole.
    let carry = Self.modulo64(whole).addingReportingOverflow(Self.modulo64(rest)).overflow
    return Int64((whole * 0x1p-64).rounded(.down)) + Int64((rest * 0x1p-64).rounded(.down)) + (carry ? 1 : 0)
  }

  /// The nearest integer as the sum of two.
  private var roundedParts: (whole: Double, rest: Double) {
    let whole = high.rounded(.down)
    return (whole, ((high - whole) + low).rounded())
  }

  /// Reduces an integer in float64 modulo 2^64.
  private static func modulo64(_ integer: Double) -> UInt64 {
    guard integer != 0 else { return 0 }
    let significand = integer.magnitude.significandBitPattern | 1 << 52
    // Swift's << shifts right by a negative count and gives 0 beyond the width.
    let magnitude = significand << (Int(integer.exponent) - 52)
    return integer < 0 ? 0 &- magnitude : magnitude
  }
}
