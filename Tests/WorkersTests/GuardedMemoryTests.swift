import Foundation
import Testing
import Workers

@Suite("GuardedMemory") struct GuardedMemoryTests {
  private let sizes = [512, 100_000, 4_096, 0, 700]

  @Test("Two mappings are one memory; buffers are aligned and end where nothing may be touched")
  func shared() throws {
    let memory = try GuardedMemory(byteCounts: sizes, alignment: 256)
    let other = try GuardedMemory(byteCounts: sizes, alignment: 256, descriptor: memory.descriptor)
    #expect(memory.buffers.map(\.count) == sizes)
    for (index, buffer) in memory.buffers.enumerated() {
      let start = try #require(buffer.baseAddress)
      #expect(Int(bitPattern: start).isMultiple(of: 256))
      let end = Int(bitPattern: start) + buffer.count
      #expect((end + 255) / 256 * 256 % Int(getpagesize()) == 0)
      guard buffer.count > 0 else { continue }
      buffer[buffer.count - 1] = 77
      #expect(other.buffers[index][buffer.count - 1] == 77)
    }
    #expect(memory.strayWrite() == nil)
  }

  @Test("A write beside a buffer is found")
  func stray() throws {
    for (buffer, byte) in [(0, -1), (0, -3_584), (1, -1), (4, 700), (4, 767)] {
      let memory = try GuardedMemory(byteCounts: sizes, alignment: 256)
      let start = try #require(memory.buffers[buffer].baseAddress)
      start.storeBytes(of: 1, toByteOffset: byte, as: UInt8.self)
      #expect(memory.strayWrite() == GuardedMemory.Address(buffer: buffer, byte: byte, byteCount: sizes[buffer]))
    }
  }

  @Test("An address is told by the nearest buffer")
  func address() throws {
    let memory = try GuardedMemory(byteCounts: sizes, alignment: 256)
    for index in [0, 1, 2, 4] {
      let buffer = memory.buffers[index]
      let start = try #require(buffer.baseAddress) - memory.base
      for byte in [-9_000, -1, 0, buffer.count - 1, buffer.count, buffer.count + 20_000] {
        #expect(
          memory.address(ofOffset: start + byte)
            == GuardedMemory.Address(buffer: index, byte: byte, byteCount: buffer.count))
      }
    }
    #expect(memory.address(ofOffset: -1) == nil)
    #expect(memory.address(ofOffset: 1 << 40) == nil)
  }

  #if os(Linux)
    @Test("Nobody makes it smaller, which would crash whoever maps it")
    func sealed() throws {
      let memory = try GuardedMemory(byteCounts: sizes, alignment: 256)
      #expect(ftruncate(memory.descriptor.number, 0) != 0)
    }
  #endif
}
