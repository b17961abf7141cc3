import RoPE

extension FrequencyTable {
  /// The highest frequency for which ``phaseStep(ofPair:)`` is as exact as it says, in radians per position.
  static let highestFrequency = 0x1p24

  /// What one position adds to the phase of a pair: `round(2^64 · base^(−2i/dimension) / 2π)` modulo `2^64`, in
  /// units of `2^-64` turns. Whole turns per position fall out of the 64 bits.
  ///
  /// Error bound: at most 0.501 units, ½ of it from the rounding. The exponent `x = −(2i/dimension) ln base` has an
  /// absolute error below `2^-101 + |x| · 2^-102` and exp adds `2^-102 + |x| · 2^-104`, relatively. For frequencies
  /// up to 1 that is at most `|x| e^x · 2^-101 + 2^-100` of `2^64/2π` units, below `2^-38`. For those up to 2^24,
  /// where `x < 17`, it is below `2^-96` of `2^86` units, so below `2^-10`.
  /// At position p the angle is off by at most `0.501 · 2π · p · 2^-64` radians: `2^-31.3` at `2^31`.
  ///
  /// - Parameter index: the pair `i`; its frequency is at most ``highestFrequency``.
  func phaseStep(ofPair index: Int) -> UInt64 {
    let exponent = -(DoubleDouble.log(base) * Double(2 * index) / Double(dimension))
    return (DoubleDouble.exp(exponent) * DoubleDouble.turnsPerRadian).scaled(byPowerOfTwo: 64).roundedModulo64()
  }
}

extension DoubleDouble {
  /// The nearest integer modulo 2^64, for a magnitude below 2^105.
  ///
  /// The low part is at most half an ulp of the high one, so that `high − floor(high) + low` is small: an integer and
  /// a fraction whose only rounding, 2^-53, matters between two integers that are equally near.
  func roundedModulo64() -> UInt64 {
    let whole = high.rounded(.down)
    let rest = ((high - whole) + low).rounded()
    return Self.modulo64(whole) &+ Self.modulo64(rest)
  }

  /// An integer in float64 modulo 2^64.
  private static func modulo64(_ integer: Double) -> UInt64 {
    guard integer != 0 else { return 0 }
    let significand = integer.magnitude.significandBitPattern | 1 << 52
    // Swift's << shifts right by a negative count and gives 0 beyond the width.
    let magnitude = significand << (Int(integer.exponent) - 52)
    return integer < 0 ? 0 &- magnitude : magnitude
  }
}
