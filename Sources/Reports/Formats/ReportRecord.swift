import Conformance
import Foundation

/// One line of a JSON report.
enum ReportRecord: Codable {
  case header(RunHeader)
  case `case`(CaseReport)
  case summary(RunSummary)

  private enum Kind: String, Codable {
    case header, `case`, summary
  }

  private enum CodingKeys: String, CodingKey {
    case record, conforms
  }

  init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .record) {
    case .header: self = .header(try RunHeader(from: decoder))
    case .case: self = .case(try CaseReport(from: decoder))
    case .summary: self = .summary(try RunSummary(from: decoder))
    }
  }

  /// Encodes the value's own keys, and `record` among them.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .header(let header):
      try container.encode(Kind.header, forKey: .record)
      try header.encode(to: encoder)
    case .case(let report):
      try container.encode(Kind.case, forKey: .record)
      try report.encode(to: encoder)
    case .summary(let summary):
      try container.encode(Kind.summary, forKey: .record)
      // It follows from the counts, but saves readers from counting.
      try container.encode(summary.conforms, forKey: .conforms)
      try summary.encode(to: encoder)
    }
  }
}

extension ReportRecord {
  // JSON has no infinity and no NaN.
  private static let infinity = (positive: "infinity", negative: "-infinity", none: "NaN")

  /// The record as one line of JSON, with its line feed.
  var line: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: Self.infinity.positive, negativeInfinity: Self.infinity.negative, nan: Self.infinity.none)
      return try encoder.encode(self) + Data("\n".utf8)
    }
  }

  /// Parses a line.
  ///
  /// - Throws: `DecodingError`.
  init(line: Data) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: Self.infinity.positive, negativeInfinity: Self.infinity.negative, nan: Self.infinity.none)
    self = try decoder.decode(ReportRecord.self, from: line)
  }
}
