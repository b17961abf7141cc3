/// The hash SHA-256 of FIPS 180-4, *Secure Hash Standard*, sections 5.1.1, 5.3.3 and 6.2.
///
/// Tests, which are built without optimisation, hash the golden files too. So the inner loops avoid everything slow
/// there: ranges, arrays, and operators that check for overflow.
package struct SHA256 {
  private static let blockSize = 64

  /// The intermediate hash value, which begins with the fractional parts of the square roots of the first eight primes.
  private var hash: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  /// The bytes after the last whole block.
  private var pending: [UInt8] = []
  /// The number of bytes so far.
  private var byteCount: UInt64 = 0

  /// The hash of nothing yet.
  package init() {}

  /// The digest of bytes in lowercase hexadecimal.
  package static func hexadecimal(of bytes: some Sequence<UInt8>) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hexadecimal()
  }

  /// Appends bytes to the message.
  package mutating func update(_ bytes: some Sequence<UInt8>) {
    let isContiguous: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
    if isContiguous == nil { Array(bytes).withUnsafeBytes { update($0) } }
  }

  /// Appends bytes to the message.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount += UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let missing = rest.prefix(Self.blockSize - pending.count)
      pending += missing
      rest = rest.dropFirst(missing.count)
      guard pending.count == Self.blockSize else { return }
      pending.withUnsafeBytes { compress($0) }
      pending.removeAll()
    }
    let whole = rest.prefix(rest.count / Self.blockSize * Self.blockSize)
    compress(UnsafeRawBufferPointer(rebasing: whole))
    pending += rest.dropFirst(whole.count)
  }

  /// The digest of the message: 32 bytes.
  package consuming func finalize() -> [UInt8] {
    let bitCount = byteCount &* 8
    // A one bit, zeros, and the number of bits fill the last block or two.
    let zeroCount = (Self.blockSize * 2 - 1 - 8 - pending.count) % Self.blockSize
    update([0x80] + [UInt8](repeating: 0, count: zeroCount) + Self.bigEndianBytes(bitCount))
    return hash.flatMap(Self.bigEndianBytes)
  }

  /// The digest of the message in lowercase hexadecimal.
  package consuming func hexadecimal() -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func bigEndianBytes<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
    withUnsafeBytes(of: word.bigEndian, Array.init)
  }

  /// Adds whole blocks to the hash, as in section 6.2.2 and with its names.
  private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
    hash.withUnsafeMutableBufferPointer { hash in
      Self.constants.withUnsafeBufferPointer { constants in
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { w in
          var block = 0
          while block < blocks.count {
            var t = 0
            while t < 16 {
              w[t] = UInt32(
                bigEndian: blocks.loadUnaligned(fromByteOffset: block &+ 4 &* t, as: UInt32.self))
              t &+= 1
            }
            while t < 64 {
              let x = w[t &- 15], y = w[t &- 2]
              let σ0 = (x &>> 7 | x &<< 25) ^ (x &>> 18 | x &<< 14) ^ x &>> 3
              let σ1 = (y &>> 17 | y &<< 15) ^ (y &>> 19 | y &<< 13) ^ y &>> 10
              w[t] = σ1 &+ w[t &- 7] &+ σ0 &+ w[t &- 16]
              t &+= 1
            }
            var a = hash[0], b = hash[1], c = hash[2], d = hash[3]
            var e = hash[4], f = hash[5], g = hash[6], h = hash[7]
            t = 0
            while t < 64 {
              let Σ1 = (e &>> 6 | e &<< 26) ^ (e &>> 11 | e &<< 21) ^ (e &>> 25 | e &<< 7)
              let choice = (e & f) ^ (~e & g)
              let t1 = h &+ Σ1 &+ choice &+ constants[t] &+ w[t]
              let Σ0 = (a &>> 2 | a &<< 30) ^ (a &>> 13 | a &<< 19) ^ (a &>> 22 | a &<< 10)
              let majority = (a & b) ^ (a & c) ^ (b & c)
              let t2 = Σ0 &+ majority
              h = g
              g = f
              f = e
              e = d &+ t1
              d = c
              c = b
              b = a
              a = t1 &+ t2
              t &+= 1
            }
            hash[0] &+= a
            hash[1] &+= b
            hash[2] &+= c
            hash[3] &+= d
            hash[4] &+= e
            hash[5] &+= f
            hash[6] &+= g
            hash[7] &+= h
            block &+= Self.blockSize
          }
        }
      }
    }
  }

  /// The fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
