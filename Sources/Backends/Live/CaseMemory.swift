import Devices
import Dispatch
import Foundation
import Goldens
import Judging
import RoPE
import Synchronization

/// The memory of a case's call: filled before a run, then compared with what it was, and read.
final class CaseMemory: Sendable {
  let prepared: CaseCall
  let memory: CallMemory
  /// The contents of the memory before a run; nil if they are computed anew each time.
  private let images: [[UInt8]]?

  /// Bytes that each core processes at a time.
  private static let slabByteCount = 1 << 22

  /// Memory that is not filled yet; its buffers are those of the prepared call.
  ///
  /// `keepsImages` is for memory that is filled or compared more than twice.
  init(_ prepared: CaseCall, _ memory: CallMemory, keepsImages: Bool) {
    self.prepared = prepared
    self.memory = memory
    images = keepsImages ? prepared.images() : nil
  }

  // MARK: - Before and after a run

  /// Brings the memory to its state before the call.
  func fill() throws {
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
  func changesOutside() throws -> [Violation] {
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

  /// The first byte that changed anywhere, outputs included, in words; nil if none did.
  func changedByte() throws -> String? {
    try changes { _, _, _, _ in }.first.map { "byte \($0.byte) of buffer '\(prepared.names[$0.buffer])'" }
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

  // MARK: - Outputs

  /// The outputs of some tokens of a tensor, `[tokens, heads, D]`.
  ///
  /// - Throws: ``OutputError``.
  func outputs(of name: TensorName, _ tokens: Range<Int>) throws(OutputError) -> ElementArray {
    let call = prepared.call, type = call.elementType
    guard let tensor = call.tensors[name] else { return ElementArray(type: type, count: 0) }
    let rows = StridedRows(tensor, tensor.output, dimension: call.plan.headDimension, type: type)
    do {
      return try rows.elements(of: tokens) { elements in
        for piece in pieces(of: tensor, tokens) {
          try withSource(of: piece, rows) { source, firstElement in
            rows.copy(piece.tokens, piece.heads, from: source, firstElement, to: elements, tokens.lowerBound)
          }
        }
      }
    } catch {
      throw OutputError("its outputs cannot be read: \(error)")
    }
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
    of piece: Piece, _ rows: StridedRows, _ body: (UnsafeRawBufferPointer, _ firstElement: Int) -> Void
  ) throws {
    let buffer = rows.view.buffer
    if memory.buffers.indices.contains(buffer) { return body(UnsafeRawBufferPointer(memory.buffers[buffer]), 0) }
    let span = rows.span(piece.tokens, piece.heads), size = rows.type.byteCount
    var bytes = [UInt8](repeating: 0, count: span.count * size)
    try bytes.withUnsafeMutableBytes { try memory.read(buffer, at: span.lowerBound * size, into: $0) }
    bytes.withUnsafeBytes { body($0, span.lowerBound) }
  }
}

/// The rows of a tensor in strided memory.
struct StridedRows {
  let view: TensorView
  let type: ElementType
  private let heads: Int
  private let sequence: Int
  private let dimension: Int

  /// The rows of a tensor, seen through a view.
  init(_ tensor: RotatedTensor, _ view: TensorView, dimension: Int, type: ElementType) {
    self.view = view
    self.type = type
    heads = tensor.heads
    sequence = tensor.sequence
    self.dimension = dimension
  }

  /// Elements `[tokens, heads, D]` that a closure fills; it is not called if there are none.
  func elements(
    of tokens: Range<Int>, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows -> ElementArray {
    var elements = ElementArray(type: type, count: tokens.count * heads * dimension)
    guard elements.count > 0 else { return elements }
    try elements.bytes.withUnsafeMutableBytes { try fill($0) }
    return elements
  }

  /// Copies rows into elements that begin with the token `firstToken`.
  ///
  /// `source` begins with the element `firstElement` of the buffer.
  func copy(
    _ tokens: Range<Int>, _ heads: Range<Int>, from source: UnsafeRawBufferPointer, _ firstElement: Int,
    to elements: UnsafeMutableRawBufferPointer, _ firstToken: Int
  ) {
    let size = type.byteCount
    for token in tokens {
      for head in heads {
        let first = view.index(token: token, head: head, sequence: sequence) - firstElement
        let target = ((token - firstToken) * self.heads + head) * dimension
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

  /// The elements of the buffer from the first of the first row to the last of the last, if no stride is negative.
  func span(_ tokens: Range<Int>, _ heads: Range<Int>) -> Range<Int> {
    let first = view.index(token: tokens.lowerBound, head: heads.lowerBound, sequence: sequence)
    let last = view.index(token: tokens.upperBound - 1, head: heads.upperBound - 1, sequence: sequence)
    return first..<last + (dimension - 1) * view.strides.channel + 1
  }
}

extension [UInt8] {
  /// Copies a part in one operation.
  func copy(of range: Range<Int>) -> [UInt8] {
    withUnsafeBytes { [UInt8](copying: UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}

extension CaseCall {
  /// The reason that the case does not fit into host memory; nil if it fits, or is small.
  ///
  /// `copies` is how often it is in memory. A system that overcommits grants memory that it does not have, and kills the
  /// process that uses it.
  func shortage(copies: Int = 1) -> String? {
    let byteCount = copies * byteCounts.reduce(0, +)
    guard byteCount > 1 << 30, let free = try? Device.host.freeByteCount, free < byteCount else { return nil }
    func gibibytes(_ bytes: Int) -> String { String(format: "%.1f", Double(bytes) / 0x1p30) }
    return "the case needs \(gibibytes(byteCount)) GiB of memory, but only \(gibibytes(free)) GiB are free"
  }

  /// True if the case is so large that its contents are computed anew each time.
  var isTooLargeToKeep: Bool { elementCount > LiveOutputs.largestRepeatedElementCount }

  /// Output elements of all tensors.
  private var elementCount: Int {
    call.present.reduce(0) { $0 + call.batch * $1.sequence * $1.heads * call.plan.headDimension }
  }

  func tokenCount(of tensor: TensorName) -> Int { call.batch * (call.tensors[tensor]?.sequence ?? 0) }

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
