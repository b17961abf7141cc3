import CWorkers
import Foundation

/// Buffers in memory that two processes share, each between inaccessible pages.
///
/// Such a page begins at the end of a buffer, rounded up to the alignment, so that an access beyond it faults at the
/// instruction. The bytes gained by rounding and the rest of the first page are filled with a pattern that
/// ``strayWrite()`` checks.
package final class GuardedMemory {
  /// The buffers, without their surroundings.
  package let buffers: [UnsafeMutableRawBufferPointer]
  /// The descriptor of the memory, which the other process maps.
  package let descriptor: Descriptor
  /// The start of the mapping.
  package let base: UnsafeMutableRawPointer

  private let layout: Layout
  private static let pattern: UInt8 = 0xA5

  #if os(Linux)
    // Maps all pages at once instead of one fault for each, because every byte is used.
    private static let mapping = MAP_SHARED | MAP_FIXED | MAP_POPULATE
  #else
    private static let mapping = MAP_SHARED | MAP_FIXED
  #endif

  /// Makes memory, zeroed apart from its pattern.
  ///
  /// - Parameters:
  ///   - byteCounts: the sizes of the buffers.
  ///   - alignment: the alignment of each buffer; a power of two up to the size of a page.
  /// - Throws: ``WorkerError``.
  package convenience init(byteCounts: [Int], alignment: Int) throws(WorkerError) {
    let layout = Layout(byteCounts, alignment)
    let number = worker_shared_memory(max(layout.fileByteCount, 1))
    guard number >= 0 else { throw .system("making \(layout.fileByteCount) bytes of shared memory") }
    try self.init(layout, Descriptor(number))
    for slack in slacks { slack.initializeMemory(as: UInt8.self, repeating: Self.pattern) }
  }

  /// Maps memory that another process made with the same sizes and alignment.
  ///
  /// - Throws: ``WorkerError``.
  package convenience init(
    byteCounts: [Int], alignment: Int, descriptor: Descriptor
  ) throws(WorkerError) {
    try self.init(Layout(byteCounts, alignment), descriptor)
  }

  private init(_ layout: Layout, _ descriptor: Descriptor) throws(WorkerError) {
    self.layout = layout
    self.descriptor = descriptor
    guard let base = mmap(nil, layout.byteCount, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0), base != MAP_FAILED else {
      throw .system("reserving \(layout.byteCount) bytes of addresses")
    }
    self.base = base
    var file = 0
    for pages in layout.pages where !pages.isEmpty {
      // The pages in between stay inaccessible.
      let mapped = mmap(
        base + pages.lowerBound, pages.count, PROT_READ | PROT_WRITE, Self.mapping, descriptor.number,
        off_t(file))
      guard mapped != MAP_FAILED else {
        let error = WorkerError.system("mapping \(pages.count) bytes of shared memory")
        munmap(base, layout.byteCount)
        throw error
      }
      file += pages.count
    }
    buffers = layout.buffers.map { UnsafeMutableRawBufferPointer(start: base + $0.lowerBound, count: $0.count) }
  }

  deinit { munmap(base, layout.byteCount) }

  /// The bytes around each buffer that belong to its pages but to no buffer.
  private var slacks: [UnsafeMutableRawBufferPointer] {
    zip(layout.pages, layout.buffers).flatMap { pages, buffer in
      [pages.lowerBound..<buffer.lowerBound, buffer.upperBound..<pages.upperBound].map {
        UnsafeMutableRawBufferPointer(start: base + $0.lowerBound, count: $0.count)
      }
    }
  }

  /// A byte around the buffers that somebody has written; nil if there is none.
  package func strayWrite() -> Address? {
    for slack in slacks {
      guard let start = slack.baseAddress, let index = slack.firstIndex(where: { $0 != Self.pattern }) else { continue }
      return address(ofOffset: start + index - base)
    }
    return nil
  }

  /// The address of the byte at an offset from ``base``; nil if it is not in this memory.
  package func address(ofOffset offset: Int) -> Address? {
    guard (0..<layout.byteCount).contains(offset) else { return nil }
    func distance(_ buffer: Range<Int>) -> Int { max(buffer.lowerBound - offset, offset - buffer.upperBound + 1) }
    return layout.buffers.indices.min { distance(layout.buffers[$0]) < distance(layout.buffers[$1]) }.map {
      Address(buffer: $0, byte: offset - layout.buffers[$0].lowerBound, byteCount: layout.buffers[$0].count)
    }
  }

  /// A byte, located by the nearest buffer.
  package struct Address: Sendable, Equatable {
    /// The index of the buffer.
    package let buffer: Int
    /// The index of the byte in the buffer; negative if it comes before.
    package let byte: Int
    /// The size of the buffer.
    package let byteCount: Int

    /// A byte of a buffer, or near it.
    package init(buffer: Int, byte: Int, byteCount: Int) {
      self.buffer = buffer
      self.byte = byte
      self.byteCount = byteCount
    }
  }

  /// The layout of the mapping, in bytes from its base.
  private struct Layout {
    /// The pages of each buffer.
    private(set) var pages: [Range<Int>] = []
    private(set) var buffers: [Range<Int>] = []
    /// The size of everything, including the inaccessible pages.
    private(set) var byteCount: Int

    /// Inaccessible bytes on either side of a buffer; more than a page, so that a large step faults too.
    private static let guardByteCount = 1 << 16

    init(_ byteCounts: [Int], _ alignment: Int) {
      let page = Int(getpagesize())
      byteCount = Self.guardByteCount
      for count in byteCounts {
        let aligned = (count + alignment - 1) / alignment * alignment
        let size = (aligned + page - 1) / page * page
        pages.append(byteCount..<byteCount + size)
        let start = byteCount + size - aligned
        buffers.append(start..<start + count)
        byteCount += size + Self.guardByteCount
      }
    }

    var fileByteCount: Int { pages.reduce(0) { $0 + $1.count } }
  }
}
