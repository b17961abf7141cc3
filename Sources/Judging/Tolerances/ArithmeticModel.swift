import Foundation
import RoPE

/// A way to compute a rotation, and the sum of its rounding errors.
///
/// With `u` the unit roundoff and `η` the smallest subnormal of a type, to first order:
///
/// | step | error of `y` |
/// |---|---|
/// | cos and sin in float32, 2 ulp ≤ `4u` of their value | `4·2⁻²⁴·M` |
/// | attention factor other than 1, rounded to float32 and multiplied | `2·2⁻²⁴·M` |
/// | table rounded to the element type | `u·M + η·(M+N)` |
/// | products and sums, each rounded | see ``Product`` |
/// | angle wrong by `δ` | `\|sin δ\|·N + (1 − cos δ)·M` |
///
/// If the backend was given its table, the first two rows and the last are 0, and the third is too if the table is in
/// the element type already.
///
/// The last sum rounds by `u_acc·|y|`, not `u_acc·M`, and ½ ulp of the output is counted separately. The slack covers the
/// second order of arithmetic in the element type, where it matters: `3u²M` in bfloat16. In float32 the second order is
/// below 2⁻¹⁸ of these terms and left out. If terms cancel, the output may lie in a binade above `expected`, and its ½
/// ulp is that of its own binade; see ``LimitTerms/limit(_:output:)``.
///
/// The table's `η` is `½η·(|x₀|+|x₁|)` with `|x₀|+|x₁| ≤ (M+N)/A`, which follows from
/// `|cos|+|sin| ≥ 1`; it holds for attention factors `A ≥ ½`.
struct ArithmeticModel: Sendable, Hashable {
  /// The type in which products and sums are rounded; nil for the element type.
  var accumulator: ElementType? = .float32
  /// The form in which a pair is multiplied.
  var product = Product.direct
  /// True if cosines and sines are rounded to the element type.
  var roundsTable = false
  var angleError: AngleError

  /// The coefficients of the error, with ½ ulp for the final rounding.
  func terms(_ conditions: LimitConditions, angle: Double) -> LimitTerms {
    let type = conditions.type, accumulator = accumulator ?? type
    var terms = LimitTerms(
      ulps: 0.5, magnitude: product.magnitude * accumulator.unitRoundoff,
      sensitivity: product.sensitivity * accumulator.unitRoundoff,
      absolute: product.underflow * accumulator.ulp(of: 0))
    if roundsTable, conditions.tableType != type {
      terms.magnitude += type.unitRoundoff + type.ulp(of: 0)
      terms.sensitivity += type.ulp(of: 0)
    }
    if conditions.tableType == nil {
      let turned = angleError.terms(angle: angle)
      terms.magnitude += (conditions.hasAttentionFactor ? 6 : 4) * ElementType.float32.unitRoundoff + turned.magnitude
      terms.sensitivity += turned.sensitivity
    }
    return terms
  }

  /// Indicates whether the angle error alone allows every value that a rotation of the same inputs can give.
  ///
  /// Such a value is at most `A·‖x‖` in size, so it is at most `|y| + A·‖x‖` away from `y`. With `y'` the derivative
  /// by the angle, `A·‖x‖ = √(y² + y'²) ≤ √(y² + N²)`. From `δθ = 2` on this holds for every element, because
  /// `N + 2M` is at least `|y| + |y| + N`.
  func allowsAnyAngle(_ scale: ErrorScale) -> Bool {
    guard scale.conditions.tableType == nil else { return false }
    let size = scale.expected.magnitude
    let farthest = size + (size * size + scale.angleSensitivity * scale.angleSensitivity).squareRoot()
    return angleError.terms(angle: scale.angle.magnitude).limit(scale) >= farthest
  }
}

extension ArithmeticModel {
  /// The error that the angle may have beyond the budget's, per radian: under the frequency contract it is a product
  /// in float32 of a frequency in float32, which the scale does not know.
  private static let angleUncertainty = 0x1p-22

  /// Indicates whether right arithmetic can give another infinity or NaN, where an input is infinite.
  ///
  /// The signs of cosine and sine decide which one is right, so the error of the smaller of them may change it: by an
  /// angle error, or because it underflows in a table. At angle 0 both are exact. Three multiplications subtract
  /// infinities where two products have none to subtract.
  func changesInfinity(_ scale: ErrorScale) -> Bool {
    guard product == .direct else { return true }
    let angle = scale.angle.magnitude, conditions = scale.conditions
    let uncertainty = conditions.tableType == nil ? Self.angleUncertainty * angle : 0
    let smaller = min(cos(angle).magnitude, sin(angle).magnitude)
    return angle > 0 && smaller < terms(conditions, angle: angle).sensitivity + uncertainty
  }
}

/// The largest error `δθ` of an angle, in radians.
enum AngleError: Sendable, Hashable {
  /// This much at angle 0, and as much more for each radian.
  case growing(Double)
  /// This much at any angle.
  case constant(Double)

  /// The effect on the result: `min(δθ, 1)·N + min(½δθ², 2)·M`, bounds of `|sin δ|·N + (1 − cos δ)·M`.
  func terms(angle: Double) -> LimitTerms {
    let error =
      switch self {
      case .growing(let factor): factor * (1 + angle)
      case .constant(let error): error
      }
    return LimitTerms(magnitude: min(error * error / 2, 2), sensitivity: min(error, 1))
  }
}

/// The form in which `(x₀ + ix₁)(c + is)` is multiplied.
enum Product: Sendable, Hashable {
  /// Four products, `x₀c − x₁s` and `x₁c + x₀s`: `u·M` for the products and `u·M` for their sum.
  case direct
  /// Three products, in Gauss's or Karatsuba's form.
  ///
  /// Gauss: `k₁ = c(x₀+x₁)`, `k₂ = x₀(s−c)`, `k₃ = x₁(c+s)`, `y₀ = k₁ − k₃`, `y₁ = k₁ + k₂`. A product has the rounding
  /// of its sum and its own: `2u(|cx₀| + |cx₁|)` in `k₁`, `2u(|x₁c| + |x₁s|)` in `k₃`, together `2u(M + 2|cx₁|)` with
  /// `|cx₁| ≤ N`. The difference rounds by `u·|y₀| ≤ u·M`. The sum is `u(3M + 4N)`, and so it is for `y₁`.
  ///
  /// Karatsuba: `k₁ = x₀c`, `k₂ = x₁s`, `k₃ = (x₀+x₁)(c+s)`, `y₀ = k₁ − k₂`, `y₁ = k₃ − k₁ − k₂`. Two sums and a
  /// product round `k₃` by `3u(|x₀|+|x₁|)(|c|+|s|) = 3u(M+N)`; `k₁` and `k₂` round by `u·N`; the first difference is
  /// `x₀s + x₁c + x₁s` and rounds by `u(M+N)`, the second by `u·M`. The sum is `5u(M+N)`, which covers both.
  case threeMultiplications

  /// The coefficient of `u·M`.
  var magnitude: Double { self == .direct ? 2 : 5 }
  /// The coefficient of `u·N`.
  var sensitivity: Double { self == .direct ? 0 : 5 }
  /// The coefficient of `η`: ½ for each product that underflows; sums among subnormals are exact.
  var underflow: Double { self == .direct ? 1 : 1.5 }

  /// The size of the intermediate value that must overflow before right arithmetic gives `value`, an infinity or NaN,
  /// for an element whose exact result is finite.
  ///
  /// An overflow of the larger of two products gives an infinity with the sign of `y`. Everything else needs an overflow
  /// of both. If they have different signs in the sum, they are `(M ± |y|)/2`; otherwise `M = |y|`, and none exceeds
  /// that. Of three multiplications, none exceeds `M + N`, nor do their sums `|x₀|+|x₁| ≤ (M+N)/A` exceed `2(M+N)` with
  /// an attention factor `A ≥ ½`.
  func overflowing(_ scale: ErrorScale, to value: Double) -> Double {
    switch self {
    case .direct:
      let isOfLarger = value.isInfinite && value.sign == scale.expected.sign
      return (scale.magnitude + (isOfLarger ? 1 : -1) * scale.expected.magnitude) / 2
    case .threeMultiplications: return 2 * (scale.magnitude + scale.angleSensitivity)
    }
  }
}
