import Devices
import Foundation
import Goldens
import Judging
import RoPE
import Synchronization

/// What is judged: gives the outputs of any case.
package protocol Candidate: Sendable {
  /// The name of the backend that reports use, such as `hip`.
  var name: String { get }
  /// The device that did the work, as far as it is known.
  var deviceName: String? { get }
  /// One line for people: implementation and device.
  var summary: String { get }
  /// Problems so far apart from the cases, a sentence each; whoever reports must not call such a run conforming.
  var problems: [String] { get }

  /// Sentences on what a run of this candidate on some cases cannot see: these checks count as not made, not as passed.
  func notChecked(of cases: [Manifest.Entry]) -> [String]

  /// The outputs of a case. Whatever the backend does wrong is part of them, or of the verdict on them.
  ///
  /// - Throws: where the golden itself cannot be used, or the system refuses what a run needs.
  func outputs(of golden: Golden) throws -> CandidateOutputs
}

/// What a candidate has of a case.
package enum CandidateOutputs {
  case outputs(any OutputSource)
  /// It does not support the case.
  case unsupported(reason: String)
  /// It has no outputs, for this reason.
  case failed(reason: String)
}

/// A backend that runs here. Evidence counts once in it, so that no launch proves two calls.
package struct LiveCandidate: Candidate {
  private let backend: any RoPEBackend
  private let runCount: Int
  private let evidence: EvidenceCheck

  /// - Parameters:
  ///   - runCount: how often each case is run, to find races and state; at least 1.
  ///   - launches: those that proved a call already.
  package init(_ backend: any RoPEBackend, runCount: Int, launches: LaunchLedger = LaunchLedger()) {
    precondition(runCount >= 1, "runCount must be at least 1, but is \(runCount)")
    self.backend = backend
    self.runCount = runCount
    evidence = EvidenceCheck(backend, launches)
  }

  package var name: String { backend.name }
  package var deviceName: String? { backend.deviceName }
  package var summary: String { backend.summary }
  package var problems: [String] { [] }
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
      if let reason = shortage(of: prepared.byteCounts.reduce(0, +)) { return .unsupported(reason: reason) }
      return .outputs(try LiveOutputs(prepared, backend: backend, evidence: evidence, runCount: runCount))
    } catch DeviceError.allocation(let byteCount, let device, let reason) {
      return .unsupported(
        reason: "\(DeviceError.allocation(byteCount: byteCount, device: device, reason: reason))")
    } catch {
      return .failed(reason: "\(error)")
    }
  }

  /// Why the memory of the host does not hold a case; nil where it does, or the case is small.
  ///
  /// Systems that overcommit promise memory that they do not have, and end the process when it is used.
  private func shortage(of byteCount: Int) -> String? {
    guard byteCount > 1 << 30, let free = try? Device.host.freeByteCount, free < byteCount,
      backend.deviceName == nil || backend.deviceName == Device.host.name
    else { return nil }
    func gibibytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 0x1p30) }
    return "the case needs \(gibibytes(byteCount)) GiB of memory, but only \(gibibytes(free)) GiB are free"
  }
}

/// The launches that proved a call already: evidence that is shown again proves nothing.
package final class LaunchLedger: Sendable {
  private let numbers = Mutex(Set<UInt32>())

  package init() {}

  /// - Returns: false where the launch is known.
  func note(_ number: UInt32) -> Bool { numbers.withLock { $0.insert(number).inserted } }
}

/// The check that the device which was asked did the work.
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
