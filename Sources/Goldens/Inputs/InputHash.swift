import RoPE

/// The values of Q and K, each from a hash of (seed, index) alone, which any language can compute in ten lines.
///
/// With 64-bit wrapping arithmetic:
///
///     h = seed + (index + 1) · 0x9E3779B97F4A7C15
///     h = (h ^ h >> 30) · 0xBF58476D1CE4E5B9
///     h = (h ^ h >> 27) · 0x94D049BB133111EB
///     h = h ^ h >> 31
///
/// (the finaliser of splitmix64; Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"). The
/// element is `± (1 + m/2^b) · 2^e` with its sign in the highest bit of `h`, `e = (9 · (h >> 56 & 127)) >> 7 − 6`, and
/// `m` the lowest `b` bits, where `b` is the type's number of stored significand bits: −6 ≤ e ≤ 2, exact in every type.
/// The index counts elements in the order in which the golden stores them; that of K begins at 2^40.
package struct InputHash: Sendable {
  /// The seed, which sets the values of one case apart from those of another.
  package let seed: UInt64

  /// Added to the index of an element of K.
  package static let keyOffset = 1 << 40

  /// The number added to the index of an element of a tensor.
  static func offset(of tensor: TensorName) -> Int { tensor == .key ? keyOffset : 0 }

  /// The values of a seed.
  package init(seed: UInt64) { self.seed = seed }

  /// The hash of an index.
  package subscript(index: Int) -> UInt64 {
    var hash = seed &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ hash &>> 30) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ hash &>> 27) &* 0x94D0_49BB_1331_11EB
    return hash ^ hash &>> 31
  }

  /// The bit pattern of the element at an index.
  package func element(at index: Int, type: ElementType) -> UInt32 { Encoding(type).bits(of: self[index]) }

  /// Fills a buffer with elements, the first at index `first`.
  ///
  /// The loops use only pointers and wrapping operators, which are fast even without optimisation: tests draw millions.
  func fill(_ elements: UnsafeMutableRawBufferPointer, from first: Int, type: ElementType) {
    let encoding = Encoding(type), count = elements.count / type.byteCount
    guard let start = elements.baseAddress else { return }
    var index = 0
    while index < count {
      let bits = encoding.bits(of: self[first &+ index])
      if type == .float32 {
        start.storeBytes(of: bits.littleEndian, toByteOffset: 4 &* index, as: UInt32.self)
      } else {
        start.storeBytes(of: UInt16(truncatingIfNeeded: bits).littleEndian, toByteOffset: 2 &* index, as: UInt16.self)
      }
      index &+= 1
    }
  }

  /// The conversion of a hash to an element of a type.
  private struct Encoding {
    let significandBits: UInt64
    let signShift: UInt64
    /// The exponent field of `2^-6`.
    let lowestField: UInt64

    init(_ type: ElementType) {
      significandBits = UInt64(type.significandBitCount)
      signShift = UInt64(8 * type.byteCount - 1)
      lowestField = UInt64(-6 - type.minimumExponent + 1)
    }

    func bits(of hash: UInt64) -> UInt32 {
      let field = lowestField &+ (9 &* (hash &>> 56 & 127)) &>> 7
      let significand = hash & ((1 &<< significandBits) &- 1)
      return UInt32(truncatingIfNeeded: (hash &>> 63) &<< signShift | field &<< significandBits | significand)
    }
  }
}
