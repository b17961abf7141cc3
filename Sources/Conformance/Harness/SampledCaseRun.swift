import Backends
import Dispatch
import Foundation
import Goldens
import RoPE
import Synchronization

/// Runs a backend on a long sequence whose inputs follow from a seed, and judges every token as it streams: beside
/// inputs and outputs, only some tokens are in memory at a time.
struct SampledCaseRun {
  let golden: Golden
  let rows: Golden.SampledRows
  let backend: any RoPEBackend
  let evidence: EvidenceCheck
  let budget: Budget
  let diagnoses: Bool
  let runCount: Int

  /// Tokens that a diagnosis looks at, around the worst.
  private static let excerpt = 8
  /// Tokens that are judged at a time.
  private static let slab = 256

  func run() throws -> CaseResult {
    let goldenCase = golden.goldenCase, workload = golden.goldenCase.workload
    let stream = SampledStream(goldenCase, plan: golden.plan)
    try checkRows(stream)
    let place = try CaseMemory(goldenCase, for: backend)
    let call = RotationCall(
      plan: golden.plan, elementType: goldenCase.elementType, batch: 1, sequence: workload.sequence,
      angles: .positions(golden.positions), query: place.placement.query, key: place.placement.key)
    try call.validate(bufferByteCounts: place.memory.byteCounts)
    do {
      if case .unsupported(let reason) = try backend.support(for: call) { return .unsupported(reason) }
    } catch {
      return CaseResult(violations: [.backendFailed(message: "\(error)")])
    }
    let query = TokenBytes(place, call.query, call), key = TokenBytes(place, call.key, call)
    forEachSlab { tokens in
      stream.fill(query.bytes(of: tokens), tokens: tokens, isKey: false)
      stream.fill(key.bytes(of: tokens), tokens: tokens, isKey: true)
    }
    let (outputs, violations, deviceWork) = RepeatedRun(
      call: call, place: place, before: MemorySnapshot(place.memory), backend: backend, evidence: evidence,
      runCount: runCount
    ).outputs()
    guard let outputs else { return CaseResult(violations: violations, deviceWork: deviceWork) }
    var result = judge(stream, outputs)
    result.violations = violations + result.violations
    result.deviceWork = deviceWork
    if diagnoses, let worst = result.accuracy?.worst, !worst.conforms {
      result.diagnosis = diagnosis(around: worst.place.token, stream, outputs)
    }
    return result
  }

  /// What is wrong with the tokens around one of them; whether others are wrong in another way is left open.
  private func diagnosis(around token: Int, _ stream: SampledStream, _ outputs: Outputs) -> Diagnosis? {
    let count = golden.goldenCase.workload.sequence
    let first = max(0, min(token - Self.excerpt / 2, count - Self.excerpt))
    let tokens = first..<min(first + Self.excerpt, count)
    let part = stream.excerpt(of: golden, tokens: tokens)
    guard case .stored(let tensors) = part.content else { return nil }
    let type = golden.goldenCase.elementType
    func output(_ elements: ElementArray) -> ElementArray {
      let size = elements.bytes.count / count
      return ElementArray(
        type: type, bytes: Array(elements.bytes[tokens.lowerBound * size..<tokens.upperBound * size]))
    }
    func tensor(_ buffer: Int, heads: Int) -> RotatedTensor {
      let strides = part.goldenCase.workload.strides(heads: heads, headDimension: part.plan.headDimension)
      let view = TensorView(buffer: buffer, strides: strides)
      return RotatedTensor(heads: heads, input: view, output: view)
    }
    let call = RotationCall(
      plan: part.plan, elementType: type, batch: 1, sequence: tokens.count, angles: tensors.angles,
      query: tensor(0, heads: part.goldenCase.workload.queryHeads),
      key: tensor(1, heads: part.goldenCase.workload.keyHeads))
    return Diagnostician(
      part, budget: budget, call: call, memory: [tensors.query.bytes, tensors.key.bytes],
      outputs: Outputs(query: output(outputs.query), key: output(outputs.key)))?.diagnosis()
  }

  /// The stored rows are those that the reference computes here.
  private func checkRows(_ stream: SampledStream) throws(GoldenError) {
    let exact = stream.exactRows()
    let counts = stream.tokenCounts
    for (index, token) in rows.tokens.enumerated() {
      let query = exact.rows(ofToken: token, isKey: false), key = exact.rows(ofToken: token, isKey: true)
      guard rows.expectedQuery[index * counts.query..<(index + 1) * counts.query].elementsEqual(query.expected),
        rows.expectedKey[index * counts.key..<(index + 1) * counts.key].elementsEqual(key.expected)
      else { throw .sampledRow(caseName: golden.goldenCase.name, token: token) }
    }
  }

  /// One tensor's inputs of a range of tokens.
  private struct TokenBytes: @unchecked Sendable {
    // Shared by workers that touch disjoint tokens.
    private let buffer: UnsafeMutableRawBufferPointer
    private let tokenByteCount: Int

    init(_ place: CaseMemory, _ tensor: RotatedTensor, _ call: RotationCall) {
      let start = tensor.input.offset * call.elementType.byteCount
      buffer = UnsafeMutableRawBufferPointer(rebasing: place.memory.buffers[tensor.input.buffer][start...])
      tokenByteCount = tensor.heads * call.plan.headDimension * call.elementType.byteCount
    }

    func bytes(of tokens: Range<Int>) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(
        rebasing: buffer[tokens.lowerBound * tokenByteCount..<tokens.upperBound * tokenByteCount])
    }
  }

  /// Calls back for slabs of tokens on every core, in any order.
  private func forEachSlab(_ body: @Sendable (Range<Int>) -> Void) {
    let count = golden.goldenCase.workload.sequence
    DispatchQueue.concurrentPerform(iterations: (count + Self.slab - 1) / Self.slab) { index in
      body(index * Self.slab..<min((index + 1) * Self.slab, count))
    }
  }

  private func judge(_ stream: SampledStream, _ outputs: Outputs) -> CaseResult {
    let count = golden.goldenCase.workload.sequence
    let total = Mutex(SlabJudge.Findings(plan: golden.plan))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: ProcessInfo.processInfo.activeProcessorCount) { _ in
      var worker = SlabJudge(golden: golden, stream: stream, budget: budget)
      while true {
        let first = next.add(Self.slab, ordering: .relaxed).oldValue
        guard first < count else { break }
        for token in first..<min(first + Self.slab, count) {
          outputs.query.withToken(token, of: count) { worker.judge(.query, token: token, output: $0) }
          outputs.key.withToken(token, of: count) { worker.judge(.key, token: token, output: $0) }
        }
      }
      total.withLock { $0.merge(worker.findings) }
    }
    let findings = total.withLock { $0 }
    return CaseResult(accuracy: findings.accuracy, violations: findings.violations(golden.goldenCase))
  }
}

extension ElementArray {
  /// Calls back with the bytes of one of `count` tokens, which follow each other.
  fileprivate func withToken(_ token: Int, of count: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    let size = bytes.count / count
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[token * size..<(token + 1) * size])) }
  }
}
