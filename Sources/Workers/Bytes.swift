/// Writes values one after another, as the payload of a message.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write<Value: BitwiseCopyable>(_ value: Value) {
    withUnsafeBytes(of: value) { bytes += $0 }
  }

  /// Writes the count and the elements.
  package mutating func write<Value: BitwiseCopyable>(_ values: [Value]) {
    write(values.count)
    values.withUnsafeBytes { bytes += $0 }
  }

  /// Writes UTF-8.
  package mutating func write(_ text: String) { write(Array(text.utf8)) }
}

/// Reads what a ``ByteWriter`` wrote.
package struct ByteReader {
  private var bytes: ArraySlice<UInt8>

  package init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  /// - Throws: ``ChannelError/malformed(_:)`` if fewer bytes are left than the value has.
  package mutating func read<Value: BitwiseCopyable>(_ type: Value.Type = Value.self) throws(ChannelError) -> Value {
    let part = try take(MemoryLayout<Value>.size)
    return part.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
  }

  /// - Throws: ``ChannelError/malformed(_:)`` if fewer elements are left.
  package mutating func read<Value: BitwiseCopyable>(arrayOf type: Value.Type = Value.self) throws(ChannelError)
    -> [Value]
  {
    let count = try read(Int.self)
    let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    guard count >= 0, !overflow else { throw .malformed("\(count) elements") }
    let part = try take(size)
    return [Value](unsafeUninitializedCapacity: count) { values, initializedCount in
      part.withUnsafeBytes { UnsafeMutableRawBufferPointer(values).copyMemory(from: $0) }
      initializedCount = count
    }
  }

  /// Reads a text; bytes that are not UTF-8 are replaced.
  package mutating func readText() throws(ChannelError) -> String {
    String(decoding: try read(arrayOf: UInt8.self), as: UTF8.self)
  }

  private mutating func take(_ count: Int) throws(ChannelError) -> ArraySlice<UInt8> {
    guard count <= bytes.count else { throw .malformed("\(bytes.count) bytes are left of \(count)") }
    defer { bytes.removeFirst(count) }
    return bytes.prefix(count)
  }
}
