import CWorkers
import Foundation

/// Buffers in memory that two processes share, each between pages that may not be touched.
///
/// A buffer ends where such a page begins, but for what its size lacks to a multiple of the alignment, so that an access
/// behind it faults at the instruction. The rest of its first page and those last bytes are filled with a pattern that
/// ``strayWrite()`` looks at.
package final class GuardedMemory {
  /// The buffers, without what surrounds them.
  package let buffers: [UnsafeMutableRawBufferPointer]
  /// What the other process maps.
  package let descriptor: Descriptor
  /// Where the mapping begins.
  package let base: UnsafeMutableRawPointer

  private let layout: Layout
  private static let pattern: UInt8 = 0xA5

  #if os(Linux)
    // All pages at once instead of a fault for each: every byte is used.
    private static let mapping = MAP_SHARED | MAP_FIXED | MAP_POPULATE
  #else
    private static let mapping = MAP_SHARED | MAP_FIXED
  #endif

  /// Makes memory, zeroed apart from its pattern.
  ///
  /// - Parameters:
  ///   - byteCounts: the sizes of the buffers.
  ///   - alignment: of each buffer; a power of two up to the size of a page.
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
      // The pages between stay as they are: not to be touched.
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

  /// The bytes of pages around each buffer that belong to none.
  private var slacks: [UnsafeMutableRawBufferPointer] {
    zip(layout.pages, layout.buffers).flatMap { pages, buffer in
      [pages.lowerBound..<buffer.lowerBound, buffer.upperBound..<pages.upperBound].map {
        UnsafeMutableRawBufferPointer(start: base + $0.lowerBound, count: $0.count)
      }
    }
  }

  /// A byte near a buffer that somebody wrote.
  package func strayWrite() -> Address? {
    for slack in slacks {
      guard let start = slack.baseAddress, let index = slack.firstIndex(where: { $0 != Self.pattern }) else { continue }
      return address(ofOffset: start + index - base)
    }
    return nil
  }

  /// Where a byte lies that is so many bytes behind ``base``; nil where it is not in this memory.
  package func address(ofOffset offset: Int) -> Address? {
    guard (0..<layout.byteCount).contains(offset) else { return nil }
    func distance(_ buffer: Range<Int>) -> Int { max(buffer.lowerBound - offset, offset - buffer.upperBound + 1) }
    return layout.buffers.indices.min { distance(layout.buffers[$0]) < distance(layout.buffers[$1]) }.map {
      Address(buffer: $0, byte: offset - layout.buffers[$0].lowerBound, byteCount: layout.buffers[$0].count)
    }
  }

  /// A byte, by the nearest buffer.
  package struct Address: Sendable, Equatable {
    /// The index of the buffer.
    package let buffer: Int
    /// The index of the byte in it, negative in front of it.
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

  /// What lies where, in bytes from the base of the mapping.
  private struct Layout {
    /// The pages of each buffer.
    private(set) var pages: [Range<Int>] = []
    private(set) var buffers: [Range<Int>] = []
    /// Everything, with the pages that may not be touched.
    private(set) var byteCount: Int

    /// What is not to be touched on either side of a buffer; more than a page, so that a large step faults too.
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
