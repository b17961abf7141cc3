import RoPE

extension Budget {
  /// The budgets without parameters, from tightest to loosest as they compare on 16-bit elements
  /// at angles up to about a thousand radians.
  ///
  /// At larger angles the float32-angle budgets grow past those that follow them, and under cancellation
  /// `relative-0.1%` is tighter than every budget that depends on `M`.
  package static let named: [Budget] = [
    Budget(
      name: "correctly-rounded",
      derivation: "½ulp: the exact result, rounded once. Bits are compared, because ½ulp alone does not prove it.",
      bound: .correctRounding),
    Budget(
      name: "float32-exact-angle",
      derivation: """
        ½ulp + 8·2⁻²⁴·M + \(angle) + 2⁻¹⁴⁹, δθ = 2⁻⁴⁰·(1+|angle|), \(arithmetic). \
        2⁻⁴⁰ covers an angle in float64, and up to position 2²² an angle in 64-bit turns, whose error is \
        position·2π·2⁻⁶⁵. \
        \(underflow)
        """,
      bound: .arithmetic(ArithmeticModel(angleError: 0x1p-40))),
    float32Angle(
      8,
      reason: """
        8 = 6 (inv_freq within 3 ulp) + 1 (its product with the position) + 1 (a position above 2²⁴); a float32 power \
        stays within these 3 ulp if the rotary dimension is a power of two or the base is at most 10⁴
        """),
    float32Angle(
      48,
      reason: """
        48 is an observed bound: it also covers inv_freq from a running product, whose rounding errors add up, up to \
        rotary dimension 128
        """),
    Budget(
      name: "table-rounded",
      derivation: """
        ½ulp + 8·2⁻²⁴·M + u·M + η·(M+N) + \(angle) + 2⁻¹⁴⁹, δθ = 2⁻⁴⁰·(1+|angle|), \(arithmetic). \
        Cosines and sines are then rounded to the element type, which has unit roundoff u (\(roundoffs)) and smallest \
        subnormal η; u and η are 0 if the given table already has that type. \(underflow)
        """,
      bound: .arithmetic(ArithmeticModel(roundsTable: true, angleError: 0x1p-40))),
    Budget(
      name: "storage-arithmetic",
      derivation: """
        ½ulp + 2·u·M + u·M + η·(M+N) + 6·2⁻²⁴·M + \(angle) + η, δθ = 8·2⁻²⁴·(1+|angle|), \(sizes), where u is the \
        unit roundoff (\(roundoffs)) and η the smallest subnormal of the element type, to which every operation is \
        rounded: 2u = 1 (products) + 1 (sum); u is for cosines and sines stored in it; 6 in float32 = 4 (cos and sin \
        of 2 ulp) + 2 (attention factor and its product); the last η is ½η for each product that underflows. If a \
        table is given, 2u remains, and also u if the table has another type.
        """,
      bound: .arithmetic(ArithmeticModel(accumulator: nil, roundsTable: true, angleError: 8 * 0x1p-24))),
    Budget(
      name: "relative-0.1%",
      derivation: "½ulp + 10⁻³·|expected|: a guess without derivation, which fails correct kernels if terms cancel.",
      bound: .relative(1e-3)),
  ]

  /// The budget of a name.
  ///
  /// - Parameter name: a name from ``named``, or `atol=X,rtol=Y` (`X + Y·|expected|`), or `ulp=N`
  ///   (`N` times `ElementType.ulp(of:)` of the exact result), with finite numbers of at least 0.
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
        \(reason). \(underflow)
        """,
      bound: .arithmetic(ArithmeticModel(angleError: Double(factor) * 0x1p-24)))
  }

  private static let arithmetic = """
    \(sizes): float32 arithmetic, 8 = 4 (cos and sin of 2 ulp) + 1 (attention factor) + 1 (its product) + 1 (product with x) \
    + 1 (sum); with a given table, 8 becomes 2 and δθ is 0
    """
  /// The effect of an angle error δ on the result: bounds on sin δ, times N, and on 1 − cos δ, times M.
  private static let angle = "min(δθ, 1)·N + min(½δθ², 2)·M"
  private static let sizes = "M = |x₀c|+|x₁s|, N = |x₀s|+|x₁c|"
  private static let roundoffs = "f32 2⁻²⁴, f16 2⁻¹¹, bf16 2⁻⁸"
  private static let underflow = "2⁻¹⁴⁹ is ½ float32 subnormal for each of two products that underflow."
}
