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

  /// True if it allows larger errors of angles than ``standard``, and no others.
  package var isOfAngles: Bool {
    guard case .arithmetic(var model) = bound, case .arithmetic(let standard) = Budget.standard.bound,
      model != standard
    else { return false }
    model.angleError = standard.angleError
    return model == standard
  }

  /// The largest allowed `|y − expected|`, an absolute error in the unit of the output, for an output in the binade of
  /// the exact result or below.
  package func limit(_ scale: ErrorScale) -> Double {
    terms(scale.conditions, angle: scale.angle.magnitude).limit(scale)
  }

  /// The same for an output in any binade; see ``LimitTerms/limit(_:output:)``.
  package func limit(_ scale: ErrorScale, output: Double) -> Double {
    terms(scale.conditions, angle: scale.angle.magnitude).limit(scale, output: output)
  }

  /// The largest error that shows that an output keeps to this budget, as a grade or a diagnosis claims.
  ///
  /// It is ``limit(_:output:)``, but where the angle error alone allows every value, it is the limit at angle 0: a limit
  /// that nothing can exceed shows nothing.
  func supportingLimit(_ scale: ErrorScale, output: Double) -> Double {
    guard case .arithmetic(let model) = bound, model.allowsAnyAngle(scale) else { return limit(scale, output: output) }
    return terms(scale.conditions, angle: 0).limit(scale, output: output)
  }

  /// Indicates whether right arithmetic of this budget can give `value`, an infinity or NaN, for an element whose exact
  /// result differs.
  ///
  /// Where the exact result is finite, an intermediate value must overflow. The errors before the output's rounding bound
  /// its error too; the output's own rounding, in another type, comes later and has no part in it.
  func allowsNonFinite(_ scale: ErrorScale, _ value: Double) -> Bool {
    guard case .arithmetic(let model) = bound else { return false }
    guard scale.expected.isFinite else { return model.changesInfinity(scale) }
    let accumulator = model.accumulator ?? scale.conditions.type
    let error = model.terms(scale.conditions, angle: scale.angle.magnitude).beforeRounding(scale)
    let largest = model.product.overflowing(scale, to: value) + error
    return accumulator.value(ofBits: accumulator.bits(rounding: largest)).isInfinite
  }

  /// Indicates whether this budget allows a larger error than another for some element.
  ///
  /// Both are compared term by term at an angle of 1 radian, where angle errors that grow with the angle and those that
  /// do not are about their own size. One ULP is at most twice the unit roundoff of the result.
  package func isLooser(than other: Budget, _ conditions: LimitConditions) -> Bool {
    let mine = terms(conditions, angle: 1), theirs = other.terms(conditions, angle: 1)
    func size(_ terms: LimitTerms) -> Double {
      2 * terms.ulps * conditions.type.unitRoundoff + terms.relative + terms.magnitude
    }
    return size(mine) > size(theirs) || mine.sensitivity > theirs.sensitivity || mine.absolute > theirs.absolute
  }

  /// The coefficients of the limit.
  ///
  /// `angle` is the size of the angle in radians; no coefficient falls as it grows.
  func terms(_ conditions: LimitConditions, angle: Double) -> LimitTerms {
    switch bound {
    case .correctRounding: LimitTerms(ulps: 0.5)
    case .arithmetic(let model): model.terms(conditions, angle: angle)
    case .relative(let factor): LimitTerms(ulps: 0.5, relative: factor)
    case .absoluteAndRelative(let absolute, let relative): LimitTerms(relative: relative, absolute: absolute)
    case .ulps(let count): LimitTerms(ulps: count)
    }
  }
}

/// The facts of a case that limits depend on, whatever the element.
package struct LimitConditions: Sendable, Equatable {
  /// The element type of the output.
  package var type: ElementType
  /// The element type of the cosines and sines that the backend was given; nil if it computes them.
  package var tableType: ElementType?
  /// True if the attention factor is not 1, so that a backend rounds it and multiplies by it.
  package var hasAttentionFactor: Bool

  /// The facts of one case.
  package init(type: ElementType, tableType: ElementType?, hasAttentionFactor: Bool) {
    self.type = type
    self.tableType = tableType
    self.hasAttentionFactor = hasAttentionFactor
  }
}

/// The coefficients of a limit, `ulps·ulp(y) + relative·|y| + magnitude·M + sensitivity·N + absolute`.
struct LimitTerms {
  var ulps = 0.0
  var relative = 0.0
  var magnitude = 0.0
  var sensitivity = 0.0
  var absolute = 0.0

  /// The limit of one element, for an output in the binade of the exact result or below.
  func limit(_ scale: ErrorScale) -> Double {
    ulps * scale.conditions.type.ulp(of: scale.expected) + beforeRounding(scale)
  }

  /// The limit of one element, for an output in any binade.
  ///
  /// The output is the rounding of a value that is up to ``beforeRounding(_:)`` away from `y`. If terms cancel, that can
  /// be far more than `|y|`, and the value is rounded in the binade where it lies itself: by half the distance from the
  /// output to its neighbour below, but no farther up than the largest such value lies. Where nothing errs before the
  /// rounding, as under `ulp=N`, this is the spacing at `y`.
  func limit(_ scale: ErrorScale, output: Double) -> Double {
    let type = scale.conditions.type, before = beforeRounding(scale)
    guard !output.isNaN else { return limit(scale) }
    let rounded = min(output.magnitude.nextDown, scale.expected.magnitude + before)
    return ulps * max(type.ulp(of: scale.expected), type.ulp(of: rounded)) + before
  }

  /// The part of the limit that does not come from the rounding of the output.
  func beforeRounding(_ scale: ErrorScale) -> Double {
    relative * scale.expected.magnitude + magnitude * scale.magnitude + sensitivity * scale.angleSensitivity + absolute
  }
}

/// The forms that a limit can have.
enum ErrorBound: Sendable, Hashable {
  case correctRounding
  case arithmetic(ArithmeticModel)
  case relative(Double)
  case absoluteAndRelative(Double, Double)
  case ulps(Double)
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
/// element of the pair, `x₁c + x₀s`, has the same form). If an input is infinite, so are `M` and `N`, and `y` is infinite
/// or NaN.
package struct ErrorScale: Sendable, Equatable {
  /// The facts of the case.
  package var conditions: LimitConditions
  /// The exact result `y`.
  package var expected: Double
  /// `M = |x₀c| + |x₁s|`: a relative error `e` of a product, of `c` or of `s` moves `y` by at most `e·M`.
  package var magnitude: Double
  /// `N = |x₀s| + |x₁c|`, the bound of `|dy/dθ|`: an angle error of `δ` radians moves `y` by about `δ·N`.
  package var angleSensitivity: Double
  /// The size of the angle `|p·f|` in radians, before whole turns are taken off.
  package var angle: Double

  /// The sizes of one output element.
  package init(
    _ conditions: LimitConditions, expected: Double, magnitude: Double, angleSensitivity: Double, angle: Double
  ) {
    self.conditions = conditions
    self.expected = expected
    self.magnitude = magnitude
    self.angleSensitivity = angleSensitivity
    self.angle = angle
  }

  /// The same for an attention factor of 1.
  package init(
    type: ElementType, expected: Double, magnitude: Double, angleSensitivity: Double, angle: Double,
    tableType: ElementType? = nil
  ) {
    self.init(
      LimitConditions(type: type, tableType: tableType, hasAttentionFactor: false), expected: expected,
      magnitude: magnitude, angleSensitivity: angleSensitivity, angle: angle)
  }
}
