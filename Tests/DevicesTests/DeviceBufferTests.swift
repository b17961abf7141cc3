import Foundation
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct DeviceBufferTests {
  @Test("Bytes come back from where they were put; the memory begins at a multiple of 256")
  func transfers() throws {
    let buffer = try DeviceBuffer(device: .host, byteCount: 10)
    #expect(Int(bitPattern: buffer.address) % 256 == 0)
    try [UInt8](0..<10).withUnsafeBytes { try buffer.upload(from: $0) }
    try [UInt8]([99, 98]).withUnsafeBytes { try buffer.upload(from: $0, at: 8) }
    var tail = [UInt8](repeating: 0, count: 3)
    try tail.withUnsafeMutableBytes { try buffer.download(into: $0, from: 7) }
    #expect(tail == [7, 99, 98])
    try buffer.clear()
    try tail.withUnsafeMutableBytes { try buffer.download(into: $0, from: 7) }
    #expect(tail == [0, 0, 0])
  }

  @Test("No byte outside the buffer is copied")
  func bounds() throws {
    let buffer = try DeviceBuffer(device: .host, byteCount: 10)
    var bytes = [UInt8](repeating: 1, count: 4)
    for offset in [-1, 7, 10, 11, .max, .min] {
      let error = DeviceError.transfer(offset: offset, byteCount: 4, bufferByteCount: 10)
      #expect(throws: error) { try bytes.withUnsafeBytes { try buffer.upload(from: $0, at: offset) } }
      #expect(throws: error) { try bytes.withUnsafeMutableBytes { try buffer.download(into: $0, from: offset) } }
    }
    try bytes.withUnsafeBytes { try buffer.upload(from: $0, at: 6) }
    try buffer.upload(from: UnsafeRawBufferPointer(start: nil, count: 0), at: 10)
  }

  @Test("A size that no machine has is an error; no bytes at all are fine")
  func sizes() throws {
    for size in [-1, .min, .max, 1 << 50] {
      let error = #expect(throws: DeviceError.self) { try DeviceBuffer(device: .host, byteCount: size) }
      if case .allocation(size, "host", _) = error {} else { Issue.record("\(size) bytes") }
    }
    let physical = Int(ProcessInfo.processInfo.physicalMemory)
    let reason = "this machine has only \(physical) bytes"
    #expect(throws: DeviceError.allocation(byteCount: physical + 1, device: "host", reason: reason)) {
      try DeviceBuffer(device: .host, byteCount: physical + 1)
    }
    let empty = try DeviceBuffer(device: .host, byteCount: 0)
    try empty.download(into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    #expect(empty.byteCount == 0)
  }
}
