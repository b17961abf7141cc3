import Backends
import Foundation
import RoPE

/// Carries out one call several times on the same memory, and finds what must not happen in any call, whatever it
/// computes.
struct RepeatedRun {
  let call: RotationCall
  /// The memory of the call, with its inputs in place.
  let place: CaseMemory
  /// The memory as it is.
  let before: MemorySnapshot
  let backend: any RoPEBackend
  let evidence: EvidenceCheck
  let runCount: Int

  /// The outputs of the runs, nil where the backend failed in the first; what did not hold in any run by itself; and what
  /// the device says about all of them, nil where nothing keeps a record.
  ///
  /// A backend that fails is not asked again.
  func outputs() -> (runs: RunOutputs?, violations: [Violation], deviceWork: DeviceWork?) {
    var work: DeviceWork?
    var violations: [Violation] = []
    func add(_ found: [Violation]) {
      for violation in found where !violations.contains(where: violation.repeats) { violations.append(violation) }
    }
    var runs: RunOutputs?, isWritten = true
    for run in 0..<runCount {
      if run > 0 { before.restore(place.memory) }
      var hasFailed = false
      do {
        let shown = try backend.rotate(call, in: place.memory)
        add(evidence.violations(shown, call))
        if let shown { work = (work ?? DeviceWork()).adding(shown) }
      } catch {
        add([.backendFailed(message: "\(error)")])
        hasFailed = true
      }
      if !hasFailed {
        let outputs = gathered()
        // Of a later run with the bits of the first, nothing new is to say.
        let isNew = runs?.add(outputs) ?? true
        if runs == nil { runs = RunOutputs(outputs) }
        // Once is enough: what one run leaves out, the next one does mostly.
        if isNew, isWritten {
          let missing = written(outputs.query, .query) + written(outputs.key, .key)
          add(missing)
          isWritten = missing.isEmpty
        }
      }
      add(before.changesOutside(of: call, place))
      if hasFailed { break }
    }
    return (runs, violations, work)
  }

  /// What the memory holds.
  private func gathered() -> Outputs {
    Outputs(
      query: place.gather(call.query.output, heads: call.query.heads),
      key: place.gather(call.key.output, heads: call.key.heads))
  }

  private func written(_ output: ElementArray, _ tensor: TensorName) -> [Violation] {
    let missing = output.bytes.withUnsafeBytes { $0.indices(of: CaseMemory.poison(output.type), type: output.type) }
    guard let first = missing.first else { return [] }
    let heads = tensor == .query ? call.query.heads : call.key.heads
    return [.notWritten(tensor: tensor, count: missing.count, first: place.goldenCase.place(of: first, heads: heads))]
  }
}

extension UnsafeRawBufferPointer {
  /// Whether another buffer of the same size has the same bytes.
  func hasBytes(of other: UnsafeRawBufferPointer) -> Bool {
    guard let start = baseAddress, let otherStart = other.baseAddress else { return true }
    return memcmp(start, otherStart, count) == 0
  }
}

extension UnsafeRawBufferPointer {
  /// The indices of the elements that have a bit pattern, ascending.
  func indices(of pattern: UInt32, type: ElementType) -> [Int] {
    type == .float32
      ? Self.indices(of: pattern.littleEndian, in: bindMemory(to: UInt32.self))
      : Self.indices(of: UInt16(truncatingIfNeeded: pattern).littleEndian, in: bindMemory(to: UInt16.self))
  }

  private static func indices<Pattern: Equatable>(
    of pattern: Pattern, in patterns: UnsafeBufferPointer<Pattern>
  ) -> [Int] {
    var indices: [Int] = []
    var index = 0
    while index < patterns.count {
      if patterns[index] == pattern { indices.append(index) }
      index += 1
    }
    return indices
  }
}
