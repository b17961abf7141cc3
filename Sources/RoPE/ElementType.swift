/// A floating-point format in which a tensor is stored.
///
/// Switch over it with a `default` that answers ``Support/unsupported(reason:)``: a later version may add types, such as
/// float8.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum ElementType: String, Codable, Sendable, CaseIterable {
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary16.
  case float16
  /// The upper half of binary32: 8 exponent bits, 7 stored significand bits.
  case bfloat16

  /// Bytes per element.
  package var byteCount: Int { self == .float32 ? 4 : 2 }

  /// The short name that case names use: `f32`, `f16` or `bf16`.
  package var shortName: String {
    switch self {
    case .float32: "f32"
    case .float16: "f16"
    case .bfloat16: "bf16"
    }
  }

  /// Stored significand bits, without the implicit leading one.
  package var significandBitCount: Int {
    switch self {
    case .float32: 23
    case .float16: 10
    case .bfloat16: 7
    }
  }

  /// Exponent field bits.
  package var exponentBitCount: Int { self == .float16 ? 5 : 8 }

  /// The exponent of the smallest normal number: `2^minimumExponent`.
  package var minimumExponent: Int { 2 - (1 << (exponentBitCount - 1)) }

  /// The exponent of the largest binade: every finite value is below `2^(maximumExponent + 1)`.
  package var maximumExponent: Int { (1 << (exponentBitCount - 1)) - 1 }

  /// The largest relative error of one rounding to nearest, `2^-(significand bits + 1)`.
  package var unitRoundoff: Double { .init(sign: .plus, exponent: -(significandBitCount + 1), significand: 1) }

  /// The largest finite value.
  package var greatestFiniteMagnitude: Double { value(ofBits: infinityPattern - 1) }

  /// The bit pattern of positive infinity.
  private var infinityPattern: UInt32 { ((1 << UInt32(exponentBitCount)) - 1) << UInt32(significandBitCount) }

  /// The value of a bit pattern, exact in float64.
  ///
  /// Every NaN gives the one quiet NaN without payload.
  ///
  /// - Parameter bits: The pattern in the low bits, as many as an element has; higher bits are ignored.
  /// - Returns: The value, or NaN.
  public func value(ofBits bits: UInt32) -> Double {
    switch self {
    case .float32: return Self.value(Float(bitPattern: bits))
    case .bfloat16: return Self.value(Float(bitPattern: bits << 16))
    case .float16:
      let field = Int(bits >> 10 & 0x1F), fraction = Double(bits & 0x3FF)
      if field == 0x1F, fraction != 0 { return .nan }
      let magnitude: Double =
        switch field {
        case 0: fraction * 0x1p-24
        case 0x1F: .infinity
        default: (fraction + 0x1p10) * Self.powerOfTwo(field - 25)
        }
      return bits & 0x8000 == 0 ? magnitude : -magnitude
    }
  }

  private static func value(_ value: Float) -> Double { value.isNaN ? .nan : Double(value) }

  /// `2^exponent` for the exponent of a normal float64.
  private static func powerOfTwo(_ exponent: Int) -> Double { Double(bitPattern: UInt64(exponent + 1023) << 52) }

  /// The bit pattern nearest to a value, ties to even, with gradual underflow and overflow to infinity as IEEE 754
  /// defines them.
  ///
  /// Every NaN gives the one quiet NaN without payload.
  public func bits(rounding value: Double) -> UInt32 {
    if self == .float32, !value.isNaN { return Float(value).bitPattern }
    let sign: UInt32 = value.sign == .minus ? 1 << UInt32(8 * byteCount - 1) : 0
    if value.isNaN { return infinityPattern | 1 << UInt32(significandBitCount - 1) }
    if value.isInfinite { return sign | infinityPattern }
    if value.isZero { return sign }
    let exponent = max(Int(value.exponent), minimumExponent)
    // Scaling by a power of two is exact, so the only rounding is the one asked for.
    let scaled = (value.magnitude * Self.powerOfTwo(significandBitCount - exponent)).rounded(.toNearestOrEven)
    // A carry out of the significand correctly increments the exponent field.
    let field = UInt64(exponent - minimumExponent) << UInt64(significandBitCount)
    return sign | UInt32(min(field + UInt64(scaled), UInt64(infinityPattern)))
  }

  /// The unit in the last place of a finite value: the distance between neighbours in this format in the binade of
  /// `value` (of the smallest normal binade below it, of the largest above it).
  ///
  /// At a power of two that is the wider spacing, the one above.
  package func ulp(of value: Double) -> Double {
    let exponent = value.isZero ? minimumExponent : Int(value.exponent)
    let clamped = min(max(exponent, minimumExponent), maximumExponent)
    return Self.powerOfTwo(clamped - significandBitCount)
  }
}
