import RoPE

/// The way in which an implementation multiplies and adds.
struct ProductRule: Sendable {
  typealias Pairs = [(Double, Double)]

  /// Rotates one head's pairs; the results are then rounded once more to the element type.
  let rotate: @Sendable (_ pairs: Pairs, _ factors: [Factors], _ type: ElementType) -> Pairs

  /// Applies a rule pair by pair, in float32.
  private static func float32(
    _ rotate: @escaping @Sendable (_ x0: Float, _ x1: Float, _ cosine: Float, _ sine: Float) -> (Float, Float)
  ) -> ProductRule {
    ProductRule { pairs, factors, _ in
      zip(pairs, factors).map { pair, factors in
        let rotated = rotate(Float(pair.0), Float(pair.1), Float(factors.cosine), Float(factors.sine))
        return (Double(rotated.0), Double(rotated.1))
      }
    }
  }

  /// Two products and a sum, each rounded to float32.
  static let unfused = float32 { x0, x1, cosine, sine in
    let (straight0, crossed0) = (x0 * cosine, x1 * sine)
    let (straight1, crossed1) = (x1 * cosine, x0 * sine)
    return (straight0 - crossed0, straight1 + crossed1)
  }

  /// A product, and a fused multiply-add.
  static let fused = float32 { x0, x1, cosine, sine in
    ((-(x1 * sine)).addingProduct(x0, cosine), (x0 * sine).addingProduct(x1, cosine))
  }

  /// The product `(x₀ + ix₁)(c + is)` of complex numbers in float32.
  static let complex = float32 { x0, x1, cosine, sine in
    let product = Complex(x0, x1) * Complex(cosine, sine)
    return (product.real, product.imaginary)
  }

  /// Gauss's three products in float32.
  static let gauss = float32 { x0, x1, cosine, sine in
    let common = cosine * (x0 + x1)
    return (common - x1 * (cosine + sine), common + x0 * (sine - cosine))
  }

  /// Karatsuba's three products in float32.
  static let karatsuba = float32 { x0, x1, cosine, sine in
    let (straight, crossed) = (x0 * cosine, x1 * sine)
    return (straight - crossed, (x0 + x1) * (cosine + sine) - straight - crossed)
  }

  /// Two products and a sum in float64.
  static let float64 = ProductRule { pairs, factors, _ in
    zip(pairs, factors).map { pair, factors in
      (
        pair.0 * factors.cosine - pair.1 * factors.sine,
        pair.1 * factors.cosine + pair.0 * factors.sine
      )
    }
  }

  /// `x·cos + rotate_half(x)·sin` over the whole head, each operation rounded to float32.
  static let rotateHalf = ProductRule { pairs, factors, _ in rotateHalf(pairs, factors, .float32) }

  /// The same, with the table and each operation rounded to the element type (pipeline A).
  static let rotateHalfInStorage = ProductRule { pairs, factors, type in
    rotateHalf(pairs, factors.map { $0.rounded(to: type) }, type)
  }

  /// The table is rounded to the element type, the products to float32 (pipeline C).
  static let tableInStorage = ProductRule { pairs, factors, type in
    rotateHalf(pairs, factors.map { $0.rounded(to: type) }, .float32)
  }

  /// Every operation is rounded to `type`.
  private static func rotateHalf(_ pairs: Pairs, _ factors: [Factors], _ type: ElementType) -> Pairs {
    let count = pairs.count
    let head = pairs.map(\.0) + pairs.map(\.1)
    let rotated = pairs.map { -$0.1 } + pairs.map(\.0)
    let cosines = factors.map(\.cosine), sines = factors.map(\.sine)
    func round(_ value: Float) -> Float { type == .float32 ? value : Float(type.rounded(Double(value))) }
    let straight = zip(head, cosines + cosines).map { round(Float($0) * Float($1)) }
    let crossed = zip(rotated, sines + sines).map { round(Float($0) * Float($1)) }
    let sum = zip(straight, crossed).map { Double(round($0 + $1)) }
    return (0..<count).map { (sum[$0], sum[$0 + count]) }
  }
}

/// A complex number in float32.
private struct Complex {
  let real: Float
  let imaginary: Float

  init(_ real: Float, _ imaginary: Float) {
    self.real = real
    self.imaginary = imaginary
  }

  static func * (left: Complex, right: Complex) -> Complex {
    Complex(
      left.real * right.real - left.imaginary * right.imaginary,
      left.real * right.imaginary + left.imaginary * right.real)
  }
}
