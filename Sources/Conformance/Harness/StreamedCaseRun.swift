import Backends
import Dispatch
import Foundation
import Goldens
import HIP
import RoPE
import Synchronization

/// Runs the kernel on a long sequence that lies in the memory of the device alone: inputs from the case's seed go there
/// in slabs of tokens, outputs come back in slabs, and every token is judged.
struct StreamedCaseRun {
  let golden: Golden
  let device: Device
  let evidence: EvidenceCheck
  let budget: Budget

  /// Bytes of one tensor that are on the host at a time.
  private static let slabByteCount = 64 << 20
  private static let workers = ProcessInfo.processInfo.activeProcessorCount

  private var goldenCase: Case { golden.goldenCase }
  private var type: ElementType { goldenCase.elementType }

  /// - Throws: ``LargeCaseError`` where the device has too little memory, and what the golden or the device throws.
  func run() throws -> CaseResult {
    let placement = Placement(goldenCase), stream = SampledStream(goldenCase, plan: golden.plan)
    let call = RotationCall(
      plan: golden.plan, elementType: type, batch: 1, sequence: goldenCase.workload.sequence,
      angles: .positions(golden.positions), query: placement.query, key: placement.key)
    let kernel = PositionEmbeddings(device: device, cache: KernelCache())
    if case .unsupported(let reason) = kernel.support(for: call) { return .unsupported(reason) }
    // With positions, frequencies and the record.
    let needed = placement.byteCounts.reduce(0, +) + 8 * golden.positions.count + 1 << 20
    let free = try device.freeByteCount
    guard needed <= free else {
      throw LargeCaseError.memory(caseName: goldenCase.name, device: device.name, needed: needed, free: free)
    }
    let buffers = try placement.byteCounts.map { try DeviceBuffer(device: device, byteCount: $0) }
    // A block of a size that is worth a copy.
    let block = [[UInt8]](repeating: poison, count: 1 << 16).flatMap { $0 }
    for buffer in buffers { try buffer.fill(repeating: block) }
    let tensors = [
      Tensor(name: .query, views: placement.query, stream, type),
      Tensor(name: .key, views: placement.key, stream, type),
    ]
    for tensor in tensors {
      try forEachSlab(of: tensor) { tokens, bytes in
        fill(bytes, tokens, of: tensor, stream)
        try buffers[tensor.input.buffer].upload(from: UnsafeRawBufferPointer(bytes), at: tensor.start(tokens, type))
      }
    }
    let shown: Evidence
    do {
      shown = Evidence(try kernel.launch(call, buffers: buffers))
    } catch let error as HIPError {
      return CaseResult(violations: [.backendFailed(message: error.description)])
    }
    var result = try judge(tensors, buffers, stream)
    for (index, buffer) in buffers.enumerated() {
      result.violations += try guards(of: buffer, placement.names[index])
    }
    result.violations = evidence.violations(shown, call) + result.violations
    result.deviceWork = DeviceWork().adding(shown)
    return result
  }

  /// Q or K: what it needs of the placement.
  private struct Tensor {
    let name: TensorName
    let input: TensorView
    let output: TensorView
    /// Elements of a token.
    let width: Int
    let heads: Int

    init(name: TensorName, views: RotatedTensor, _ stream: SampledStream, _ type: ElementType) {
      self.name = name
      input = views.input
      output = views.output
      width = name == .query ? stream.tokenCounts.query : stream.tokenCounts.key
      heads = views.heads
    }

    /// The byte of the input's and the output's buffer at which some tokens begin.
    func start(_ tokens: Range<Int>, _ type: ElementType) -> Int {
      (input.offset + tokens.lowerBound * width) * type.byteCount
    }
  }

  private var unwritten: UInt32 { CaseMemory.poison(type) }

  /// The bytes of the poison, repeated every four.
  private var poison: [UInt8] {
    let pattern = unwritten
    return withUnsafeBytes(of: (type == .float32 ? pattern : pattern << 16 | pattern).littleEndian, Array.init)
  }

  private func forEachSlab(
    of tensor: Tensor, _ body: (Range<Int>, UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    let count = goldenCase.workload.sequence, size = tensor.width * type.byteCount
    let slab = max(1, min(count, Self.slabByteCount / size))
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: slab * size, alignment: CallMemory.alignment)
    defer { bytes.deallocate() }
    for first in stride(from: 0, to: count, by: slab) {
      let tokens = first..<min(first + slab, count)
      try body(tokens, UnsafeMutableRawBufferPointer(rebasing: bytes[..<(tokens.count * size)]))
    }
  }

  /// Bytes that workers share, each some tokens of them.
  private struct SharedBytes: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
  }

  /// Writes the inputs of some tokens, a part on each core.
  private func fill(
    _ bytes: UnsafeMutableRawBufferPointer, _ tokens: Range<Int>, of tensor: Tensor, _ stream: SampledStream
  ) {
    let shared = SharedBytes(bytes: bytes), size = tensor.width * type.byteCount
    let (isKey, workers) = (tensor.name == .key, Self.workers)
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      let first = tokens.count * worker / workers, end = tokens.count * (worker + 1) / workers
      stream.fill(
        UnsafeMutableRawBufferPointer(rebasing: shared.bytes[first * size..<end * size]),
        tokens: tokens.lowerBound + first..<tokens.lowerBound + end, isKey: isKey)
    }
  }

  // MARK: - Judging

  /// A judge that one worker uses at a time.
  private final class Worker: @unchecked Sendable {
    var judge: SlabJudge

    init(_ judge: SlabJudge) { self.judge = judge }
  }

  private func judge(_ tensors: [Tensor], _ buffers: [DeviceBuffer], _ stream: SampledStream) throws -> CaseResult {
    let workers = (0..<Self.workers).map { _ in
      Worker(SlabJudge(golden: golden, stream: stream, budget: budget, unwritten: unwritten))
    }
    var violations: [Violation] = []
    for tensor in tensors {
      var missing: (count: Int, first: Int)?
      var changed: Violation?
      let expected = UnsafeMutableRawBufferPointer.allocate(
        byteCount: max(Self.slabByteCount, tensor.width * type.byteCount), alignment: CallMemory.alignment)
      defer { expected.deallocate() }
      try forEachSlab(of: tensor) { tokens, bytes in
        let start = tensor.start(tokens, type)
        try buffers[tensor.output.buffer].download(into: bytes, from: start)
        let poisoned = UnsafeRawBufferPointer(bytes).indices(of: unwritten, type: type)
        if let first = poisoned.first {
          missing = (poisoned.count + (missing?.count ?? 0), missing?.first ?? tokens.lowerBound * tensor.width + first)
        }
        judge(tokens, bytes, of: tensor, workers)
        try buffers[tensor.input.buffer].download(into: bytes, from: start)
        let slab = UnsafeMutableRawBufferPointer(rebasing: expected[..<bytes.count])
        fill(slab, tokens, of: tensor, stream)
        if changed == nil, !UnsafeRawBufferPointer(slab).hasBytes(of: UnsafeRawBufferPointer(bytes)),
          let byte = bytes.indices.first(where: { slab[$0] != bytes[$0] })
        {
          changed = .writtenOutside(
            buffer: "\(tensor.name.rawValue) input", region: "input", byte: start + byte, before: slab[byte],
            after: bytes[byte])
        }
      }
      if let missing {
        violations.append(
          .notWritten(
            tensor: tensor.name, count: missing.count,
            first: goldenCase.place(of: missing.first, heads: tensor.heads)))
      }
      if let changed { violations.append(changed) }
    }
    var findings = SlabJudge.Findings(plan: golden.plan, unwritten: unwritten)
    for worker in workers { findings.merge(worker.judge.findings) }
    return CaseResult(accuracy: findings.accuracy, violations: findings.violations(of: goldenCase) + violations)
  }

  private func judge(
    _ tokens: Range<Int>, _ bytes: UnsafeMutableRawBufferPointer, of tensor: Tensor, _ workers: [Worker]
  ) {
    let shared = SharedBytes(bytes: bytes), size = tensor.width * type.byteCount, name = tensor.name
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workers.count) { index in
      let worker = workers[index]
      while true {
        let first = next.add(16, ordering: .relaxed).oldValue
        guard first < tokens.count else { return }
        for token in first..<min(first + 16, tokens.count) {
          let output = UnsafeRawBufferPointer(rebasing: shared.bytes[token * size..<(token + 1) * size])
          worker.judge.judge(name, token: tokens.lowerBound + token, output: output)
        }
      }
    }
  }

  /// The guard bytes that the kernel changed, at either end of a buffer.
  private func guards(of buffer: DeviceBuffer, _ name: String) throws -> [Violation] {
    let count = Placement.guardByteCount, poison = poison
    return try [("guard before the tensor", 0), ("guard behind the tensor", buffer.byteCount - count)].compactMap {
      region, start in
      var bytes = [UInt8](repeating: 0, count: count)
      try bytes.withUnsafeMutableBytes { try buffer.download(into: $0, from: start) }
      guard let byte = bytes.indices.first(where: { bytes[$0] != poison[(start + $0) % 4] }) else { return nil }
      return .writtenOutside(
        buffer: name, region: region, byte: start + byte, before: poison[(start + byte) % 4], after: bytes[byte])
    }
  }
}

/// What keeps a large case from being run.
public enum LargeCaseError: Error, Equatable, CustomStringConvertible {
  case memory(caseName: String, device: String, needed: Int, free: Int)

  public var description: String {
    switch self {
    case .memory(let name, let device, let needed, let free):
      "\(name) needs \(Self.gibibytes(needed)) GiB on device \(device), which has \(Self.gibibytes(free)) GiB free: "
        + "choose another case or device"
    }
  }

  private static func gibibytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 0x1p30) }
}
