import Backends
import Conformance
import HIP
import RoPE
import Synchronization

@testable import Goldens

/// The kernel on the host, and then something spoiled.
final class FaultyBackend: RoPEBackend {
  private let kernel = HIPBackend(device: .host)
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

  /// Inputs may be spoiled after the rotation alone, so that the outputs are right.
  func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let before = memory.buffers.map { Array($0) }
    let found = try kernel.rotate(call, in: memory)
    try spoil(
      Run(number: runs.add(1, ordering: .relaxed).newValue, call: call, memory: memory, before: before))
    return found.map(evidence)
  }
}

/// One call of a backend after its rotation.
struct Run {
  /// 1 for the first call.
  let number: Int
  let call: RotationCall
  let memory: CallMemory
  /// The memory before the rotation.
  let before: [[UInt8]]

  /// The index of an element in the buffer of a view.
  func index(_ view: TensorView, batch: Int = 0, token: Int = 0, head: Int = 0, channel: Int = 0) -> Int {
    view.offset + batch * view.strides.batch + token * view.strides.sequence + head * view.strides.head
      + channel * view.strides.channel
  }

  /// Replaces the bits of an element.
  func change(_ view: TensorView, _ index: Int, _ bits: (UInt32) -> UInt32) {
    let buffer = memory.buffers[view.buffer], type = call.elementType
    buffer.setBits(bits(UnsafeRawBufferPointer(buffer).bits(at: index, type: type)), at: index, type: type)
  }

  /// Gives an element the bits that it had before the rotation.
  func unwrite(_ view: TensorView, _ index: Int) {
    let old = before[view.buffer].withUnsafeBytes { $0.bits(at: index, type: call.elementType) }
    change(view, index) { _ in old }
  }
}

extension Golden {
  /// Half of the channels rotate, from the third on, and pairs change their pairing.
  static let partial = Configuration(
    headDimension: 8, rotaryDimension: 4, rotaryOffset: 2, pairing: .interleaved, outputPairing: .half, base: 1e4)
  static let full = Configuration(headDimension: 8, rotaryDimension: 8, pairing: .half, base: 1e4)
  static let none = Configuration.withoutRoPE(headDimension: 8)

  /// The golden of a workload at positions 3, 4, 5 and so on, unless others are given.
  static func make(
    _ workload: Workload, _ configuration: Configuration = partial, _ type: ElementType = .float32,
    positions: [Int64]? = nil
  ) throws -> Golden {
    try GoldenGenerator.golden(
      for: Recipe(
        goldenCase: Case(
          model: "test", convention: .configuration(configuration), workload: workload, elementType: type,
          contract: configuration.rotaryDimension == 0 ? .unrotated : .position, tableType: nil),
        positions: positions ?? (0..<Int64(workload.tokenCount)).map { $0 + (workload.isSampled ? 0 : 3) }))
  }

  var stored: StoredTensors {
    get throws {
      guard case .stored(let tensors) = content else { throw GoldenError.unknownCase(name: "stored", known: []) }
      return tensors
    }
  }
}

/// The verdict of a new run on one golden.
func verdict(
  _ golden: Golden, _ backend: any RoPEBackend, budget: String = "float32-exact-angle",
  runCount: Int = Settings.defaultRunCount
) throws -> Verdict {
  try ConformanceRun(backend: backend, runCount: runCount).verdict(
    on: golden, rule: ToleranceRule(parsing: "** = \(budget) because a test says so", origin: "test"))
}

extension Violation {
  /// Whether these elements differ, in these runs of three.
  func isUnrepeated(_ tensor: TensorName, _ places: [ElementPlace], runs: [Int]) -> Bool {
    guard case .notRepeatable(tensor, let found) = self else { return false }
    return found.runCount == 3 && found.count == places.count && found.places == places && found.runs.map(\.run) == runs
  }
}
