import Foundation
import RoPE

extension RotationCall {
  /// The attention factor that the kernel multiplies with, in float64.
  var attentionFactor: Double {
    if case .frequencies(_, let factor, _) = angles { return factor }
    return plan.attentionFactor.value
  }
}

extension AttentionFactor {
  /// The value in float64, with a relative error below 2^-48: the kernel rounds it to float32, so that what it
  /// multiplies with is off by less than `(1 + 2^-23) · 2^-24`.
  ///
  /// In units of 2^-53: a logarithm has at most 2, the decimal 0.1 and each operation 1. Every term is positive, so
  /// that g has at most 6 and a quotient of two 13; a quotient of logarithms has 5, its sum with 1 has 6, the root 4.
  var value: Double {
    switch self {
    case .value(let value): return value
    case .mscale(let mscale, let factor, let mscaleAllDim):
      func g(_ m: Double) -> Double { factor <= 1 ? 1 : 0.1 * m * log(factor) + 1 }
      return g(mscale) / (mscaleAllDim.map(g) ?? 1)
    case .longrope(let factor, let original):
      return factor <= 1 ? 1 : (1 + log(factor) / log(Double(original))).squareRoot()
    }
  }
}
