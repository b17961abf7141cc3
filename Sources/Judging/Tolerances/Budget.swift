import RoPE

/// A named tolerance: the largest distance of an output element from the exact result, and the reason.
package struct Budget: Sendable, Hashable {
  /// The name in settings and reports, such as `float32-exact-angle`.
  package let name: String
  /// The formula of ``limit(_:)`` with its numbers, and the reason for each.
  package let derivation: String
  /// The form and the numbers of the limit.
  let bound: ErrorBound

  /// True if the output must have exactly the bits of the rounded exact result.
  ///
  /// That is decided by comparing bits: just below a power of two a neighbour of the right value
  /// can also lie within ½ ulp.
  package var requiresCorrectRounding: Bool { bound == .correctRounding }

  /// True if the limit follows from an ``ArithmeticModel``.
  package var isArithmetic: Bool { if case .arithmetic = bound { true } else { false } }

  /// The largest allowed `|y − expected|`, an absolute error in the unit of the output.
  package func limit(_ scale: ErrorScale) -> Double {
    let terms = terms(scale.type, tableType: scale.tableType, angle: scale.angle.magnitude)
    return terms.ulps * scale.type.ulp(of: scale.expected) + terms.relative * scale.expected.magnitude
      + terms.magnitude * scale.magnitude + terms.sensitivity * scale.angleSensitivity + terms.absolute
  }

  /// The coefficients of the limit.
  ///
  /// `tableType` is the type of the cosines and sines that the backend was given; nil if it computes them. `angle` is
  /// the size of the angle in radians; no coefficient falls as it grows.
  func terms(_ type: ElementType, tableType: ElementType?, angle: Double) -> LimitTerms {
    switch bound {
    case .correctRounding: LimitTerms(ulps: 0.5)
    case .arithmetic(let model): model.terms(type, tableType: tableType, angle: angle)
    case .relative(let factor): LimitTerms(ulps: 0.5, relative: factor)
    case .absoluteAndRelative(let absolute, let relative): LimitTerms(relative: relative, absolute: absolute)
    case .ulps(let count): LimitTerms(ulps: count)
    }
  }
}

/// The coefficients of a limit, `ulps·ulp(y) + relative·|y| + magnitude·M + sensitivity·N + absolute`.
struct LimitTerms {
  var ulps = 0.0
  var relative = 0.0
  var magnitude = 0.0
  var sensitivity = 0.0
  var absolute = 0.0
}

/// The forms that a limit can have.
enum ErrorBound: Sendable, Hashable {
  case correctRounding
  case arithmetic(ArithmeticModel)
  case relative(Double)
  case absoluteAndRelative(Double, Double)
  case ulps(Double)
}

/// A way to compute a rotation, and the sum of its rounding errors.
///
/// With `u` the unit roundoff and `η` the smallest subnormal of a type, to first order:
///
/// | step | error of `y` |
/// |---|---|
/// | cos and sin in float32, 2 ulp ≤ `4u` of their value | `4·2⁻²⁴·M` |
/// | attention factor rounded to float32, and multiplied | `2·2⁻²⁴·M` |
/// | table rounded to the element type | `u·M + η·(M+N)` |
/// | two products, each rounded | `u_acc·M + η_acc` |
/// | their sum or difference, rounded | `u_acc·M`; exact among subnormals |
/// | angle wrong by `δ` | `\|sin δ\|·N + (1 − cos δ)·M` |
///
/// If the backend was given its table, the first two rows and the last are 0, and the third is too if the table is in
/// the element type already.
///
/// The sum rounds by `u_acc·|y|`, not `u_acc·M`, and ½ ulp of the output is counted separately. The slack covers an
/// output that was rounded in the binade above `expected`, and the second order of arithmetic in the element type,
/// where it matters: `3u²M` in bfloat16. In float32 the second order is below 2⁻¹⁸ of these terms and left out.
///
/// The table's `η` is `½η·(|x₀|+|x₁|)` with `|x₀|+|x₁| ≤ (M+N)/A`, which follows from
/// `|cos|+|sin| ≥ 1`; it holds for attention factors `A ≥ ½`.
struct ArithmeticModel: Sendable, Hashable {
  /// The type in which products and sum are rounded; nil for the element type.
  var accumulator: ElementType? = .float32
  /// True if cosines and sines are rounded to the element type.
  var roundsTable = false
  /// The angle error in radians at angle 0, and per radian of the angle.
  var angleError: Double

  /// The coefficients of the error, with ½ ulp for the final rounding.
  func terms(_ type: ElementType, tableType: ElementType?, angle: Double) -> LimitTerms {
    let accumulator = accumulator ?? type
    var terms = LimitTerms(
      ulps: 0.5, magnitude: 2 * accumulator.unitRoundoff, absolute: accumulator.ulp(of: 0))
    if roundsTable, tableType != type {
      terms.magnitude += type.unitRoundoff + type.ulp(of: 0)
      terms.sensitivity += type.ulp(of: 0)
    }
    if tableType == nil {
      let error = angleError * (1 + angle)
      terms.magnitude += 6 * ElementType.float32.unitRoundoff + min(error * error / 2, 2)
      terms.sensitivity += min(error, 1)
    }
    return terms
  }
}

extension Budget: Codable {
  private enum CodingKeys: CodingKey {
    case name, derivation
  }

  /// Decodes the budget of a name; the derivation is for readers of a report.
  package init(from decoder: any Decoder) throws {
    let name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .name)
    do {
      try self.init(named: name)
    } catch {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath + [CodingKeys.name], debugDescription: "\(error)"))
    }
  }
}

/// The sizes from which a budget computes the error that one output element may have.
///
/// The output is `y = x₀c − x₁s`, where `c` and `s` are the exact cosine and sine times the attention factor (the other
/// element of the pair, `x₁c + x₀s`, has the same form). All values are finite: NaN, infinities and results beyond the
/// largest finite value are compared before any budget.
package struct ErrorScale: Sendable, Equatable {
  /// The element type of the output.
  package var type: ElementType
  /// The exact result `y`.
  package var expected: Double
  /// `M = |x₀c| + |x₁s|`: a relative error `e` of a product, of `c` or of `s` moves `y` by at most `e·M`.
  package var magnitude: Double
  /// `N = |x₀s| + |x₁c|`, the bound of `|dy/dθ|`: an angle error of `δ` radians moves `y` by about `δ·N`.
  package var angleSensitivity: Double
  /// The size of the angle `|p·f|` in radians, before whole turns are taken off.
  package var angle: Double
  /// The element type of the cosines and sines that the backend was given; nil if it computes them.
  package var tableType: ElementType?

  /// The sizes of one output element.
  package init(
    type: ElementType, expected: Double, magnitude: Double, angleSensitivity: Double, angle: Double,
    tableType: ElementType? = nil
  ) {
    self.type = type
    self.expected = expected
    self.magnitude = magnitude
    self.angleSensitivity = angleSensitivity
    self.angle = angle
    self.tableType = tableType
  }
}
