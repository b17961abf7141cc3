import Goldens
import Judging
import RoPE

/// The outputs of a backend that runs here.
///
/// Each case has memory of its own, whose bytes after a run are compared with those before.
final class LiveOutputs: OutputSource, @unchecked Sendable {
  let runCount: Int
  let unwritten: UInt32?
  private(set) var deviceWork: DeviceWork?

  private let backend: any RoPEBackend
  private let evidence: EvidenceCheck
  private let memory: CaseMemory
  /// The outputs of runs that later ones replaced in memory, `[tokens, heads, D]`.
  private var kept: [Int: [TensorName: ElementArray]] = [:]

  /// The most output elements of a case that is run more than once.
  ///
  /// Such a case also needs memory for the buffers as they were before the call, and for the outputs of the first run
  /// and of the first run that differs.
  static let largestRepeatedElementCount = 1 << 27

  /// - Throws: the backend's error if it cannot make the memory.
  init(_ prepared: CaseCall, backend: any RoPEBackend, evidence: EvidenceCheck, runCount: Int) throws {
    self.backend = backend
    self.evidence = evidence
    self.runCount = prepared.isTooLargeToKeep ? 1 : runCount
    unwritten = CaseCall.poison(prepared.call.elementType)
    memory = CaseMemory(
      prepared, try backend.memory(byteCounts: prepared.byteCounts), keepsImages: self.runCount > 1)
  }

  func perform(run: Int) throws -> RunOutcome {
    let call = memory.prepared.call
    do {
      try memory.fill()
      let shown = try backend.rotate(call, in: memory.memory)
      if let shown {
        deviceWork = deviceWork ?? DeviceWork()
        deviceWork?.add(milliseconds: shown.milliseconds)
      }
      return RunOutcome(violations: evidence.violations(shown, call) + (try memory.changesOutside()))
    } catch let refusal as LateRefusal {
      if run == 1, (try? memory.changedByte()) == .some(nil) { throw refusal }
      let reason = "rotating: the backend refused a call that it had begun: \(refusal.reason)"
      return .failed(reason, (try? memory.changesOutside()) ?? [])
    } catch {
      return .failed("\(error)", (try? memory.changesOutside()) ?? [])
    }
  }

  func refusal() throws -> [Violation] {
    guard let (call, value) = memory.prepared.refused else { return [] }
    func failed(_ error: any Error) -> [Violation] {
      [.backendFailed(message: "on a call that must be refused (\(value)): \(error)")]
    }
    do {
      try memory.fill()
    } catch {
      return failed(error)
    }
    let refusal: String
    do {
      if case .unsupported = try backend.support(for: call) { return [] }
      _ = try backend.rotate(call, in: memory.memory)
      return [.notRefused(message: "carried out a call that must be refused: \(value)")]
    } catch let error as any BackendBreakdown {
      return failed(error)
    } catch {
      refusal = "\(error)"
    }
    do {
      guard let byte = try memory.changedByte() else { return [] }
      let message = "wrote \(byte) in a call that must be refused (\(value)), before it failed: \(refusal)"
      return [.notRefused(message: message)]
    } catch {
      return failed(error)
    }
  }

  func rows(run: Int, _ tensor: TensorName, _ tokens: Range<Int>) throws -> ElementArray {
    guard let elements = kept[run]?[tensor] else { return try memory.outputs(of: tensor, tokens) }
    let size = elements.bytes.count / memory.prepared.tokenCount(of: tensor)
    return ElementArray(
      type: elements.type, bytes: elements.bytes.copy(of: tokens.lowerBound * size..<tokens.upperBound * size))
  }

  func keep(run: Int) throws {
    var outputs: [TensorName: ElementArray] = [:]
    for name in TensorName.rotated where memory.prepared.call.tensors[name] != nil {
      outputs[name] = try memory.outputs(of: name, 0..<memory.prepared.tokenCount(of: name))
    }
    kept[run] = outputs
  }
}
