import RoPE

/// The sizes from which a budget computes the error that one output element may have.
///
/// For `y = x₀c − x₁s`, where `c` and `s` are the exact cosine and sine times the attention factor
/// (the other element of the pair, `x₁c + x₀s`, has the same form). All values are finite:
/// NaN, infinities and results beyond the largest finite value are compared before any budget.
public struct ErrorScale: Sendable, Equatable {
  /// The element type of the output.
  public var type: ElementType
  /// The exact result `y`.
  public var expected: Double
  /// `M = |x₀c| + |x₁s|`: a relative error `e` of a product, of `c` or of `s` moves `y` by at most `e·M`.
  public var magnitude: Double
  /// `N = |x₀s| + |x₁c|`, the bound of `|dy/dθ|`: an angle error of `δ` radians moves `y` by about `δ·N`.
  public var angleSensitivity: Double
  /// The size of the angle `|p·f|` in radians, before whole turns are taken off.
  public var angle: Double
  /// The element type of the cosines and sines that the backend was given; nil where it computes them.
  public var tableType: ElementType?

  /// The sizes of one output element.
  public init(
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
