public import Foundation

/// What a benchmark was, before its first shape.
public struct BenchmarkHeader: Codable, Sendable, Equatable {
  /// Tells the file from others; always `rope-conformance-bench`.
  public let format: String
  /// The version of the file's form.
  public let formatVersion: Int
  /// The version of the package that made it.
  public let packageVersion: String
  /// The name of the device, such as `nvidia:0`.
  public let device: String
  /// The device's model and memory, and the versions of its driver and runtime.
  public let description: String
  /// The compiler of the kernel, by its own words.
  public let compiler: String
  /// How often each time was taken; the medians are reported.
  public let samples: Int

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

/// The speed of one shape, or why it was not measured.
public struct BenchmarkResult: Codable, Sendable, Equatable {
  public let name: String
  public let shape: BenchmarkShape
  /// Nil where it was not measured.
  public let measurement: Measurement?
  /// Why it was not measured; nil where it was.
  public let reason: String?

  /// A shape that was left out.
  public init(notMeasured shape: BenchmarkShape, reason: String) {
    self.init(shape, nil, reason: reason)
  }

  init(_ shape: BenchmarkShape, _ measurement: Measurement?, reason: String? = nil) {
    name = shape.name
    self.shape = shape
    self.measurement = measurement
    self.reason = reason
  }

  /// Medians of several samples, all of one process, each beside one of the copy.
  public struct Measurement: Codable, Sendable, Equatable {
    /// Launches of one sample, one after the other.
    public let launches: Int
    /// Seconds of one launch.
    public let seconds: Double
    /// Bytes that a launch moves: Q and K read once and written once, and its angles read once.
    public let bytes: Int
    /// Seconds of one copy of Q and K within the memory of the device.
    public let copySeconds: Double
    /// Bytes that the copy moves: Q and K read once and written once.
    public let copyBytes: Int
    /// Seconds of one launch of a kernel that does nothing; nil for prefill and on the host.
    public let emptySeconds: Double?
    /// Seconds of a plain loop in C on as many cores; nil but for a float32 table on the host.
    public let plainSeconds: Double?

    /// Bytes per second.
    public var rate: Double { Double(bytes) / seconds }
    /// The rate as a share of the copy's.
    public var shareOfCopy: Double { rate / (Double(copyBytes) / copySeconds) }
    /// The time as a multiple of that of a launch that does nothing.
    public var multipleOfEmpty: Double? { emptySeconds.map { seconds / $0 } }
    /// How many times as fast as the plain loop it is.
    public var gainOnPlain: Double? { plainSeconds.map { $0 / seconds } }
  }
}

/// The lines of a file: a header, then a result for each shape.
public enum BenchmarkRecord: Sendable, Equatable {
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

  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .record) {
    case .header: self = .header(try BenchmarkHeader(from: decoder))
    case .shape: self = .result(try BenchmarkResult(from: decoder))
    }
  }

  /// The value's own keys, with `record` beside them, and what follows from a measurement.
  public func encode(to encoder: any Encoder) throws {
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
  public var line: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      encoder.keyEncodingStrategy = .convertToSnakeCase
      return try encoder.encode(self) + Data("\n".utf8)
    }
  }

  /// The record of a line.
  ///
  /// - Throws: `DecodingError`.
  public init(line: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(BenchmarkRecord.self, from: line)
  }
}
