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
  /// The value in float64, to a few roundings: the kernel rounds it to float32.
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
