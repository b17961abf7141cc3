import Devices
import Files
import Foundation
import RoPE

/// The results of one device as Markdown: a table of prefill and one of decode, a row for each model and length, a cell
/// for each element type with the range over contracts, pairings and layouts.
package struct BenchmarkTable {
  private let header: BenchmarkHeader
  private let results: [BenchmarkResult]

  /// The share of a copy's rate that is the goal of prefill on a GPU.
  package static let prefillGoal = 0.9
  /// The same on the host, for contiguous float32.
  package static let hostGoal = 0.6
  /// The multiple of an empty launch's time that is the goal of decoding on a GPU.
  package static let decodeGoal = 1.5

  /// The most bytes of a file.
  private static let largestCount = 1 << 30

  /// Reads the results from a file of JSON Lines.
  ///
  /// - Throws: ``BenchmarkFileError``.
  package init(contentsOf path: String) throws(BenchmarkFileError) {
    let data: Data
    do {
      data = try InputFile.bytes(of: path, limit: Self.largestCount)
    } catch {
      throw BenchmarkFileError(path: path, reason: error.reason)
    }
    var header: BenchmarkHeader?
    var results: [BenchmarkResult] = []
    for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      guard let record = try? BenchmarkRecord(line: Data(line)) else {
        throw BenchmarkFileError(path: path, reason: "line \(index + 1) is not one that 'bench --json' writes")
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
  /// `date` says when it was measured.
  package func markdown(date: String) -> String {
    let (decode, prefill) = (results.filter(\.shape.isDecode), results.filter { !$0.shape.isDecode })
    let missing = results.filter { $0.measurement == nil }
    let gains = results.compactMap(\.measurement?.gainOnPlain)
    let blocks: [String?] = [
      "### \(header.description)",
      "Measured \(date); \(header.samples) samples; \(header.compiler).",
      table(prefill, "prefill: GB/s (share of a copy's)") { measurements in
        Self.range(measurements.map { $0.rate / 1e9 }, "%.0f")
          + " (\(Self.range(measurements.map { $0.shareOfCopy * 100 }, "%.0f")) %)"
      },
      prefillResult(prefill),
      table(decode, "decode: µs (multiple of an empty launch)") { measurements in
        let multiples = measurements.compactMap(\.multipleOfEmpty)
        return Self.range(measurements.map { $0.seconds * 1e6 }, "%.1f")
          + (multiples.isEmpty ? "" : " (\(Self.range(multiples, "%.2f")))")
      },
      decodeResult(decode),
      missing.first.map { first in
        "Not measured: \(missing.count) \(missing.count == 1 ? "shape" : "shapes"), such as `\(first.name)`: "
          + "\(first.reason ?? "no reason")."
      },
      gains.isEmpty
        ? nil
        : "With contract `table` and float32, the kernel is \(Self.range(gains, "%.2f")) times as fast as the plain loop in C.",
    ]
    return blocks.compactMap { $0 }.joined(separator: "\n\n")
  }

  private func prefillResult(_ prefill: [BenchmarkResult]) -> String? {
    let share = { (measurement: BenchmarkResult.Measurement) in measurement.shareOfCopy as Double? }
    guard header.device == Device.host.name else {
      return Self.result(prefill, share, goal: Self.prefillGoal, "of the copy's rate", "shapes")
    }
    let judged = prefill.filter { $0.shape.elementType == .float32 && $0.shape.layout == .contiguous }
    return Self.result(judged, share, goal: Self.hostGoal, "of the copy's rate", "shapes of contiguous float32")
  }

  private func decodeResult(_ decode: [BenchmarkResult]) -> String? {
    let multiple = { (measurement: BenchmarkResult.Measurement) in measurement.multipleOfEmpty.map { -$0 } }
    return Self.result(decode, multiple, goal: -Self.decodeGoal, "times an empty launch", "shapes")
      .map { $0 + slowCopies }
  }

  /// The number of shapes that reach a goal, and the shape farthest from it.
  ///
  /// Larger values are better; where smaller ones are, value and goal are negated.
  private static func result(
    _ results: [BenchmarkResult], _ value: (BenchmarkResult.Measurement) -> Double?, goal: Double, _ unit: String,
    _ shapes: String
  ) -> String? {
    let values = results.compactMap { result in
      result.measurement.flatMap(value).map { (name: result.name, value: $0) }
    }
    guard let worst = values.min(by: { $0.value < $1.value }) else { return nil }
    let number = { (value: Double) in String(format: "%.2f", value.magnitude) }
    let reached = values.count { $0.value >= goal }
    return "At \(goal < 0 ? "most" : "least") \(number(goal)) \(unit) in \(reached) of \(values.count) \(shapes); "
      + "the \(goal < 0 ? "highest" : "lowest") is `\(worst.name)` with \(number(worst.value))."
  }

  /// The number of decoding shapes that move more bytes than any kernel could move in the time of the goal.
  private var slowCopies: String {
    let count = results.filter(\.shape.isDecode).compactMap(\.measurement).count {
      guard let empty = $0.emptySeconds else { return false }
      return $0.copySeconds > Self.decodeGoal * empty
    }
    return count == 0 ? "" : "\nIn \(count) shapes, even a copy of the same bytes takes longer than that."
  }

  private func table(
    _ results: [BenchmarkResult], _ title: String, cell: ([BenchmarkResult.Measurement]) -> String
  ) -> String? {
    guard !results.isEmpty else { return nil }
    let types = ElementType.allCases.filter { type in results.contains { $0.shape.elementType == type } }
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
    return lines.joined(separator: "\n")
  }

  private static func row(_ result: BenchmarkResult) -> String {
    "\(result.shape.model), \(result.shape.tokens) \(result.shape.tokens == 1 ? "token" : "tokens")"
  }

  private static func range(_ values: [Double], _ format: String) -> String {
    guard let least = values.min(), let most = values.max() else { return "" }
    let (low, high) = (String(format: format, least), String(format: format, most))
    return low == high ? low : "\(low)–\(high)"
  }
}

/// A file without benchmark results.
package struct BenchmarkFileError: Error, Equatable, CustomStringConvertible {
  let path, reason: String

  package var description: String { "\(path): \(reason); 'bench --json FILE' writes such files" }
}
