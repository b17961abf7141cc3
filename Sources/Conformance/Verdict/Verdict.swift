public import Goldens
public import RoPE

/// How one backend did on one case.
public struct Verdict: Sendable {
  /// The sum of accuracy and integrity.
  public enum Outcome: String, Sendable {
    case conforms
    case fails
    /// The backend does not support the case; never counted as passed.
    case unsupported
  }

  /// The name of the case.
  public let caseName: String
  /// The part of the suite that the case belongs to.
  public let section: Workload.Section
  /// The type of the case's elements.
  public let elementType: ElementType
  /// The tolerance that accuracy was judged by.
  public let rule: ToleranceRule
  /// What the outputs are worth; nil where there are none.
  public let accuracy: Accuracy?
  /// What did not hold that must hold exactly.
  public let violations: [Violation]
  /// Why the backend does not support the case.
  public let unsupportedReason: String?
  /// The tightest of ``Budget/named`` that holds for every rotated element; nil where none does, or nothing rotates.
  public let grade: Budget?
  /// What is wrong; nil where the case conforms or there are no outputs.
  public let diagnosis: Diagnosis?
  /// How the errors spread; nil where that was not asked for, or there are no outputs.
  public let profile: ErrorProfile?
  /// What the device says about all runs of the case; nil where nothing keeps a record.
  public let deviceWork: DeviceWork?

  /// The sum of it all.
  public var outcome: Outcome {
    if unsupportedReason != nil { return .unsupported }
    return violations.isEmpty && accuracy.map { $0.failedCount == 0 } ?? false ? .conforms : .fails
  }
}

/// Something that must hold exactly, beside accuracy, and did not.
public enum Violation: Sendable, Equatable {
  /// The backend threw.
  case backendFailed(message: String)
  /// The device's evidence contradicts what was asked.
  case evidence(message: String)
  /// Output elements that still hold the poison.
  case notWritten(tensor: TensorName, count: Int, first: ElementPlace)
  /// Channels that are in no pair and differ from the input in their bits.
  case notCopied(tensor: TensorName, count: Int, first: ElementPlace, expected: UInt32, actual: UInt32)
  /// Bytes outside of the outputs that changed.
  case writtenOutside(buffer: String, region: String, byte: Int, before: UInt8, after: UInt8)
  /// Of several runs on the same inputs, a later one gave other bits than the first.
  case notRepeatable(tensor: TensorName, RunDisagreement)
  /// NaN or infinity in a pair whose inputs and exact result are finite, where other inputs of the call are not.
  case notConfined(tensor: TensorName, count: Int, first: ElementPlace, actual: UInt32)
  /// A row of the batch got other bits than an earlier one of the same inputs and positions.
  case rowsDiffer(tensor: TensorName, count: Int, first: ElementPlace, equalRow: Int)
}

extension Violation {
  /// Whether both say the same of the same thing, so that one of them is enough.
  func repeats(_ other: Violation) -> Bool {
    if case .writtenOutside(let buffer, let region, _, _, _) = self,
      case .writtenOutside(let otherBuffer, let otherRegion, _, _, _) = other
    {
      return buffer == otherBuffer && region == otherRegion
    }
    return self == other
  }
}

/// Q or K.
public enum TensorName: String, Sendable {
  case query
  case key
}

/// One element of Q or K.
public struct ElementPlace: Sendable, Equatable {
  /// The row of the batch; 0 if packed.
  public let batch: Int
  /// The token within its row, or the packed token.
  public let token: Int
  /// The head of its tensor.
  public let head: Int
  /// The channel of its head.
  public let channel: Int
}
