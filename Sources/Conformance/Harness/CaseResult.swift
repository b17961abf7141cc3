import Backends
import RoPE

/// What a run of one case found, before it is held against its tolerance's name.
struct CaseResult {
  var accuracy: Accuracy?
  var violations: [Violation] = []
  var unsupportedReason: String?

  static func unsupported(_ reason: String) -> CaseResult { CaseResult(unsupportedReason: reason) }
}

/// Whether the device that was asked did the work.
enum EvidenceCheck {
  static func violations(_ evidence: Evidence, _ call: RotationCall, _ backend: any Backend) -> [Violation] {
    var violations: [Violation] = []
    if evidence.deviceName != backend.deviceName {
      violations.append(
        .evidence(message: "device '\(evidence.deviceName)' did the work, '\(backend.deviceName)' was asked"))
    }
    if evidence.tokenCount != call.tokenCount {
      violations.append(
        .evidence(message: "the device counted \(evidence.tokenCount) tokens of \(call.tokenCount)"))
    }
    return violations
  }
}
