import Diagnosis
import Foundation
import Judging
import RoPE

/// A plot of errors along one axis: multiples of the limit on a logarithmic scale, with dots of a different shape for
/// each tensor.
struct ErrorPlot {
  // In units of the drawing, whose width is that of a phone, so that its text is legible there.
  private static let width = 360.0, height = 190.0
  private static let left = 44.0, right = 352.0, top = 14.0, bottom = 156.0
  /// The lowest power of ten of the scale; smaller errors are drawn below it.
  private static let lowestDecade = -4
  /// The number of groups above which neighbours share a dot: about one for each three units of width.
  private static let dots = 104

  private let axis: ErrorProfile.Axis
  private let series: [(tensor: TensorName, ranges: [ErrorProfile.Range])]
  private let places: PlotAxis
  private let decades: ClosedRange<Int>

  /// The drawing of the series of one axis; nil if it would show fewer than two values.
  init?(_ series: [ErrorProfile.Series], axis: ErrorProfile.Axis) {
    self.axis = axis
    let values = series.flatMap { $0.groups.map(\.value) }
    guard let places = PlotAxis(values, from: Self.left + 8, to: Self.right - 8, width: Self.width) else { return nil }
    self.places = places
    self.series = series.map { ($0.tensor, $0.ranges(atMost: Self.dots)) }
    let finite = series.flatMap(\.groups).map(\.largestSeverity).filter { $0 > 0 && $0.isFinite }.map(log10)
    let low = max(Self.lowestDecade, min(-1, Int((finite.min() ?? -1).rounded(.down))))
    decades = low...max(1, Int((finite.max() ?? 1).rounded(.up)))
  }

  /// A figure with its caption.
  var html: String {
    // The look of a tensor depends on its place in the order, not on its name.
    let drawn = series.enumerated().map { index, series in
      "<path class=\"dots tensor-\(index + 1)\" d=\"\(path(series.ranges))\"/>"
    }
    let keys = series.enumerated().map { index, series in
      "<span class=\"legend tensor-\(index + 1)\">\(series.tensor.rawValue.escaped)</span>"
    }
    let limit = y(1)
    return """
      <figure>
      <svg viewBox="0 0 \(Self.number(Self.width)) \(Self.number(Self.height))" role="img" aria-label="\(description)">
      \(grid)
      <line class="limit" x1="\(Self.number(Self.left))" x2="\(Self.number(Self.right))" y1="\(limit)" y2="\(limit)"/>
      \(drawn.joined(separator: "\n"))
      </svg>
      <figcaption>error / limit by \(axis.rawValue)\(places.isLogarithmic ? ", logarithmic" : ""): \
      \(keys.joined(separator: " ")) <span class="legend limit">limit</span></figcaption>
      </figure>
      """
  }

  /// The drawing in words, for readers who cannot see it.
  private var description: String {
    let parts = series.compactMap { series -> String? in
      guard let worst = series.ranges.max(by: { $0.largestSeverity < $1.largestSeverity }) else { return nil }
      return "\(series.tensor.rawValue): at most \(worst.largestSeverity.threeDigits) times the limit, "
        + "at \(axis.rawValue) \(worst.name)"
    }
    return "error by \(axis.rawValue); \(parts.joined(separator: "; "))".escaped
  }

  /// Lines at powers of ten, and the values of the axis below them.
  private var grid: String {
    let step = max(1, (decades.count + 4) / 5)
    // They include 10⁰, so that the limit has its line.
    let shown = decades.filter { $0 % step == 0 }
    let lines = shown.map { decade in
      let y = y(pow(10, Double(decade)))
      return "<line class=\"grid\" x1=\"\(Self.number(Self.left))\" x2=\"\(Self.number(Self.right))\" y1=\"\(y)\" "
        + "y2=\"\(y)\"/><text class=\"scale\" x=\"\(Self.number(Self.left - 5))\" y=\"\(y)\">"
        + "\(Self.powerOfTen(decade))</text>"
    }
    let values = places.labels.map { label in
      "<path class=\"grid\" d=\"M\(Self.number(label.x)) \(Self.number(Self.bottom + 11))v4\"/>"
        + "<text class=\"value\" x=\"\(Self.number(label.middle))\" y=\"\(Self.number(Self.bottom + 29))\">"
        + "\(label.text)</text>"
    }
    return (lines + values).joined(separator: "\n")
  }

  /// Dots are lines of no length with round or square ends.
  private func path(_ ranges: [ErrorProfile.Range]) -> String {
    ranges.map { range in
      "M\(Self.number((places.x(range.first) + places.x(range.last)) / 2)) \(y(range.largestSeverity))h0"
    }.joined()
  }

  /// The height of a severity: above the scale if it is infinite, below the scale if it is zero.
  private func y(_ severity: Double) -> String {
    guard severity.isFinite else { return Self.number(Self.top - 7) }
    let low = Double(decades.lowerBound), high = Double(decades.upperBound)
    guard severity > 0, log10(severity) >= low else { return Self.number(Self.bottom + 7) }
    return Self.number(Self.bottom - (log10(severity) - low) / (high - low) * (Self.bottom - Self.top))
  }

  private static func powerOfTen(_ exponent: Int) -> String {
    (-2...3).contains(exponent) ? pow(10, Double(exponent)).shortest : "1e\(exponent)"
  }

  /// A tenth of a unit is finer than any screen.
  static func number(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
