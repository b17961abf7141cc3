import RoPE

extension KnownGood {
  /// Every implementation.
  ///
  /// The letters of pipelines are those of transformers 5.23.0: A casts cosines and sines to the type of the
  /// activations and multiplies in it, B keeps everything in float32, C casts and multiplies in float32.
  package static let all: [KnownGood] =
    [
      // These differ in the multiplication; the angles are those of transformers.
      KnownGood("unfused multiply-add", .float32Power, .unfused, float32Power),
      KnownGood("fused multiply-add", .float32Power, .fused, float32Power),
      KnownGood("complex multiplication", .float32Power, .complex, float32Power),
      KnownGood("x·cos + rotate_half(x)·sin", .float32Power, .rotateHalf, float32Power),
      // These differ in the angles.
      KnownGood("float64 frequencies, float32 product", .float64Frequencies, .unfused, claims(float32Angle)),
      KnownGood(
        "float32 exponential", .float32Exponential, .unfused,
        claims(Claim(budget: "float32-angle-c48", exceeds: "float32-angle-c8"), frequency: nil)),
      KnownGood("running product of frequencies", .runningProduct, .fused, runningProduct),
      KnownGood(
        "phase accumulator in 64-bit turns", .phaseAccumulator, .fused, claims(exactAngle, frequency: nil)),
      KnownGood("float32 table, made in float64", .float32Table, .unfused, claims(exactAngle)),
      KnownGood(
        "float64 angle, float32 complex multiplication", .float64Product, .complex,
        claims(exactAngle, frequency: float32Angle)),
      KnownGood(
        "float32 angle, reduced to ±π", .reduced(isSigned: true), .unfused,
        claims(constantAngle, frequency: constantAngle)),
      KnownGood(
        "float32 angle, reduced to [0, 2π)", .reduced(isSigned: false), .fused,
        claims(constantAngle, frequency: constantAngle)),
      KnownGood(
        "float32 angle, reduced to [0, 2π), unfused", .reduced(isSigned: false), .unfused,
        claims(constantAngle, frequency: constantAngle)),
      // These multiply complex numbers by three products.
      KnownGood(
        "Gauss's three products", .float32Table, .gauss,
        claims(threeProducts, frequency: threeProducts, table: threeProducts)),
      KnownGood(
        "Karatsuba's three products", .float32Table, .karatsuba,
        claims(threeProducts, frequency: threeProducts, table: threeProducts)),
      KnownGood(
        "whole heads in float32 and back", .float32Table, .unfused, claims(exactAngle), copiesInFloat32: true),
      KnownGood(
        "float64 throughout", .float64, .float64,
        claims(exactAngle, table: Claim(budget: "float32-exact-angle", exceeds: nil))),
    ]
    + [ElementType.bfloat16, .float16].flatMap { type in
      [
        KnownGood(
          "pipeline A in \(type)", .float32Power, .rotateHalfInStorage,
          claims(storage, frequency: storage, table: storage), types: [type]),
        KnownGood("pipeline B in \(type)", .float32Power, .complex, float32Power, types: [type]),
        KnownGood(
          "pipeline C in \(type)", .float32Power, .tableInStorage,
          claims(storage, frequency: roundedTable, table: roundedTable), types: [type]),
      ]
    }

  private static let exactAngle = Claim(budget: "float32-exact-angle", exceeds: "correctly-rounded")
  private static let constantAngle = Claim(budget: "float32-constant-angle", exceeds: "float32-exact-angle")
  private static let threeProducts = Claim(budget: "float32-three-products", exceeds: "float32-exact-angle")
  private static let float32Angle = Claim(budget: "float32-angle-c8", exceeds: "float32-exact-angle")
  private static let roundedTable = Claim(budget: "table-rounded", exceeds: "float32-exact-angle")
  private static let storage = Claim(budget: "storage-arithmetic", exceeds: "table-rounded")

  /// Claims for float32 arithmetic, with no error in angles or tables that are given, unless stated otherwise.
  private static func claims(_ position: Claim, frequency: Claim? = exactAngle, table: Claim? = exactAngle) -> Claims {
    Claims(position: { _ in position }, frequency: frequency, table: table)
  }

  /// A frequency errs by `c` units of 2⁻²⁴: 1 of the power, which libm rounds nearly correctly, 1 of the quotient, and
  /// `½·ln base` of an exponent `2i/R` that is not a float32 number (in `[½, 1)` it errs by 2⁻²⁵, below that by less).
  ///
  /// The product with the position adds 1. The sum is at most 8 if the exponent is exact, or if the base is at most
  /// 10⁴, for which it is 7.7. Beyond that c = 8.9 was observed, as at base 8·10⁶ and R = 240.
  private static let float32Power = Claims(
    position: { plan in
      plan.pairs.allSatisfy { $0.frequency.table.isPowerOfTwo || $0.frequency.table.base <= 1e4 }
        ? float32Angle : Claim(budget: "float32-angle-c48", exceeds: "float32-exact-angle")
    }, frequency: exactAngle, table: exactAngle)

  /// The error of the factor counts once for each earlier pair.
  ///
  /// The bound 48 is not derived: up to R = 128 at most 45 was observed, beyond that up to 77, which no budget covers.
  private static let runningProduct = Claims(
    position: { plan in
      plan.pairs.allSatisfy { $0.frequency.table.dimension <= 128 }
        ? Claim(budget: "float32-angle-c48", exceeds: "float32-angle-c8") : nil
    }, frequency: nil, table: exactAngle)

  private init(
    _ name: String, _ angles: AngleRule, _ product: ProductRule, _ claims: Claims,
    types: [ElementType] = ElementType.allCases, copiesInFloat32: Bool = false
  ) {
    self.name = name
    self.types = types
    self.claims = claims
    self.angles = angles
    self.product = product
    self.copiesInFloat32 = copiesInFloat32
  }
}

extension FrequencyTable {
  /// True if `2i/dimension` is exact in every binary type.
  fileprivate var isPowerOfTwo: Bool { dimension & (dimension - 1) == 0 }
}
