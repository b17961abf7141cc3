import Devices
import Dispatch
import Foundation
import Goldens
import Judging
import RoPE
import Synchronization

/// The outputs of a backend that runs here.
///
/// Each case has memory of its own, whose bytes after a run are compared with those before.
final class LiveOutputs: OutputSource, @unchecked Sendable {
  let runCount: Int
  let unwritten: UInt32?
  private(set) var deviceWork: DeviceWork?

  private let backend: any RoPEBackend
  private let evidence: EvidenceCheck
  private let prepared: CaseCall
  private let memory: CallMemory
  /// The contents of the memory before a run; nil if they are computed anew each time.
  private var images: [[UInt8]]?
  /// The outputs of runs that later ones replaced in memory, `[tokens, heads, D]`.
  private var kept: [Int: [TensorName: ElementArray]] = [:]

  /// Bytes that each core processes at a time.
  private static let slabByteCount = 1 << 22
  /// The most output elements of a case that is run more than once.
  ///
  /// Such a case also needs memory for the buffers as they were before the call, and for the outputs of the first run
  /// and of the first run that differs.
  static let largestRepeatedElementCount = 1 << 27

  /// - Throws: the backend's error if it cannot make the memory.
  init(_ prepared: CaseCall, backend: any RoPEBackend, evidence: EvidenceCheck, runCount: Int) throws {
    self.prepared = prepared
    self.backend = backend
    self.evidence = evidence
    self.runCount = prepared.elementCount > Self.largestRepeatedElementCount ? 1 : runCount
    unwritten = CaseCall.poison(prepared.call.elementType)
    memory = try backend.memory(byteCounts: prepared.byteCounts)
    if self.runCount > 1 { images = prepared.images() }
  }

  // MARK: - A run

  func perform(run: Int) throws -> RunOutcome {
    do {
      try fill()
      let shown = try backend.rotate(prepared.call, in: memory)
      if let shown {
        deviceWork = deviceWork ?? DeviceWork()
        deviceWork?.add(milliseconds: shown.milliseconds)
      }
      return RunOutcome(violations: evidence.violations(shown, prepared.call) + (try changesOutside()))
    } catch {
      return .failed("\(error)", (try? changesOutside()) ?? [])
    }
  }

  /// Brings the memory to its state before the call.
  private func fill() throws {
    try forEachSlab { buffer, bytes, image in
      try image.withUnsafeBytes { try memory.write($0, to: buffer, at: bytes.lowerBound) }
    }
  }

  /// Calls back, on all cores, with every part of every buffer and its contents before the call.
  private func forEachSlab(_ body: @Sendable (_ buffer: Int, _ bytes: Range<Int>, _ image: [UInt8]) throws -> Void)
    throws
  {
    let slabs = prepared.byteCounts.enumerated().flatMap { buffer, count in
      stride(from: 0, to: count, by: Self.slabByteCount).map { first in
        (buffer: buffer, bytes: first..<min(first + Self.slabByteCount, count))
      }
    }
    let failure = Mutex<(any Error)?>(nil)
    @Sendable func work(_ index: Int) {
      let (buffer, bytes) = slabs[index]
      do {
        // A buffer that is a single slab is not copied.
        let image =
          images.map { bytes.count == $0[buffer].count ? $0[buffer] : $0[buffer].copy(of: bytes) }
          ?? prepared.image(of: buffer, bytes: bytes)
        try body(buffer, bytes, image)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if slabs.count == prepared.byteCounts.count {
      for index in slabs.indices { work(index) }
    } else {
      DispatchQueue.concurrentPerform(iterations: slabs.count, execute: work)
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Changes outside the output elements.
  private func changesOutside() throws -> [Violation] {
    let changes = try changes { [prepared] buffer, bytes, image, actual in
      // Outputs may change, so they get their old bytes back; any other difference is a violation.
      image.withUnsafeBytes { prepared.copyOutputs(of: buffer, bytes: bytes, from: $0, to: actual) }
    }
    var violations: [Violation] = []
    for change in changes {
      violations.addNew([
        .writtenOutside(
          buffer: prepared.names[change.buffer], region: prepared.regions(of: change.buffer)[change.region].name,
          byte: change.byte, before: change.before, after: change.after)
      ])
    }
    return violations
  }

  /// The first changed byte in each region of each buffer; `forgive` undoes the changes that are allowed in a part.
  private func changes(
    forgive:
      @Sendable (_ buffer: Int, _ bytes: Range<Int>, _ image: [UInt8], _ actual: UnsafeMutableRawBufferPointer)
      -> Void
  ) throws -> [Change] {
    let found = Mutex<[Change]>([])
    try forEachSlab { buffer, bytes, image in
      var actual = [UInt8](repeating: 0, count: bytes.count)
      try actual.withUnsafeMutableBytes { actual in
        try memory.read(buffer, at: bytes.lowerBound, into: actual)
        forgive(buffer, bytes, image, actual)
      }
      let isUnchanged = actual.withUnsafeBytes { actual in image.withUnsafeBytes { actual.hasBytes(of: $0) } }
      guard !isUnchanged else { return }
      for (index, region) in prepared.regions(of: buffer).enumerated() {
        let part = region.bytes.clamped(to: bytes)
        let byte = part.first { actual[$0 - bytes.lowerBound] != image[$0 - bytes.lowerBound] }
        guard let byte else { continue }
        let change = Change(
          buffer: buffer, region: index, byte: byte, before: image[byte - bytes.lowerBound],
          after: actual[byte - bytes.lowerBound])
        found.withLock { $0.append(change) }
      }
    }
    return found.withLock { $0 }.sorted { ($0.buffer, $0.region, $0.byte) < ($1.buffer, $1.region, $1.byte) }
  }

  /// A byte that changed.
  private struct Change: Sendable {
    let buffer: Int
    let region: Int
    let byte: Int
    let before: UInt8
    let after: UInt8
  }

  // MARK: - The call that must be refused

  func refusal() throws -> [Violation] {
    guard let (call, value) = prepared.refused else { return [] }
    let refusal: String
    try fill()
    do {
      if case .unsupported = try backend.support(for: call) { return [] }
      _ = try backend.rotate(call, in: memory)
      return [.notRefused(message: "carried out a call that must be refused: \(value)")]
    } catch let error as any BackendBreakdown {
      return [.backendFailed(message: "on a call that must be refused (\(value)): \(error)")]
    } catch {
      refusal = "\(error)"
    }
    return try changes { _, _, _, _ in }.prefix(1).map { change in
      .notRefused(
        message:
          "wrote byte \(change.byte) of buffer '\(prepared.names[change.buffer])' in a call that must be refused "
          + "(\(value)), before it failed: \(refusal)")
    }
  }

  // MARK: - Outputs

  func rows(run: Int, _ tensor: TensorName, _ tokens: Range<Int>) throws -> ElementArray {
    guard let elements = kept[run]?[tensor] else { return try read(tensor, tokens) }
    let size = elements.bytes.count / prepared.tokenCount(of: tensor)
    return ElementArray(
      type: elements.type, bytes: elements.bytes.copy(of: tokens.lowerBound * size..<tokens.upperBound * size))
  }

  func keep(run: Int) throws {
    var outputs: [TensorName: ElementArray] = [:]
    for name in TensorName.rotated where prepared.call.tensors[name] != nil {
      outputs[name] = try read(name, 0..<prepared.tokenCount(of: name))
    }
    kept[run] = outputs
  }

  /// Reads outputs from the memory.
  private func read(_ name: TensorName, _ tokens: Range<Int>) throws -> ElementArray {
    let call = prepared.call, type = call.elementType, size = type.byteCount, dimension = call.plan.headDimension
    guard let tensor = call.tensors[name] else { return ElementArray(type: type, count: 0) }
    let view = tensor.output
    var elements = ElementArray(type: type, count: tokens.count * tensor.heads * dimension)
    guard elements.count > 0 else { return elements }
    do {
      try elements.bytes.withUnsafeMutableBytes { elements in
        for piece in pieces(of: tensor, tokens) {
          try withSource(of: piece, of: tensor, size: size) { source, firstElement in
            for token in piece.tokens {
              for head in piece.heads {
                let first = view.index(token: token, head: head, sequence: tensor.sequence) - firstElement
                let target = ((token - tokens.lowerBound) * tensor.heads + head) * dimension
                if view.strides.channel == 1 {
                  elements.copy(dimension * size, from: source, at: first * size, to: target * size)
                  continue
                }
                for channel in 0..<dimension {
                  let bits = source.bits(at: first + channel * view.strides.channel, type: type)
                  elements.setBits(bits, at: target + channel, type: type)
                }
              }
            }
          }
        }
      }
    } catch {
      throw OutputError("its outputs cannot be read: \(error)")
    }
    return elements
  }

  /// Rows that are close together in memory.
  private struct Piece {
    let tokens: Range<Int>
    let heads: Range<Int>
  }

  /// Splits tokens of a tensor into pieces that are worth one copy each.
  ///
  /// Host memory needs one piece; other memory needs one for each row of the batch, and for each head if heads come
  /// first.
  private func pieces(of tensor: RotatedTensor, _ tokens: Range<Int>) -> [Piece] {
    let all = 0..<tensor.heads
    guard memory.buffers.isEmpty else { return [Piece(tokens: tokens, heads: all)] }
    let strides = tensor.output.strides
    var pieces: [Piece] = [], first = tokens.lowerBound
    while first < tokens.upperBound {
      let end = min(tokens.upperBound, (first / tensor.sequence + 1) * tensor.sequence)
      pieces +=
        strides.head > strides.sequence
        ? all.map { Piece(tokens: first..<end, heads: $0..<$0 + 1) } : [Piece(tokens: first..<end, heads: all)]
      first = end
    }
    return pieces
  }

  /// Calls back with the bytes that hold a piece, and the index of their first element: the whole buffer if it is in
  /// host memory, otherwise a copy from the first row to the last.
  private func withSource(
    of piece: Piece, of tensor: RotatedTensor, size: Int, _ body: (UnsafeRawBufferPointer, _ firstElement: Int) -> Void
  ) throws {
    let view = tensor.output
    if memory.buffers.indices.contains(view.buffer) {
      return body(UnsafeRawBufferPointer(memory.buffers[view.buffer]), 0)
    }
    func index(_ token: Int, _ head: Int) -> Int { view.index(token: token, head: head, sequence: tensor.sequence) }
    let first = index(piece.tokens.lowerBound, piece.heads.lowerBound)
    let last = index(piece.tokens.upperBound - 1, piece.heads.upperBound - 1)
    let span = (prepared.call.plan.headDimension - 1) * view.strides.channel + 1
    var bytes = [UInt8](repeating: 0, count: (last + span - first) * size)
    try bytes.withUnsafeMutableBytes { try memory.read(view.buffer, at: first * size, into: $0) }
    bytes.withUnsafeBytes { body($0, first) }
  }
}

extension [UInt8] {
  /// Copies a part in one operation.
  fileprivate func copy(of range: Range<Int>) -> [UInt8] {
    withUnsafeBytes { [UInt8](copying: UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}

extension CaseCall {
  /// Output elements of all tensors.
  fileprivate var elementCount: Int {
    call.present.reduce(0) { $0 + call.batch * $1.sequence * $1.heads * call.plan.headDimension }
  }

  fileprivate func tokenCount(of tensor: TensorName) -> Int { call.batch * (call.tensors[tensor]?.sequence ?? 0) }

  /// The regions of a buffer, with their names, for reports of writes outside the outputs.
  fileprivate func regions(of buffer: Int) -> [(name: String, bytes: Range<Int>)] {
    let count = byteCounts[buffer], guardCount = Placement.guardByteCount
    let isInput = call.present.contains { $0.input.buffer == buffer && $0.input != $0.output }
    return [
      ("guard before the tensor", 0..<guardCount),
      (isInput ? "input" : "between the rows of the tensor", guardCount..<count - guardCount),
      ("guard after the tensor", count - guardCount..<count),
    ]
  }
}
