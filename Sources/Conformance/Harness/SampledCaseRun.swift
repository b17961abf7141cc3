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
    let views = Views(call, place)
    func prepare() {
      place.poison()
      forEachSlab { tokens in
        stream.fill(views.queryInput.bytes(of: tokens), tokens: tokens, isKey: false)
        stream.fill(views.keyInput.bytes(of: tokens), tokens: tokens, isKey: true)
      }
    }
    prepare()
    let first: Evidence?
    do {
      first = try backend.rotate(call, in: place.memory)
    } catch {
      return CaseResult(violations: [.backendFailed(message: "\(error)")])
    }
    var result = judge(stream, views)
    result.violations += evidence.violations(first, call) + changedGuards(place)
    if diagnoses, let worst = result.accuracy?.worst, !worst.conforms {
      result.diagnosis = diagnosis(around: worst.place.token, stream, views)
    }
    let outputs = [views.queryOutput, views.keyOutput].map { Array($0.bytes(of: 0..<workload.sequence)) }
    prepare()
    do {
      let second = evidence.violations(try backend.rotate(call, in: place.memory), call)
      // What the first run violated, the second does too.
      if result.violations.isEmpty { result.violations = second + changedGuards(place) }
      result.violations += repeated(.query, outputs[0], views.queryOutput, call)
      result.violations += repeated(.key, outputs[1], views.keyOutput, call)
    } catch {
      result.violations.append(.backendFailed(message: "\(error)"))
    }
    return result
  }

  /// What is wrong with the tokens around one of them; whether others are wrong in another way is left open.
  private func diagnosis(around token: Int, _ stream: SampledStream, _ views: Views) -> Diagnosis? {
    let count = golden.goldenCase.workload.sequence
    let first = max(0, min(token - Self.excerpt / 2, count - Self.excerpt))
    let tokens = first..<min(first + Self.excerpt, count)
    let part = stream.excerpt(of: golden, tokens: tokens)
    guard case .stored(let tensors) = part.content else { return nil }
    let type = golden.goldenCase.elementType
    func output(_ view: TokenBytes) -> ElementArray { ElementArray(type: type, bytes: Array(view.bytes(of: tokens))) }
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
      outputs: Outputs(query: output(views.queryOutput), key: output(views.keyOutput)))?.diagnosis()
  }

  /// A second run gave the bits of the first.
  private func repeated(
    _ tensor: TensorName, _ first: [UInt8], _ output: TokenBytes, _ call: RotationCall
  ) -> [Violation] {
    let second = UnsafeRawBufferPointer(output.bytes(of: 0..<call.sequence))
    guard let start = second.baseAddress, memcmp(start, first, first.count) != 0 else { return [] }
    let type = call.elementType, dimension = call.plan.headDimension
    let different = first.withUnsafeBytes { first in
      (0..<first.count / type.byteCount).filter { first.bits(at: $0, type: type) != second.bits(at: $0, type: type) }
    }
    let heads = output.tokenByteCount / (dimension * type.byteCount)
    return different.first.map { index in
      let place = ElementPlace(
        batch: 0, token: index / (heads * dimension), head: index / dimension % heads, channel: index % dimension)
      return [.notRepeatable(tensor: tensor, count: different.count, first: place)]
    } ?? []
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

  /// One tensor's elements of a range of tokens.
  private struct TokenBytes: @unchecked Sendable {
    // Shared by workers that touch disjoint tokens.
    let buffer: UnsafeMutableRawBufferPointer
    let tokenByteCount: Int

    init(_ view: TensorView, _ place: CaseMemory, heads: Int, dimension: Int, elementSize: Int) {
      let start = view.offset * elementSize
      buffer = UnsafeMutableRawBufferPointer(rebasing: place.memory.buffers[view.buffer][start...])
      tokenByteCount = heads * dimension * elementSize
    }

    func bytes(of tokens: Range<Int>) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(
        rebasing: buffer[tokens.lowerBound * tokenByteCount..<tokens.upperBound * tokenByteCount])
    }
  }

  private struct Views: Sendable {
    let queryInput, queryOutput, keyInput, keyOutput: TokenBytes

    init(_ call: RotationCall, _ place: CaseMemory) {
      func bytes(_ view: TensorView, _ tensor: RotatedTensor) -> TokenBytes {
        TokenBytes(
          view, place, heads: tensor.heads, dimension: call.plan.headDimension,
          elementSize: call.elementType.byteCount)
      }
      queryInput = bytes(call.query.input, call.query)
      queryOutput = bytes(call.query.output, call.query)
      keyInput = bytes(call.key.input, call.key)
      keyOutput = bytes(call.key.output, call.key)
    }
  }

  /// Calls back for slabs of tokens on every core, in any order.
  private func forEachSlab(_ body: @Sendable (Range<Int>) -> Void) {
    let count = golden.goldenCase.workload.sequence
    DispatchQueue.concurrentPerform(iterations: (count + Self.slab - 1) / Self.slab) { index in
      body(index * Self.slab..<min((index + 1) * Self.slab, count))
    }
  }

  private func judge(_ stream: SampledStream, _ views: Views) -> CaseResult {
    let workers = ProcessInfo.processInfo.activeProcessorCount
    let count = golden.goldenCase.workload.sequence
    let total = Mutex((accuracy: Accuracy(), violations: [Violation]()))
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      var worker = SlabJudge(golden: golden, stream: stream, budget: budget)
      while true {
        let first = next.add(Self.slab, ordering: .relaxed).oldValue
        guard first < count else { break }
        for token in first..<min(first + Self.slab, count) {
          let tokens = token..<token + 1
          worker.judge(
            .query, token: token, input: .init(views.queryInput.bytes(of: tokens)),
            output: .init(views.queryOutput.bytes(of: tokens)))
          worker.judge(
            .key, token: token, input: .init(views.keyInput.bytes(of: tokens)),
            output: .init(views.keyOutput.bytes(of: tokens)))
        }
      }
      total.withLock { total in
        total.accuracy.merge(worker.accuracy)
        // One of each kind is enough to say what is wrong.
        if total.violations.isEmpty { total.violations = worker.violations }
      }
    }
    return total.withLock { CaseResult(accuracy: $0.accuracy, violations: $0.violations) }
  }

  private func changedGuards(_ place: CaseMemory) -> [Violation] {
    let pattern = withUnsafeBytes(of: CaseMemory.poison(golden.goldenCase.elementType).littleEndian) {
      Array($0.prefix(golden.goldenCase.elementType.byteCount))
    }
    var violations: [Violation] = []
    for (index, buffer) in place.memory.buffers.enumerated() {
      let guardCount = Placement.guardByteCount
      for byte in Array(0..<guardCount) + Array(buffer.count - guardCount..<buffer.count)
      where buffer[byte] != pattern[byte % pattern.count] {
        violations.append(
          .writtenOutside(
            buffer: place.placement.names[index],
            region: byte < guardCount ? "guard before the tensor" : "guard behind the tensor", byte: byte,
            before: pattern[byte % pattern.count], after: buffer[byte]))
        break
      }
    }
    return violations
  }
}
