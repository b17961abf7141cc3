import Judging
import RoPE
import Testing

/// Binary powers, for limits computed by hand.
private let u32 = 0x1p-24
private let eta32 = 0x1p-149

@Suite struct BudgetTests {
  /// y = 3, M = 5, N = 2, as in x₀c = 4, x₁s = 1.
  private func scale(
    _ type: ElementType, angle: Double = 3, table: ElementType? = nil, hasAttentionFactor: Bool = true
  ) -> ErrorScale {
    ErrorScale(
      LimitConditions(type: type, tableType: table, hasAttentionFactor: hasAttentionFactor), expected: 3, magnitude: 5,
      angleSensitivity: 2, angle: angle)
  }

  private func limit(_ name: String, _ scale: ErrorScale) throws -> Double { try Budget(named: name).limit(scale) }

  @Test("Names and order, tightest first")
  func names() {
    #expect(
      Budget.named.map(\.name) == [
        "correctly-rounded", "float32-exact-angle", "float32-constant-angle", "float32-three-products",
        "float32-angle-c8", "float32-angle-c48", "table-rounded", "storage-arithmetic", "relative-0.1%",
      ])
    #expect(Budget.named.filter(\.requiresCorrectRounding).map(\.name) == ["correctly-rounded"])
    for type in [ElementType.float16, .bfloat16] {
      let limits = Budget.named.dropLast().map { $0.limit(scale(type, angle: 100)) }
      #expect(limits == limits.sorted())
    }
  }

  @Test("Every fixed budget is found by its name and explains itself")
  func namedAreParsed() throws {
    for budget in Budget.named {
      #expect(try Budget(named: budget.name) == budget)
      #expect(budget.derivation.contains("½ulp"))
    }
    let factors = ["c8": "δθ = 8·2⁻²⁴·(1+|angle|)", "c48": "δθ = 48·2⁻²⁴·(1+|angle|)"]
    for (suffix, text) in factors {
      let derivation = try Budget(named: "float32-angle-\(suffix)").derivation
      #expect(derivation.contains(text) && derivation.contains("M = |x₀c|+|x₁s|, N = |x₀s|+|x₁c|"))
    }
  }

  @Test("correctly-rounded is half the spacing at the exact result")
  func correctlyRounded() throws {
    // Spacing in [2, 4): 2^-22, 2^-9, 2^-6.
    #expect(try limit("correctly-rounded", scale(.float32)) == 0x1p-23)
    #expect(try limit("correctly-rounded", scale(.float16)) == 0x1p-10)
    #expect(try limit("correctly-rounded", scale(.bfloat16)) == 0x1p-7)
  }

  @Test("float32-exact-angle: ½ulp + 8u·M + 2^-40·(1+angle)·N")
  func exactAngle() throws {
    let delta = 0x1p-40 * 4
    let beyondRounding = 40 * u32 + delta * 2 + delta * delta / 2 * 5 + eta32
    #expect(try limit("float32-exact-angle", scale(.float32)).isWithinRounding(of: 0x1p-23 + beyondRounding))
    #expect(try limit("float32-exact-angle", scale(.float16)).isWithinRounding(of: 0x1p-10 + beyondRounding))
  }

  @Test("A given table leaves two roundings and no angle error")
  func givenTable() throws {
    let expected = 0x1p-23 + 10 * u32
    for name in ["float32-exact-angle", "float32-constant-angle", "float32-angle-c8", "float32-angle-c48"] {
      #expect(try limit(name, scale(.float32, angle: 1e6, table: .float32)).isWithinRounding(of: expected))
      #expect(try limit(name, scale(.float32, angle: 1e6, table: .bfloat16)).isWithinRounding(of: expected))
    }
  }

  @Test("An attention factor of 1 is neither rounded nor multiplied", arguments: Budget.named.filter(\.isArithmetic))
  func attentionFactor(_ budget: Budget) {
    for table in [nil, ElementType.float32] {
      let with = budget.limit(scale(.float32, table: table))
      let without = budget.limit(scale(.float32, table: table, hasAttentionFactor: false))
      #expect(with.isWithinRounding(of: without + (table == nil ? 10 * u32 : 0)))
    }
  }

  @Test("float32-constant-angle: δθ = 2^-22 at any angle")
  func constantAngle() throws {
    let expected = 0x1p-7 + 40 * u32 + 0x1p-21 + 0x1p-45 * 5
    for angle in [0, 3, -1e7] {
      #expect(try limit("float32-constant-angle", scale(.bfloat16, angle: angle)).isWithinRounding(of: expected))
    }
  }

  @Test("float32-three-products: 5u·(M+N) in place of 2u·M, and 1½ subnormals")
  func threeProducts() throws {
    let delta = 0x1p-40 * 4, angle = delta * 2 + delta * delta / 2 * 5
    let computed = 0x1p-23 + 30 * u32 + 35 * u32 + angle
    #expect(try limit("float32-three-products", scale(.float32)).isWithinRounding(of: computed))
    let given = 0x1p-23 + 35 * u32
    #expect(try limit("float32-three-products", scale(.float32, table: .float32)).isWithinRounding(of: given))
    let nothing = ErrorScale(type: .float32, expected: 0, magnitude: 0, angleSensitivity: 0, angle: 0)
    #expect(try limit("float32-three-products", nothing) == 0x1p-150 + 1.5 * eta32)
  }

  @Test("A budget is looser than the default one if some element may err more")
  func looser() throws {
    func isLooser(_ name: String, _ type: ElementType, table: ElementType? = nil) throws -> Bool {
      try Budget(named: name).isLooser(
        than: .standard, LimitConditions(type: type, tableType: table, hasAttentionFactor: false))
    }
    for name in Budget.named.map(\.name).dropFirst(2) { #expect(try isLooser(name, .bfloat16), "\(name)") }
    for name in ["correctly-rounded", "float32-exact-angle"] { #expect(try !isLooser(name, .bfloat16)) }
    // What is given is neither computed nor rounded.
    #expect(try !isLooser("float32-angle-c8", .bfloat16, table: .bfloat16))
    #expect(try !isLooser("table-rounded", .bfloat16, table: .bfloat16))
    #expect(try isLooser("table-rounded", .bfloat16, table: .float32))
    #expect(try !isLooser("ulp=1", .float32) && isLooser("ulp=1", .bfloat16) && isLooser("ulp=5", .float32))
    #expect(try isLooser("atol=1e-30,rtol=0", .float32) && !isLooser("atol=0,rtol=1e-7", .float32))
  }

  @Test("float32-angle: δθ = c·2^-24·(1+angle), of which N bears the first and M the second order")
  func float32Angle() throws {
    for (name, factor) in [("float32-angle-c8", 8.0), ("float32-angle-c48", 48)] {
      let delta = factor * u32 * 4
      let expected = 0x1p-7 + 40 * u32 + delta * 2 + delta * delta / 2 * 5
      #expect(try limit(name, scale(.bfloat16)).isWithinRounding(of: expected))
      #expect(try limit(name, scale(.bfloat16, angle: -3)).isWithinRounding(of: expected))
    }
    // 8·2^-24·(2^20 − 1 + 1) = ½ radian: 1 + ⅛·5.
    let half = try limit("float32-angle-c8", scale(.bfloat16, angle: 0x1p20 - 1))
    #expect(half.isWithinRounding(of: 0x1p-7 + 40 * u32 + 1 + 0.625))
  }

  @Test("An angle that is anything allows sin δ = 1 and 1 − cos δ = 2, and no more")
  func angleErrorIsCapped() throws {
    let limit = try limit("float32-angle-c48", scale(.bfloat16, angle: 1e9))
    #expect(limit.isWithinRounding(of: 0x1p-7 + 40 * u32 + 2 + 10))
  }

  @Test("table-rounded adds one rounding of the table, unless the given table has that type")
  func tableRounded() throws {
    let delta = 0x1p-40 * 4
    let computed = 0x1p-7 + 40 * u32 + 5 * 0x1p-8 + 7 * 0x1p-133 + delta * 2 + delta * delta / 2 * 5
    #expect(try limit("table-rounded", scale(.bfloat16)).isWithinRounding(of: computed))
    let other = 0x1p-7 + 10 * u32 + 5 * 0x1p-8
    #expect(try limit("table-rounded", scale(.bfloat16, table: .float32)).isWithinRounding(of: other))
    #expect(try limit("table-rounded", scale(.bfloat16, table: .bfloat16)).isWithinRounding(of: 0x1p-7 + 10 * u32))
    // float16: u = 2^-11, smallest subnormal 2^-24, (M + N) = 7.
    let half = 0x1p-10 + 10 * u32 + 5 * 0x1p-11 + 7 * 0x1p-24
    #expect(try limit("table-rounded", scale(.float16, table: .float32)).isWithinRounding(of: half))
  }

  @Test("storage-arithmetic: 3u·M of the element type, cosines in float32, float32 angle")
  func storageArithmetic() throws {
    let delta = 8 * u32 * 4
    let angle = delta * 2 + delta * delta / 2 * 5
    let bfloat16 = 0x1p-7 + 15 * 0x1p-8 + 30 * u32 + angle
    #expect(try limit("storage-arithmetic", scale(.bfloat16)).isWithinRounding(of: bfloat16))
    let float16 = 0x1p-10 + 15 * 0x1p-11 + 7 * 0x1p-24 + 0x1p-24 + 30 * u32 + angle
    #expect(try limit("storage-arithmetic", scale(.float16)).isWithinRounding(of: float16))
    let given = 0x1p-7 + 10 * 0x1p-8
    #expect(try limit("storage-arithmetic", scale(.bfloat16, table: .bfloat16)).isWithinRounding(of: given))
  }

  @Test("relative-0.1% knows only the result")
  func relative() throws {
    #expect(try limit("relative-0.1%", scale(.float16)).isWithinRounding(of: 0x1p-10 + 0.003))
    let negative = ErrorScale(type: .float16, expected: -3, magnitude: 5, angleSensitivity: 2, angle: 0)
    #expect(try limit("relative-0.1%", negative).isWithinRounding(of: 0x1p-10 + 0.003))
  }

  @Test("atol,rtol and ulp are what they say")
  func parameters() throws {
    #expect(try limit("atol=0.5,rtol=0.25", scale(.float16)) == 0.5 + 0.75)
    #expect(try limit("atol=1e-5,rtol=0", scale(.float16)) == 1e-5)
    #expect(try limit("ulp=2", scale(.bfloat16)) == 2 * 0x1p-6)
    #expect(try Budget(named: "atol=1e-5, rtol=0").name == "atol=1e-5,rtol=0")
    #expect(try !Budget(named: "ulp=0.5").requiresCorrectRounding)
  }
}

extension Double {
  /// True within the rounding of a sum of eight terms, which is below every term of a limit except those of underflow.
  fileprivate func isWithinRounding(of other: Double) -> Bool { (self - other).magnitude <= 8 * other.ulp }
}
