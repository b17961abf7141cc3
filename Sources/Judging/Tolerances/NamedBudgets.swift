import RoPE

extension Budget {
  /// The budget of every case unless a rule says otherwise; reports announce a looser one.
  package static let standard = Budget(
    name: "float32-exact-angle",
    derivation: """
      ½ulp + 8·2⁻²⁴·M + \(angle) + 2⁻¹⁴⁹, δθ = 2⁻⁴⁰·(1+|angle|), \(arithmetic). \
      2⁻⁴⁰ covers an angle in float64, and up to position 2²² an angle in 64-bit turns, whose error is \
      position·2π·2⁻⁶⁵. \
      \(range)
      """,
    bound: .arithmetic(ArithmeticModel(angleError: .growing(0x1p-40))))

  /// Float32 arithmetic with the angle of a float32 frequency, as most frameworks compute it.
  package static let float32Angle8 = float32Angle(
    8,
    reason: """
      8 = 6 (inv_freq within 3 ulp) + 1 (its product with the position) + 1 (a position above 2²⁴); a float32 power \
      stays within these 3 ulp if the rotary dimension is a power of two or the base is at most 10⁴
      """)

  /// The same with each frequency computed from the one before it.
  package static let float32Angle48 = float32Angle(
    48,
    reason: """
      48 is an observed bound: it also covers inv_freq from a running product, whose rounding errors add up, up to \
      rotary dimension 128
      """)

  /// Every operation rounded to the element type, with the angle of a float32 frequency.
  package static let storageArithmetic = Budget(
    name: "storage-arithmetic",
    derivation: """
      ½ulp + 2·u·M + u·M + η·(M+N) + 6·2⁻²⁴·M + \(angle) + η, δθ = 8·2⁻²⁴·(1+|angle|), \(sizes), where u is the \
      unit roundoff (\(roundoffs)) and η the smallest subnormal of the element type, to which every operation is \
      rounded: 2u = 1 (products) + 1 (sum); u is for cosines and sines stored in it; 6 in float32 = 4 (cos and sin \
      of 2 ulp) + 2 (attention factor and its product), which becomes 4 if the attention factor is 1; the last η is \
      ½η for each product that underflows. If a table is given, 2u remains, and also u if the table has another type. \
      \(binade) \
      \(overflow("the largest value of the element type"))
      """,
    bound: .arithmetic(
      ArithmeticModel(accumulator: nil, roundsTable: true, angleError: .growing(8 * 0x1p-24))))

  /// The budgets without parameters, from tightest to loosest as they compare on 16-bit elements
  /// at angles from about one radian to a thousand.
  ///
  /// At larger angles the float32-angle budgets grow past those that follow them, and under cancellation
  /// `relative-0.1%` is tighter than every budget that depends on `M`.
  package static let named: [Budget] = [
    Budget(
      name: "correctly-rounded",
      derivation: """
        ½ulp: the exact result, rounded once. Bits are compared, because ½ulp alone does not prove it. An overflow of a \
        product is an error.
        """,
      bound: .correctRounding),
    standard,
    Budget(
      name: "float32-constant-angle",
      derivation: """
        ½ulp + 8·2⁻²⁴·M + \(angle) + 2⁻¹⁴⁹, δθ = 2⁻²² at any position, \(arithmetic). \
        2⁻²² is half the spacing of float32 from 4 to 8, where an angle lies that was reduced exactly to [0, 2π) and \
        then rounded; reduced to ±π it errs by half as much, which leaves 2⁻²³ for the reduction. A result of terms \
        that cancel bears 2⁻²²·N in full, which moves it to higher binades, where it is rounded more coarsely. \
        \(range)
        """,
      bound: .arithmetic(ArithmeticModel(angleError: .constant(0x1p-22)))),
    Budget(
      name: "float32-three-products",
      derivation: """
        ½ulp + 6·2⁻²⁴·M + 5·2⁻²⁴·(M+N) + \(angle) + 1½·2⁻¹⁴⁹, δθ = 2⁻⁴⁰·(1+|angle|), \(sizes): a complex product of \
        three multiplications in float32. 6 = 4 (cos and sin of 2 ulp) + 1 (attention factor) + 1 (its product); it \
        becomes 4 if the attention factor is 1. With u = 2⁻²⁴: in Gauss's form c(x₀+x₁), x₀(s−c), x₁(c+s), each product \
        rounds its sum and itself, 2u(M+2N) for the two in a result, and their sum rounds by u·M: 3u·M + 4u·N. In \
        Karatsuba's form x₀c, x₁s, (x₀+x₁)(c+s), the last rounds by 3u(M+N), the others by u·N, and the two differences \
        by u(M+N) and u·M: 5u(M+N), which covers both. 1½·2⁻¹⁴⁹ is ½ float32 subnormal for each product that \
        underflows. With a given table, 5·2⁻²⁴·(M+N) remains. \(binade) Where 2(M+N), which bounds products and sums, \
        plus the limit without ½ulp exceeds the largest float32, any infinity and NaN are allowed.
        """,
      bound: .arithmetic(
        ArithmeticModel(product: .threeMultiplications, angleError: .growing(0x1p-40)))),
    float32Angle8,
    float32Angle48,
    Budget(
      name: "table-rounded",
      derivation: """
        ½ulp + 8·2⁻²⁴·M + u·M + η·(M+N) + \(angle) + 2⁻¹⁴⁹, δθ = 2⁻⁴⁰·(1+|angle|), \(arithmetic). \
        Cosines and sines are then rounded to the element type, which has unit roundoff u (\(roundoffs)) and smallest \
        subnormal η; u and η are 0 if the given table already has that type. \(range)
        """,
      bound: .arithmetic(ArithmeticModel(roundsTable: true, angleError: .growing(0x1p-40)))),
    storageArithmetic,
    Budget(
      name: "relative-0.1%",
      derivation: "½ulp + 10⁻³·|expected|: a guess without derivation, which fails correct kernels if terms cancel.",
      bound: .relative(1e-3)),
  ]

  /// The budget of a name.
  ///
  /// - Parameter name: a name from ``named``, or `atol=X,rtol=Y` (`X + Y·|expected|`), or `ulp=N`
  ///   (`N` times `ElementType.ulp(of:)` of the exact result), with finite numbers of at least 0. These numbers are the
  ///   whole error of an output, its last rounding included; infinity counts as the number that would follow the largest
  ///   value. So `ulp=1` allows it from the largest value on, and `ulp=0.5` from half an ULP above that, where rounding
  ///   gives it.
  /// - Throws: ``ToleranceError/unknownBudget(_:)`` or ``ToleranceError/budgetNumber(_:of:budget:)``.
  package init(named name: String) throws(ToleranceError) {
    if let budget = Budget.named.first(where: { $0.name == name }) {
      self = budget
      return
    }
    let fields = name.split(separator: ",", omittingEmptySubsequences: false).map { field in
      field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
    }
    switch fields.map(\.first) {
    case ["atol", "rtol"] where fields.allSatisfy({ $0.count == 2 }):
      let absolute = try Budget.number(fields[0][1], of: "atol", budget: name)
      let relative = try Budget.number(fields[1][1], of: "rtol", budget: name)
      self.init(
        name: "atol=\(fields[0][1]),rtol=\(fields[1][1])",
        derivation: "\(fields[0][1]) + \(fields[1][1])·|expected|: chosen by hand, without derivation.",
        bound: .absoluteAndRelative(absolute, relative))
    case ["ulp"] where fields[0].count == 2:
      let count = try Budget.number(fields[0][1], of: "ulp", budget: name)
      self.init(
        name: "ulp=\(fields[0][1])",
        derivation: "\(fields[0][1])·ulp, the spacing of the element type at the exact result: chosen by hand.",
        bound: .ulps(count))
    default:
      throw .unknownBudget(name)
    }
  }

  private static func number(_ text: String, of field: String, budget: String) throws(ToleranceError) -> Double {
    guard let number = Double(text), number.isFinite, number >= 0 else {
      throw .budgetNumber(text, of: field, budget: budget)
    }
    return number
  }

  private static func float32Angle(_ factor: Int, reason: String) -> Budget {
    Budget(
      name: "float32-angle-c\(factor)",
      derivation: """
        ½ulp + 8·2⁻²⁴·M + \(angle) + 2⁻¹⁴⁹, δθ = \(factor)·2⁻²⁴·(1+|angle|), \(arithmetic). \
        \(reason). \(range)
        """,
      bound: .arithmetic(ArithmeticModel(angleError: .growing(Double(factor) * 0x1p-24))))
  }

  private static let arithmetic = """
    \(sizes): float32 arithmetic, 8 = 4 (cos and sin of 2 ulp) + 1 (attention factor) + 1 (its product) + 1 (product with x) \
    + 1 (sum); 8 becomes 6 if the attention factor is 1; with a given table, 8 becomes 2 and δθ is 0
    """
  /// The effect of an angle error δ on the result: bounds on sin δ, times N, and on 1 − cos δ, times M.
  private static let angle = "min(δθ, 1)·N + min(½δθ², 2)·M"
  private static let sizes = "M = |x₀c|+|x₁s|, N = |x₀s|+|x₁c|"
  private static let roundoffs = "f32 2⁻²⁴, f16 2⁻¹¹, bf16 2⁻⁸"
  /// The effects of the smallest and the largest float32.
  private static let range = """
    2⁻¹⁴⁹ is ½ float32 subnormal for each of two products that underflow. \(binade) \
    \(overflow("the largest float32"))
    """
  /// The last rounding, of a value that is not `y`.
  private static let binade = "½ulp is that at y, or at the output where errors before that rounding raise its binade."

  private static func overflow(_ largest: String) -> String {
    """
    Where the larger product, (M+|y|)/2, plus the limit without ½ulp exceeds \(largest), infinity with the sign of y is \
    allowed; where the smaller, (M−|y|)/2, plus that does too, any infinity and NaN are.
    """
  }
}
