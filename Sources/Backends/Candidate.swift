import Devices
import Foundation
import Goldens
import Judging
import RoPE
import Synchronization

/// A subject of judging: it provides the outputs of any case.
package protocol Candidate: Sendable {
  /// The name of the backend that reports use, such as `hip`.
  var name: String { get }
  /// The device that did the work; nil if unknown.
  var deviceName: String? { get }
  /// One line for people: implementation and device.
  var summary: String { get }
  /// Problems found so far that belong to no case, one sentence each. A run that has any must not be reported as
  /// conforming.
  var problems: [String] { get }

  /// Sentences on what a run of this candidate on these cases cannot detect: such checks count as not made, not as
  /// passed.
  func notChecked(of cases: [Manifest.Entry]) -> [String]

  /// The outputs of a case. Errors of the backend are not thrown: they show in the outputs or in the verdict on them.
  ///
  /// - Throws: if the golden itself cannot be used, or the system refuses what a run needs.
  func outputs(of golden: Golden) throws -> CandidateOutputs
}

/// The outputs of a candidate on one case, or the reason that there are none.
package enum CandidateOutputs {
  case outputs(any OutputSource)
  /// The candidate does not support the case.
  case unsupported(reason: String)
  /// The candidate has no outputs, for this reason.
  case failed(reason: String)
}

/// A backend that runs here.
///
/// Each launch counts as evidence only once, so that none proves two calls.
package struct LiveCandidate: Candidate {
  private let backend: any RoPEBackend
  private let runCount: Int
  private let evidence: EvidenceCheck

  /// A backend that runs on the suite's calls.
  ///
  /// Each case is run `runCount` times, at least once, to find races and state. `launches` are those that proved a call
  /// already.
  package init(_ backend: any RoPEBackend, runCount: Int, launches: LaunchLedger = LaunchLedger()) {
    precondition(runCount >= 1, "runCount must be at least 1, but is \(runCount)")
    self.backend = backend
    self.runCount = runCount
    evidence = EvidenceCheck(backend, launches)
  }

  package var name: String { backend.name }
  package var deviceName: String? { backend.deviceName }
  package var summary: String { backend.summary }
  package var problems: [String] { (backend as? any ProblemNotingBackend)?.finish() ?? [] }
  package func notChecked(of cases: [Manifest.Entry]) -> [String] {
    let large = cases.count { $0.elementCount > LiveOutputs.largestRepeatedElementCount }
    let races =
      runCount == 1
      ? ["races: each case is run once"]
      : large == 0 ? [] : ["races in \(large) cases of more than 2^27 elements: each is run once"]
    return races
      + (deviceName == nil ? ["which device did the work: not verified, as reported by the backend"] : [])
  }

  package func outputs(of golden: Golden) throws -> CandidateOutputs {
    let prepared = try CaseCall(golden)
    do {
      if case .unsupported(let reason) = try backend.support(for: prepared.call) { return .unsupported(reason: reason) }
      if let refused = prepared.refused?.call, let reason = reasonNotToTry(refused) {
        return .unsupported(reason: reason)
      }
      if runsOnHost, let reason = prepared.shortage() { return .unsupported(reason: reason) }
      return .outputs(try LiveOutputs(prepared, backend: backend, evidence: evidence, runCount: runCount))
    } catch DeviceError.allocation(let byteCount, let device, let reason) {
      return .unsupported(
        reason: "\(DeviceError.allocation(byteCount: byteCount, device: device, reason: reason))")
    } catch {
      return .failed(reason: "\(error)")
    }
  }

  /// The reason that an invalid call is not put to the backend; nil if it is.
  private func reasonNotToTry(_ call: RotationCall) -> String? {
    guard backend.refusesInvalidCalls else { return "the backend does not say that it refuses invalid calls" }
    return (backend as? any CallLimitedBackend)?.limit(for: call)
  }

  /// True if the memory of a call is that of the host, as far as is known.
  private var runsOnHost: Bool { backend.deviceName == nil || backend.deviceName == Device.host.name }
}

/// The launches that have already proved a call: evidence shown a second time proves nothing.
package final class LaunchLedger: Sendable {
  private let numbers = Mutex(Set<UInt32>())

  package init() {}

  /// - Returns: false if the launch is already known.
  func note(_ number: UInt32) -> Bool { numbers.withLock { $0.insert(number).inserted } }
}

/// Checks that the requested device did the work.
struct EvidenceCheck: Sendable {
  private let deviceName: String?
  private let launches: LaunchLedger

  init(_ backend: any RoPEBackend, _ launches: LaunchLedger) {
    deviceName = backend.deviceName
    self.launches = launches
  }

  func violations(_ evidence: Evidence?, _ call: RotationCall) -> [Violation] {
    guard let asked = deviceName else { return [] }
    guard let evidence else {
      // Without tokens there is no work to prove.
      if call.tokenCount == 0 { return [] }
      return [.evidence(message: "device '\(asked)' was asked for, but no record shows that it did the work")]
    }
    var violations: [Violation] = []
    if evidence.deviceName != asked {
      violations.append(
        .evidence(message: "device '\(evidence.deviceName)' did the work, but '\(asked)' was asked for"))
    }
    if evidence.tokenCount != call.tokenCount {
      violations.append(
        .evidence(message: "the device counted \(evidence.tokenCount) of \(call.tokenCount) tokens"))
    }
    if evidence.launchNumber == 0 {
      violations.append(.evidence(message: "the record says launch 0, as it does before any launch"))
    } else if !launches.note(evidence.launchNumber) {
      violations.append(
        .evidence(message: "the record is of launch \(evidence.launchNumber), which belongs to an earlier call"))
    }
    return violations
  }
}
