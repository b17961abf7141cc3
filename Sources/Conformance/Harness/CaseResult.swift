import Backends
import RoPE
import Synchronization

/// What a run of one case found, before it is held against its tolerance's name.
struct CaseResult {
  var accuracy: Accuracy?
  /// How many elements in no pair have other bits than the input, or were not written.
  var wrongCopyCounts: [TensorName: Int] = [:]
  var violations: [Violation] = []
  var unsupportedReason: String?
  var diagnosis: Diagnosis?
  var profile: ErrorProfile?
  var deviceWork: DeviceWork?

  /// Whether nothing failed.
  var conforms: Bool { violations.isEmpty && accuracy.map { $0.failedCount == 0 } ?? false }

  /// Says what is wrong with the outputs, where a diagnosis is possible.
  mutating func diagnose(_ diagnostician: Diagnostician?) {
    diagnosis = diagnostician?.diagnosis()
    profile = diagnostician?.profile()
  }

  static func unsupported(_ reason: String) -> CaseResult { CaseResult(unsupportedReason: reason) }
}

/// Whether the device that was asked did the work, in every call of one run of the suite.
final class EvidenceCheck: Sendable {
  private let backend: any RoPEBackend
  /// The launches that proved a call already; evidence that is shown again proves nothing.
  private let launches = Mutex(Set<UInt32>())

  init(_ backend: any RoPEBackend) { self.backend = backend }

  func violations(_ evidence: Evidence?, _ call: RotationCall) -> [Violation] {
    guard let asked = backend.deviceName else { return [] }
    guard let evidence else { return [.evidence(message: "device '\(asked)' was asked, and shows no record of it")] }
    var violations: [Violation] = []
    if evidence.deviceName != asked {
      violations.append(.evidence(message: "device '\(evidence.deviceName)' did the work, '\(asked)' was asked"))
    }
    if evidence.tokenCount != call.tokenCount {
      violations.append(
        .evidence(message: "the device counted \(evidence.tokenCount) tokens of \(call.tokenCount)"))
    }
    if evidence.launchNumber == 0 {
      violations.append(.evidence(message: "launch 0 is what a record says before its launch"))
    } else if !launches.withLock({ $0.insert(evidence.launchNumber).inserted }) {
      violations.append(.evidence(message: "launch \(evidence.launchNumber) is the evidence of an earlier call"))
    }
    return violations
  }
}
