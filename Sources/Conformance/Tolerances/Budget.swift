import RoPE

/// A named tolerance: how far an output element may lie from the exact result, and why.
public struct Budget: Sendable, Equatable {
  /// The name under which settings and reports know it, such as `float32-exact-angle`.
  public let name: String
  /// The formula of ``limit(_:)`` with its numbers, and the reason for each.
  public let derivation: String
  /// What the limit is computed from.
  let bound: ErrorBound

  /// Whether the output must have the very bits of the rounded exact result.
  ///
  /// That is decided by comparing bits: just below a power of two a neighbour of the right value
  /// can also lie within ½ ulp.
  public var requiresCorrectRounding: Bool { bound == .correctRounding }

  /// The largest allowed `|y − expected|`, an absolute error in the unit of the output.
  public func limit(_ scale: ErrorScale) -> Double {
    let ulp = scale.type.ulp(of: scale.expected)
    return switch bound {
    case .correctRounding: ulp / 2
    case .arithmetic(let model): ulp / 2 + model.error(scale)
    case .relative(let factor): ulp / 2 + factor * scale.expected.magnitude
    case .absoluteAndRelative(let absolute, let relative): absolute + relative * scale.expected.magnitude
    case .ulps(let count): count * ulp
    }
  }
}

/// The forms that a limit can have.
enum ErrorBound: Sendable, Equatable {
  case correctRounding
  case arithmetic(ArithmeticModel)
  case relative(Double)
  case absoluteAndRelative(Double, Double)
  case ulps(Double)
}

/// A way to compute a rotation, and the error that its roundings add up to.
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
/// Where the backend was given its table, the first two rows and the last are 0, and the third is
/// too if the table is in the element type already.
///
/// The sum rounds by `u_acc·|y|`, not `u_acc·M`, and ½ ulp of the output is counted apart from it.
/// What that leaves free covers an output that was rounded in the binade above `expected`, and the
/// second order of arithmetic in the element type, where it matters: `3u²M` in bfloat16. In float32
/// the second order is below 2⁻¹⁸ of these terms and left out.
///
/// The table's `η` is `½η·(|x₀|+|x₁|)` with `|x₀|+|x₁| ≤ (M+N)/A`, which follows from
/// `|cos|+|sin| ≥ 1`; it holds for attention factors `A ≥ ½`.
struct ArithmeticModel: Sendable, Equatable {
  /// The type in which products and sum are rounded; nil for the element type.
  var accumulator: ElementType? = .float32
  /// Whether cosines and sines are rounded to the element type.
  var roundsTable = false
  /// The angle error in radians at angle 0, and per radian of the angle.
  var angleError: Double

  /// The error beyond the final rounding, absolute.
  func error(_ scale: ErrorScale) -> Double {
    let accumulator = accumulator ?? scale.type
    let (magnitude, sensitivity) = (scale.magnitude, scale.angleSensitivity)
    var error = 2 * accumulator.unitRoundoff * magnitude + accumulator.ulp(of: 0)
    if roundsTable, scale.tableType != scale.type {
      error += scale.type.unitRoundoff * magnitude + scale.type.ulp(of: 0) * (magnitude + sensitivity)
    }
    if scale.tableType == nil {
      let angle = angleError * (1 + scale.angle.magnitude)
      error += 6 * ElementType.float32.unitRoundoff * magnitude
      error += min(angle, 1) * sensitivity + min(angle * angle / 2, 2) * magnitude
    }
    return error
  }
}
