import Foundation

extension BenchmarkResult {
  /// The heading of ``text``.
  public static let heading = columns(
    "shape", "µs", "GB/s", "of copy", "× empty", "× plain")

  /// One line for people: time, rate, the rate as a share of the copy's, and the other comparisons where they are made.
  public var text: String {
    guard let measurement else { return "\(name): not measured: \(reason ?? "no reason")" }
    return Self.columns(
      name, String(format: "%.2f", measurement.seconds * 1e6), String(format: "%.1f", measurement.rate / 1e9),
      String(format: "%.0f %%", measurement.shareOfCopy * 100),
      measurement.multipleOfEmpty.map { String(format: "%.2f", $0) } ?? "",
      measurement.gainOnPlain.map { String(format: "%.2f", $0) } ?? "")
  }

  private static func columns(_ name: String, _ values: String...) -> String {
    let padded = name + String(repeating: " ", count: max(0, 70 - name.count))
    let cells = values.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }
    return (padded + cells.joined()).trimmingSuffix { $0 == " " }
  }
}

extension String {
  fileprivate func trimmingSuffix(while matches: (Character) -> Bool) -> String {
    String(self[..<(lastIndex { !matches($0) }.map(index(after:)) ?? startIndex)])
  }
}
