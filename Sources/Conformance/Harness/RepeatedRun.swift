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

  /// The outputs of the first run, nil where the backend failed in it; what did not hold in any run; and what the device
  /// says about all of them, nil where nothing keeps a record.
  ///
  /// A backend that fails is not asked again.
  func outputs() -> (first: Outputs?, violations: [Violation], deviceWork: DeviceWork?) {
    var work: DeviceWork?
    var violations: [Violation] = []
    func add(_ found: [Violation]) {
      for violation in found where !violations.contains(where: violation.repeats) { violations.append(violation) }
    }
    var first: Outputs?
    var queryRace = Race(), keyRace = Race()
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
      if let first, !hasFailed {
        queryRace.compare(first.query, with: place, call.query)
        keyRace.compare(first.key, with: place, call.key)
      } else if !hasFailed {
        let outputs = Outputs(
          query: place.gather(call.query.output, heads: call.query.heads),
          key: place.gather(call.key.output, heads: call.key.heads))
        add(written(outputs.query, .query) + written(outputs.key, .key))
        first = outputs
      }
      add(before.changesOutside(of: call, place))
      if hasFailed { break }
    }
    add(queryRace.violations(.query, heads: call.query.heads, place, runCount))
    add(keyRace.violations(.key, heads: call.key.heads, place, runCount))
    return (first, violations, work)
  }

  private func written(_ output: ElementArray, _ tensor: TensorName) -> [Violation] {
    let missing = output.bytes.withUnsafeBytes { $0.indices(of: CaseMemory.poison(output.type), type: output.type) }
    guard let first = missing.first else { return [] }
    let heads = tensor == .query ? call.query.heads : call.key.heads
    return [.notWritten(tensor: tensor, count: missing.count, first: place.place(of: first, heads: heads))]
  }
}

/// The elements of one tensor whose bits a later run changed.
private struct Race {
  /// Places that a violation names.
  private static let placeCount = 8

  /// By index in the workload's layout; empty while no run differs.
  private var differs: [Bool] = []

  mutating func compare(_ first: ElementArray, with place: CaseMemory, _ tensor: RotatedTensor) {
    let later = place.gather(tensor.output, heads: tensor.heads)
    guard !later.bytes.withUnsafeBytes({ later in first.bytes.withUnsafeBytes { $0.hasBytes(of: later) } }) else {
      return
    }
    if differs.isEmpty { differs = Array(repeating: false, count: first.count) }
    for index in 0..<first.count where first[index] != later[index] { differs[index] = true }
  }

  func violations(_ tensor: TensorName, heads: Int, _ place: CaseMemory, _ runCount: Int) -> [Violation] {
    let indices = differs.indices.filter { differs[$0] }
    guard !indices.isEmpty else { return [] }
    return [
      .notRepeatable(
        tensor: tensor, count: indices.count,
        places: indices.prefix(Self.placeCount).map { place.place(of: $0, heads: heads) }, runCount: runCount)
    ]
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
