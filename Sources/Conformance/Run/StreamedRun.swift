import Backends
public import Goldens
public import HIP

/// Runs the kernel of this package on sequences that are too long for the memory of the host, in slabs, and judges every
/// token.
///
/// Each case is launched once: no second run would find a race.
public struct StreamedRun: CaseJudge, Sendable {
  private let device: Device
  private let backend: HIPBackend
  private let evidence: EvidenceCheck

  /// A run on a device.
  public init(device: Device) {
    self.device = device
    backend = HIPBackend(device: device)
    evidence = EvidenceCheck(backend)
  }

  public var problems: [String] { [] }
  public var notChecked: [String] { ["races: each case is run once"] }
  public var name: String { backend.name }
  public var deviceName: String? { backend.deviceName }
  public var summary: String { backend.summary }

  /// The verdict on a case whose golden is sampled.
  ///
  /// - Throws: ``LargeCaseError`` where the device has too little memory, and `HIPError` where it fails before the launch.
  public func verdict(on golden: Golden, rule: ToleranceRule) throws -> Verdict {
    let run = StreamedCaseRun(golden: golden, device: device, evidence: evidence, budget: rule.budget)
    return Verdict(try run.run(), on: golden, rule: rule)
  }
}
