import Foundation
import RoPE

/// The positions of values across a drawing: even, or by logarithm if they span magnitudes.
struct PlotAxis {
  /// True if distances are those of `log₂(1 + |value|)`.
  let isLogarithmic: Bool
  private let first: Double
  private let last: Double
  private let from: Double
  private let to: Double
  private let width: Double

  /// A value that is written below the drawing.
  struct Label {
    let text: String
    /// The coordinate of the value.
    let x: Double
    /// The coordinate of the text's middle: that of the value, unless the text would leave the drawing.
    let middle: Double
    /// The length of the text, at most: fonts differ.
    let length: Double

    /// Indicates whether two labels are too close to be read apart.
    func touches(_ other: Label) -> Bool {
      abs(middle - other.middle) < (length + other.length) / 2 + PlotAxis.gap
    }
  }

  /// The space between labels.
  private static let gap = 12.0
  /// The width of a digit of the style sheet's font, in the widest of the usual ones.
  private static let digitWidth = 7.7

  /// Spaces values evenly if they have no gaps or are of one magnitude.
  ///
  /// `from` and `to` are the coordinates of the first and the last value, in a drawing of the given width.
  ///
  /// - Returns: nil for fewer than two different values.
  init?(_ values: [Double], from: Double, to: Double, width: Double) {
    guard let first = values.min(), let last = values.max(), first < last else { return nil }
    self.first = first
    self.last = last
    self.from = from
    self.to = to
    self.width = width
    let span = last - first, magnitude = max(first.magnitude, last.magnitude)
    isLogarithmic = magnitude >= 1024 && span > 4 * Double(Set(values).count) && 2 * span > magnitude
  }

  /// The horizontal coordinate of a value.
  func x(_ value: Double) -> Double {
    let low = scaled(first), high = scaled(last)
    return from + (scaled(value) - low) / (high - low) * (to - from)
  }

  /// Round values whose labels leave space between them; the first and the last of the values are among them.
  var labels: [Label] {
    var chosen: [Label] = []
    for label in ([first, last] + candidates).map(label) where chosen.allSatisfy({ !$0.touches(label) }) {
      chosen.append(label)
    }
    return chosen.sorted { $0.x < $1.x }
  }

  private func label(_ value: Double) -> Label {
    let text = value.shortest, x = x(value), length = Double(text.count) * Self.digitWidth
    return Label(text: text, x: x, middle: max(length / 2, min(x, width - length / 2)), length: length)
  }

  private var candidates: [Double] {
    if isLogarithmic {
      let powers = (1..<19).map { pow(10, Double($0)) }
      return ([0] + powers.flatMap { [$0, -$0] }).filter { first < $0 && $0 < last }
    }
    let span = last - first, unit = pow(10, log10(span / 4).rounded(.down))
    let step = max(1, [1, 2, 5, 10].map { $0 * unit }.first { $0 >= span / 4 } ?? unit)
    return (1..<5).map { ((first / step).rounded(.down) + Double($0)) * step }.filter { first < $0 && $0 < last }
  }

  private func scaled(_ value: Double) -> Double {
    guard isLogarithmic else { return value }
    return (value < 0 ? -1 : 1) * log2(1 + value.magnitude)
  }
}
