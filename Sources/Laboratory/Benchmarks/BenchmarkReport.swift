import Foundation

/// The facts of a benchmark that are known before its first shape.
package struct BenchmarkHeader: Codable, Sendable, Equatable {
  /// Distinguishes the file from others; always `rope-conformance-bench`.
  package let format: String
  /// The version of the file's format.
  package let formatVersion: Int
  /// The version of the package that made it.
  package let packageVersion: String
  /// The name of the device, such as `nvidia:0`.
  package let device: String
  /// The device's model and memory, and the versions of its driver and runtime.
  package let description: String
  /// The compiler of the kernel, as it describes itself.
  package let compiler: String
  /// Samples of each time; the medians are reported.
  package let samples: Int

  static let format = "rope-conformance-bench"

  init(packageVersion: String, device: String, description: String, compiler: String, samples: Int) {
    format = Self.format
    formatVersion = 1
    self.packageVersion = packageVersion
    self.device = device
    self.description = description
    self.compiler = compiler
    self.samples = samples
  }
}

/// The speed of one shape, or the reason that it was not measured.
package struct BenchmarkResult: Codable, Sendable, Equatable {
  package let name: String
  package let shape: BenchmarkShape
  /// Nil if it was not measured.
  package let measurement: Measurement?
  /// The reason that it was not measured; nil if it was.
  package let reason: String?

  /// The result for a shape that was left out.
  package init(notMeasured shape: BenchmarkShape, reason: String) {
    self.init(shape, nil, reason: reason)
  }

  init(_ shape: BenchmarkShape, _ measurement: Measurement?, reason: String? = nil) {
    name = shape.name
    self.shape = shape
    self.measurement = measurement
    self.reason = reason
  }

  /// Medians of several samples, all of one process, each taken together with one of the copy.
  package struct Measurement: Codable, Sendable, Equatable {
    /// Launches of one sample, one after the other.
    package let launches: Int
    /// Seconds of one launch.
    package let seconds: Double
    /// Bytes that a launch moves: Q and K read once and written once, and its angles read once.
    package let bytes: Int
    /// Seconds of one copy of Q and K within the memory of the device.
    package let copySeconds: Double
    /// Bytes that the copy moves: Q and K read once and written once.
    package let copyBytes: Int
    /// Seconds of one launch of a kernel that does nothing; nil for prefill and on the host.
    package let emptySeconds: Double?
    /// Seconds of a plain loop in C on as many cores; nil except for a float32 table on the host.
    package let plainSeconds: Double?

    /// Bytes per second.
    package var rate: Double { Double(bytes) / seconds }
    /// The rate as a share of the copy's.
    package var shareOfCopy: Double { rate / (Double(copyBytes) / copySeconds) }
    /// The time as a multiple of that of a launch that does nothing.
    package var multipleOfEmpty: Double? { emptySeconds.map { seconds / $0 } }
    /// The speed as a multiple of the plain loop's.
    package var gainOnPlain: Double? { plainSeconds.map { $0 / seconds } }
  }
}

/// The lines of a file: a header, then a result for each shape.
package enum BenchmarkRecord: Sendable, Equatable {
  case header(BenchmarkHeader)
  case result(BenchmarkResult)
}

extension BenchmarkRecord: Codable {
  private enum Kind: String, Codable {
    case header, shape
  }

  private enum CodingKeys: String, CodingKey {
    case record, rate, shareOfCopy, multipleOfEmpty, gainOnPlain
  }

  package init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .record) {
    case .header: self = .header(try BenchmarkHeader(from: decoder))
    case .shape: self = .result(try BenchmarkResult(from: decoder))
    }
  }

  /// Encodes the value's own keys, `record` among them, and the figures derived from a measurement.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .header(let header):
      try container.encode(Kind.header, forKey: .record)
      try header.encode(to: encoder)
    case .result(let result):
      try container.encode(Kind.shape, forKey: .record)
      try container.encodeIfPresent(result.measurement?.rate, forKey: .rate)
      try container.encodeIfPresent(result.measurement?.shareOfCopy, forKey: .shareOfCopy)
      try container.encodeIfPresent(result.measurement?.multipleOfEmpty, forKey: .multipleOfEmpty)
      try container.encodeIfPresent(result.measurement?.gainOnPlain, forKey: .gainOnPlain)
      try result.encode(to: encoder)
    }
  }

  /// The record as one line of JSON, with its line feed.
  package var line: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      encoder.keyEncodingStrategy = .convertToSnakeCase
      return try encoder.encode(self) + Data("\n".utf8)
    }
  }

  /// Parses a line.
  ///
  /// - Throws: `DecodingError`.
  package init(line: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(BenchmarkRecord.self, from: line)
  }
}

extension BenchmarkResult {
  /// The heading of ``text``.
  package static let heading = columns(
    "shape", "µs", "GB/s", "of copy", "× empty", "× plain")

  /// One line for people: time, rate, the rate as a share of the copy's, and the other comparisons if they are made.
  package var text: String {
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
