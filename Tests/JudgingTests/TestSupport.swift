import Backends
import Conformance
import Devices
import Judging
import RoPE
import Synchronization

@testable import Goldens

/// The kernel on the host, which then spoils something.
final class FaultyBackend: MemoryMakingBackend {
  private let kernel = KernelBackend(device: .host)
  private let runs = Atomic(0)
  private let spoil: @Sendable (Run) throws -> Void
  private let evidence: @Sendable (Evidence) -> Evidence
  private let unsupportedReason: String?

  init(
    unsupported: String? = nil, evidence: @escaping @Sendable (Evidence) -> Evidence = { $0 },
    spoil: @escaping @Sendable (Run) throws -> Void = { _ in }
  ) {
    unsupportedReason = unsupported
    self.evidence = evidence
    self.spoil = spoil
  }

  var name: String { "faulty" }
  var deviceName: String? { kernel.deviceName }
  var summary: String { "a test" }

  func support(for call: RotationCall) -> Support {
    unsupportedReason.map { .unsupported(reason: $0) } ?? kernel.support(for: call)
  }

  func makeMemory(byteCounts: [Int]) throws -> CallMemory { try kernel.makeMemory(byteCounts: byteCounts) }

  /// Inputs are spoiled only after the rotation, so that the outputs are right.
  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let before = memory.buffers.map { Array($0) }
    let found = try kernel.rotate(call, in: memory)
    guard let joint = call.joint else { throw NotJoint() }
    try spoil(
      Run(number: runs.add(1, ordering: .relaxed).newValue, call: joint, memory: memory, before: before))
    return found.map(evidence)
  }
}

/// The error for a call that rotates Q and K separately, which no case does.
private struct NotJoint: Error {}

/// One call of a backend after its rotation.
struct Run {
  /// 1 for the first call.
  let number: Int
  let call: JointCall
  let memory: CallMemory
  /// The memory before the rotation.
  let before: [[UInt8]]

  /// The index of an element in the buffer of a view.
  func index(_ view: TensorView, batch: Int = 0, token: Int = 0, head: Int = 0, channel: Int = 0) -> Int {
    view.index(token: batch * call.sequence + token, head: head, sequence: call.sequence)
      + channel * view.strides.channel
  }

  /// Replaces the bits of an element.
  func change(_ view: TensorView, _ index: Int, _ bits: (UInt32) -> UInt32) {
    let buffer = memory.buffers[view.buffer], type = call.elementType
    buffer.setBits(bits(UnsafeRawBufferPointer(buffer).bits(at: index, type: type)), at: index, type: type)
  }

  /// Replaces the bits of an element of the outputs.
  func change(_ tensor: TensorName, _ element: ElementIndex, _ bits: (UInt32) -> UInt32) {
    let view = tensor == .key ? call.key.output : call.query.output
    change(
      view,
      index(view, batch: element.batch, token: element.token, head: element.head, channel: element.channel), bits)
  }

  /// Gives an element the bits that it had before the rotation.
  func unwrite(_ view: TensorView, _ index: Int) {
    let old = before[view.buffer].withUnsafeBytes { $0.bits(at: index, type: call.elementType) }
    change(view, index) { _ in old }
  }
}

extension Recipe {
  /// A workload at positions 3, 4, 5 and so on, unless others are given.
  static func make(
    _ workload: Workload, _ configuration: Configuration = Golden.partial, _ type: ElementType = .float32,
    contract: Contract = .position, positions: Positions? = nil
  ) -> Recipe {
    Recipe(
      goldenCase: Case(
        model: "test", convention: .configuration(configuration), workload: workload, elementType: type,
        contract: configuration.rotaryDimension == 0 ? .unrotated : contract,
        tableType: contract == .table ? type : nil),
      positions: positions ?? Positions((0..<workload.tokenCount).map { Double($0 + 3) }))
  }
}

extension Golden {
  /// Half of the channels rotate, from the third on, and pairs change their pairing.
  static let partial = Configuration(
    headDimension: 8, rotaryDimension: 4, rotaryOffset: 2, pairing: .interleaved, outputPairing: .half, base: 1e4)
  static let full = Configuration(headDimension: 8, rotaryDimension: 8, pairing: .half, base: 1e4)
  static let none = Configuration.withoutRoPE(headDimension: 8)

  /// The golden of a recipe as a file holds it.
  static func make(
    _ workload: Workload, _ configuration: Configuration = partial, _ type: ElementType = .float32,
    positions: Positions? = nil
  ) throws -> Golden {
    try Golden(storing: .make(workload, configuration, type, positions: positions))
  }

  /// The exact outputs of a tensor, `[tokens, heads, D]`.
  func expected(_ tensor: TensorName) -> [Double] {
    truth.rows(tensor, 0..<goldenCase.workload.tokenCount).expected
  }
}

/// Judges a new candidate by one budget.
func runner(
  _ backend: any RoPEBackend, budget: String = "float32-exact-angle", runCount: Int = Settings.defaultRunCount,
  diagnoses: Bool = false
) throws -> CaseRunner {
  CaseRunner(
    LiveCandidate(backend, runCount: runCount),
    Tolerances([try ToleranceRule(parsing: "** = \(budget) because a test says so", origin: "test")]),
    diagnoses: diagnoses)
}

/// The verdict of a new candidate on one golden.
func verdict(
  _ golden: Golden, _ backend: any RoPEBackend, budget: String = "float32-exact-angle",
  runCount: Int = Settings.defaultRunCount
) throws -> Verdict {
  try runner(backend, budget: budget, runCount: runCount).report(on: golden).verdict
}

/// The same with a diagnosis.
func diagnosed(_ golden: Golden, _ backend: any RoPEBackend) throws -> CaseReport {
  try runner(backend, diagnoses: true).report(on: golden)
}

extension Violation {
  /// True if exactly these elements differ, in these runs of three.
  func isUnrepeated(_ tensor: TensorName, _ places: [ElementIndex], runs: [Int]) -> Bool {
    guard case .notRepeatable(tensor, let found) = self else { return false }
    return found.runCount == 3 && found.count == places.count && found.places == places
      && found.runs.map(\.run) == runs && found.runs.first?.first == places.first
  }
}

extension Verdict {
  /// The differences between the runs in a tensor.
  func disagreement(_ tensor: TensorName) -> RunDisagreement? {
    for case .notRepeatable(tensor, let disagreement) in violations { return disagreement }
    return nil
  }
}
