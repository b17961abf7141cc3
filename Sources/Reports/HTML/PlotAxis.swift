import Foundation

/// Where integers lie across a drawing: evenly, or by logarithm where they spread over magnitudes.
struct PlotAxis {
  /// Whether distances are those of `log₂(1 + |value|)`.
  let isLogarithmic: Bool
  private let first: Int64
  private let last: Int64
  private let from: Double
  private let to: Double

  /// Values without gaps are evenly spaced, and so are values of one magnitude.
  ///
  /// - Returns: nil for fewer than two different values.
  init?(_ values: [Int64], from: Double, to: Double) {
    guard let first = values.min(), let last = values.max(), Double(first) < Double(last) else { return nil }
    self.first = first
    self.last = last
    self.from = from
    self.to = to
    let span = Double(last) - Double(first), magnitude = max(first.magnitude, last.magnitude)
    isLogarithmic = magnitude >= 1024 && span > 4 * Double(Set(values).count) && 2 * span > Double(magnitude)
  }

  /// The place of a value.
  func x(_ value: Int64) -> Double {
    let low = scaled(first), high = scaled(last)
    return from + (scaled(value) - low) / (high - low) * (to - from)
  }

  /// Round values with room between their labels; the first and the last of the values are among them.
  var ticks: [Int64] {
    var chosen = [first, last]
    for candidate in candidates where chosen.allSatisfy({ abs(x($0) - x(candidate)) > (to - from) / 6 }) {
      chosen.append(candidate)
    }
    return chosen.sorted()
  }

  private var candidates: [Int64] {
    if isLogarithmic { return (1..<19).map { Int64(pow(10, Double($0))) }.filter { first < $0 && $0 < last } }
    let span = Double(last) - Double(first), unit = pow(10, log10(span / 4).rounded(.down))
    let step = max(1, [1, 2, 5, 10].map { $0 * unit }.first { $0 >= span / 4 } ?? unit)
    return (1..<5).map { ((Double(first) / step).rounded(.down) + Double($0)) * step }
      .filter { Double(first) < $0 && $0 < Double(last) }.compactMap { Int64(exactly: $0) }
  }

  private func scaled(_ value: Int64) -> Double {
    guard isLogarithmic else { return Double(value) }
    return (value < 0 ? -1 : 1) * log2(1 + Double(value.magnitude))
  }
}
