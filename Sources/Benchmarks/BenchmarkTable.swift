import Foundation
import RoPE

/// The results of one device as Markdown: a table of prefill and one of decode, a row for each model and length, a cell
/// for each element type with the range over contracts, pairings and layouts.
public struct BenchmarkTable {
  private let header: BenchmarkHeader
  private let results: [BenchmarkResult]

  /// The share of a copy's rate that is the goal of prefill on a GPU.
  public static let prefillGoal = 0.9
  /// The multiple of an empty launch's time that is the goal of decoding on a GPU.
  public static let decodeGoal = 1.5

  /// The table of a file of JSON Lines.
  ///
  /// - Throws: ``BenchmarkFileError``.
  public init(contentsOf path: String) throws(BenchmarkFileError) {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw BenchmarkFileError(path: path, reason: "it cannot be read")
    }
    var header: BenchmarkHeader?
    var results: [BenchmarkResult] = []
    for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let record = try? BenchmarkRecord(line: Data(line)) else {
        throw BenchmarkFileError(path: path, reason: "line \(index + 1) is none that 'bench --json' writes")
      }
      switch record {
      case .header(let found): header = found
      case .result(let result): results.append(result)
      }
    }
    guard let header, header.format == BenchmarkHeader.format else {
      throw BenchmarkFileError(path: path, reason: "it does not begin with the header that 'bench --json' writes")
    }
    self.header = header
    self.results = results
  }

  /// The tables with a heading.
  ///
  /// - Parameter date: when it was measured.
  public func markdown(date: String) -> String {
    var lines = [
      "### \(header.description)", "", "Measured \(date); \(header.samples) samples; \(header.compiler).", "",
    ]
    lines += table(results.filter { !$0.shape.isDecode }, "prefill: GB/s (share of a copy's)") { measurements in
      Self.range(measurements.map { $0.rate / 1e9 }, "%.0f")
        + " (\(Self.range(measurements.map { $0.shareOfCopy * 100 }, "%.0f")) %)"
    }
    lines.append(goal(false, "of the copy's rate in", { $0.shareOfCopy }, Self.prefillGoal))
    lines.append("")
    lines += table(results.filter(\.shape.isDecode), "decode: µs (multiple of an empty launch)") { measurements in
      let multiples = measurements.compactMap(\.multipleOfEmpty)
      return Self.range(measurements.map { $0.seconds * 1e6 }, "%.1f")
        + (multiples.isEmpty ? "" : " (\(Self.range(multiples, "%.2f")))")
    }
    lines.append(goal(true, "times an empty launch in", { $0.multipleOfEmpty.map { -$0 } }, -Self.decodeGoal))
    lines.append(slowCopies)
    let missing = results.filter { $0.measurement == nil }
    if let first = missing.first {
      lines += ["", "Not measured: \(missing.count) shapes, such as `\(first.name)`: \(first.reason ?? "no reason")."]
    }
    let gains = results.compactMap(\.measurement?.gainOnPlain)
    if !gains.isEmpty {
      lines += ["", "Against the plain loop in C, `table`, float32: \(Self.range(gains, "%.2f")) times as fast."]
    }
    return lines.joined(separator: "\n")
  }

  /// How many shapes reach a goal, and the one that is farthest from it. A value is better the larger it is.
  private func goal(
    _ isDecode: Bool, _ words: String, _ value: (BenchmarkResult.Measurement) -> Double?, _ goal: Double
  ) -> String {
    let values = results.filter { $0.shape.isDecode == isDecode }.compactMap { result in
      result.measurement.flatMap(value).map { (name: result.name, value: $0) }
    }
    guard let worst = values.min(by: { $0.value < $1.value }) else { return "" }
    let number = { (value: Double) in String(format: "%.2f", value.magnitude) }
    let reached = values.count { $0.value >= goal }
    return "\nAt \(isDecode ? "most" : "least") \(number(goal)) \(words) \(reached) of \(values.count) shapes; "
      + "farthest: `\(worst.name)` with \(number(worst.value))."
  }

  /// How many shapes of decoding move more bytes than any kernel could in the time of the goal.
  private var slowCopies: String {
    let count = results.filter(\.shape.isDecode).compactMap(\.measurement).count {
      guard let empty = $0.emptySeconds else { return false }
      return $0.copySeconds > Self.decodeGoal * empty
    }
    return count == 0 ? "" : "In \(count) shapes a copy of the bytes takes longer than that."
  }

  private func table(
    _ results: [BenchmarkResult], _ title: String, cell: ([BenchmarkResult.Measurement]) -> String
  ) -> [String] {
    guard !results.isEmpty else { return [] }
    let types = ElementType.allCases
    var lines = [
      "| \(title) | \(types.map(\.rawValue).joined(separator: " | ")) |",
      "|---|\(types.map { _ in "---:" }.joined(separator: "|"))|",
    ]
    var rows: [String] = []
    for result in results {
      let row = Self.row(result)
      if !rows.contains(row) { rows.append(row) }
    }
    for row in rows {
      let cells = types.map { type in
        let found = results.filter { Self.row($0) == row && $0.shape.elementType == type }.compactMap(\.measurement)
        return found.isEmpty ? "not measured" : cell(found)
      }
      lines.append("| \(row) | \(cells.joined(separator: " | ")) |")
    }
    return lines
  }

  private static func row(_ result: BenchmarkResult) -> String {
    "\(result.shape.model), \(result.shape.tokens) tokens"
  }

  private static func range(_ values: [Double], _ format: String) -> String {
    guard let least = values.min(), let most = values.max() else { return "" }
    let (low, high) = (String(format: format, least), String(format: format, most))
    return low == high ? low : "\(low)–\(high)"
  }
}

/// A file that holds no benchmark.
public struct BenchmarkFileError: Error, Equatable, CustomStringConvertible {
  let path, reason: String

  public var description: String { "\(path): \(reason); 'bench --json FILE' writes such files" }
}
