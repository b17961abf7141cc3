public import Conformance
import RoPE

/// Something that must hold exactly, beside accuracy, and did not.
public struct ViolationReport: Codable, Sendable, Equatable {
  /// What it is; which of the other values there are depends on it.
  public enum Kind: String, Codable, Sendable {
    case backendFailed = "backend failed"
    case evidence
    case notWritten = "not written"
    case notCopied = "not copied"
    case writtenOutside = "written outside"
    case notRepeatable = "not repeatable"
    case notConfined = "not confined"
    case rowsDiffer = "rows differ"
  }

  public let kind: Kind
  /// All of it in words.
  public let message: String
  public private(set) var tensor: TensorName?
  /// How many elements it concerns, and the first of them.
  public private(set) var count: Int?
  public private(set) var first: PlaceReport?
  /// Bit patterns of the first element.
  public private(set) var expectedBits: UInt32?
  public private(set) var actualBits: UInt32?
  /// What the buffer holds, which part of it changed, the first byte that did, and its values.
  public private(set) var buffer: String?
  public private(set) var region: String?
  public private(set) var byte: Int?
  public private(set) var before: UInt8?
  public private(set) var after: UInt8?
  /// How the runs of the case differ, and the first of the elements that differ in any run.
  public private(set) var runs: RunsReport?
  public private(set) var places: [PlaceReport]?
  /// The earlier batch row with the same inputs and positions.
  public private(set) var equalRow: Int?

  /// The message in lines, of which all but the first explain.
  var lines: [String] {
    guard let runs, let tensor, let count else { return [message] }
    return runs.lines(tensor, elementCount: count)
  }

  /// The report of a violation; bit patterns are those of an element type.
  init(_ violation: Violation, _ type: ElementType) {
    message = violation.words(type)
    switch violation {
    case .backendFailed: kind = .backendFailed
    case .evidence: kind = .evidence
    case .notWritten(let tensor, let count, let first):
      kind = .notWritten
      set(tensor, count, first)
    case .notCopied(let tensor, let count, let first, let expected, let actual):
      kind = .notCopied
      (expectedBits, actualBits) = (expected, actual)
      set(tensor, count, first)
    case .writtenOutside(let buffer, let region, let byte, let before, let after):
      kind = .writtenOutside
      (self.buffer, self.region, self.byte) = (buffer, region, byte)
      (self.before, self.after) = (before, after)
    case .notRepeatable(let tensor, let disagreement):
      kind = .notRepeatable
      runs = RunsReport(disagreement)
      (self.tensor, count) = (tensor, disagreement.count)
      places = disagreement.places.map(PlaceReport.init)
      first = places?.first
    case .notConfined(let tensor, let count, let first, let actual):
      kind = .notConfined
      actualBits = actual
      set(tensor, count, first)
    case .rowsDiffer(let tensor, let count, let first, let equalRow):
      kind = .rowsDiffer
      self.equalRow = equalRow
      set(tensor, count, first)
    }
  }

  private mutating func set(_ tensor: TensorName, _ count: Int, _ first: ElementPlace) {
    (self.tensor, self.count, self.first) = (tensor, count, PlaceReport(first))
  }
}

extension Violation {
  /// What did not hold.
  fileprivate func words(_ type: ElementType) -> String {
    switch self {
    case .backendFailed(let message):
      "the backend failed: \(message)"
    case .evidence(let message):
      message
    case .notWritten(let tensor, let count, let first):
      "\(count) elements were not written, first \(ElementText.place(tensor, PlaceReport(first)))"
    case .notCopied(let tensor, let count, let first, let expected, let actual):
      "\(count) elements outside of the rotation are not the input's, first "
        + "\(ElementText.place(tensor, PlaceReport(first))): "
        + "expected \(ElementText.value(expected, type)), actual \(ElementText.value(actual, type))"
    case .writtenOutside(let buffer, let region, let byte, let before, let after):
      "buffer '\(buffer)' changed outside of the outputs (\(region)), first at byte \(byte): "
        + "0x\(ElementText.hex(UInt32(before), digits: 2)) became 0x\(ElementText.hex(UInt32(after), digits: 2))"
    case .notRepeatable(let tensor, let disagreement):
      RunsReport(disagreement).lines(tensor, elementCount: disagreement.count).joined(separator: "; ")
    case .notConfined(let tensor, let count, let first, let actual):
      "\(count) elements are not finite, though input and exact result of their pairs are: other inputs of the call are "
        + "not, first \(ElementText.place(tensor, PlaceReport(first))): \(ElementText.value(actual, type))"
    case .rowsDiffer(let tensor, let count, let first, let equalRow):
      "\(count) elements differ from those of batch row \(equalRow), which has the same inputs and positions, first "
        + ElementText.place(tensor, PlaceReport(first))
    }
  }
}
