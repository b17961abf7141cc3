/// Elements of one type, as they lie in memory (little-endian).
package struct ElementArray: Sendable, Equatable {
  /// The type of every element.
  package let type: ElementType
  /// The elements' bytes.
  package var bytes: [UInt8]

  /// `count` elements of value zero.
  package init(type: ElementType, count: Int) {
    self.init(type: type, bytes: Array(repeating: 0, count: count * type.byteCount))
  }

  /// Elements that lie in `bytes`; trailing bytes that make no element are ignored.
  package init(type: ElementType, bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }

  /// Elements of these bit patterns.
  package init(type: ElementType, patterns: [UInt32]) {
    self.init(
      type: type,
      bytes: type == .float32
        ? patterns.withUnsafeBytes { [UInt8](copying: $0) }
        : patterns.map { UInt16(truncatingIfNeeded: $0) }.withUnsafeBytes { [UInt8](copying: $0) })
  }

  /// The bit pattern of every element.
  package var patterns: [UInt32] { (0..<count).map { self[$0] } }

  /// Number of elements.
  package var count: Int { bytes.count / type.byteCount }

  /// Elements copied from memory.
  package init(type: ElementType, copying bytes: UnsafeRawBufferPointer) {
    self.init(type: type, bytes: [UInt8](copying: bytes))
  }

  /// The value of every element, exact in float64.
  package var values: [Double] {
    let type = type, count = count
    return [Double](unsafeUninitializedCapacity: count) { values, initializedCount in
      bytes.withUnsafeBytes { bytes in
        guard let source = bytes.baseAddress, let target = values.baseAddress else { return }
        // There is one loop for each size, because tests run them without optimisation.
        var index = 0
        if type == .float32 {
          let words = source.assumingMemoryBound(to: UInt32.self)
          while index < count {
            target[index] = type.value(ofBits: UInt32(littleEndian: words[index]))
            index &+= 1
          }
        } else {
          let words = source.assumingMemoryBound(to: UInt16.self)
          while index < count {
            target[index] = type.value(ofBits: UInt32(UInt16(littleEndian: words[index])))
            index &+= 1
          }
        }
      }
      initializedCount = count
    }
  }

  /// The bit pattern of an element.
  package subscript(index: Int) -> UInt32 {
    get { bytes.withUnsafeBytes { $0.bits(at: index, type: type) } }
    set { bytes.withUnsafeMutableBytes { $0.setBits(newValue, at: index, type: type) } }
  }
}

extension [UInt8] {
  /// Bytes copied from memory, all at once.
  package init(copying bytes: UnsafeRawBufferPointer) {
    self.init(unsafeUninitializedCapacity: bytes.count) { target, initializedCount in
      UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
      initializedCount = bytes.count
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The bit pattern of element `index` of a type.
  package func bits(at index: Int, type: ElementType) -> UInt32 {
    type == .float32
      ? UInt32(littleEndian: loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
      : UInt32(UInt16(littleEndian: loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Stores the bit pattern of element `index` of a type.
  package func setBits(_ bits: UInt32, at index: Int, type: ElementType) {
    if type == .float32 {
      storeBytes(of: bits.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
    } else {
      storeBytes(of: UInt16(truncatingIfNeeded: bits).littleEndian, toByteOffset: 2 * index, as: UInt16.self)
    }
  }

  /// Copies `count` bytes from offset `start` of another buffer to offset `target` of this one.
  package func copy(_ count: Int, from source: UnsafeRawBufferPointer, at start: Int, to target: Int) {
    UnsafeMutableRawBufferPointer(rebasing: self[target..<target + count]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: source[start..<start + count]))
  }
}
