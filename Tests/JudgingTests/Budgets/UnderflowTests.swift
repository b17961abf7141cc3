import Judging
import RoPE
import TestSupport
import Testing

/// Right arithmetic near the smallest numbers and under cancellation stays within its budget.
@Suite struct UnderflowTests {
  /// The scale of a rotation's first element, for values that float64 multiplies and adds nearly exactly.
  private func scale(_ type: ElementType, _ x: (Double, Double), _ angle: (cosine: Double, sine: Double)) -> ErrorScale
  {
    let (a, b) = (x.0 * angle.cosine, x.1 * angle.sine)
    return ErrorScale(
      type: type, expected: a - b, magnitude: a.magnitude + b.magnitude,
      angleSensitivity: (x.0 * angle.sine).magnitude + (x.1 * angle.cosine).magnitude, angle: 1, tableType: type)
  }

  @Test("Subnormal float32 products err by half a subnormal each, which 8u·M does not hold")
  func float32Subnormals() throws {
    let budget = try Budget(named: "float32-exact-angle")
    // Both products are 1½ subnormals: they round to 2 and, with the other sign, to −2.
    let sizes = scale(.float32, (3 * 0x1p-149, -3 * 0x1p-149), (0.5, 0.5))
    let output = Double(Float(3 * 0x1p-149) * 0.5 - Float(-3 * 0x1p-149) * 0.5)
    #expect((output - sizes.expected).magnitude == 0x1p-149)
    #expect((output - sizes.expected).magnitude <= budget.limit(sizes))
    #expect(budget.limit(sizes) < 2 * 0x1p-149)
  }

  @Test("Subnormal float16 products in storage arithmetic")
  func float16Subnormals() throws {
    let budget = try Budget(named: "storage-arithmetic")
    let sizes = scale(.float16, (3 * 0x1p-24, -3 * 0x1p-24), (0.5, 0.5))
    #expect(budget.limit(sizes) >= 0x1p-24)
    #expect(budget.limit(sizes) < 2 * 0x1p-24)
  }

  @Test("Float32 arithmetic by a given table stays within its budget from subnormals to cancellation")
  func float32Arithmetic() throws {
    let budget = try Budget(named: "float32-exact-angle")
    try check(budget, type: .float32) { Float($0) * Float($2) - Float($1) * Float($3) }
  }

  @Test("Float16 arithmetic by a given table stays within storage-arithmetic and breaks float32-exact-angle")
  func float16Arithmetic() throws {
    let rounded = { (x: Double, y: Double, c: Double, s: Double) in
      Float16(x) * Float16(c) - Float16(y) * Float16(s)
    }
    try check(try Budget(named: "storage-arithmetic"), type: .float16, compute: rounded)
    #expect(try worst(try Budget(named: "float32-exact-angle"), type: .float16, compute: rounded) > 1)
  }

  private func check<Output: BinaryFloatingPoint>(
    _ budget: Budget, type: ElementType, compute: (Double, Double, Double, Double) -> Output
  ) throws {
    let worst = try worst(budget, type: type, compute: compute)
    // More than a third, so the budget is less than three times the real error.
    #expect(worst <= 1 && worst > 1.0 / 3)
  }

  /// The largest ratio of error to limit in 20 000 rotations whose inputs are values of `type`.
  private func worst<Output: BinaryFloatingPoint>(
    _ budget: Budget, type: ElementType, compute: (Double, Double, Double, Double) -> Output
  ) throws -> Double {
    var random = SplitMix(seed: 1)
    func next() -> Double { .random(in: 0..<1, using: &random) }
    var worst = 0.0
    for index in 0..<20_000 {
      let exponent = index.isMultiple(of: 2) ? 0 : type.minimumExponent - 2
      let size = Double(sign: .plus, exponent: exponent, significand: 1)
      let values = [size * (2 * next() - 1), size * (2 * next() - 1), next(), next()].map {
        type.value(ofBits: type.bits(rounding: $0))
      }
      let sizes = scale(type, (values[0], values[1]), (values[2], values[3]))
      let error = (Double(compute(values[0], values[1], values[2], values[3])) - sizes.expected).magnitude
      worst = max(worst, error / budget.limit(sizes))
    }
    return worst
  }
}
