import RoPE

/// The signed error of outputs, whose mean shows a bias that no single error shows.
///
/// It is the number of steps between neighbouring values from the correctly rounded result to the output, positive if
/// the output is the larger in magnitude; a step is one ULP. So it is 0 for a correctly rounded output, apart from
/// ties, and the rounding that no output can avoid does not blur the mean. Rounding towards zero gives a mean of −½,
/// for results of either sign.
///
/// More than 16 steps count as 0, and so does NaN. Terms that cancel make such errors, as often of one sign as of the
/// other, and a few of them would hide a bias of all others.
///
/// Only some tokens count, because all of them would cost a fifth of the speed of judging. They depend on nothing but
/// their numbers, and the sums are of whole steps, so the mean does not depend on the number of threads.
enum SignedError {
  private static let largest: Int32 = 16

  /// Indicates whether the outputs of a token count: those of the first 16 tokens, and of every seventh.
  static func includes(token: Int) -> Bool { token < 16 || token % 7 == 0 }

  /// The signed error of one output.
  ///
  /// Without their signs, bit patterns are in the order of the magnitudes.
  @inline(__always)
  static func steps(_ type: ElementType, actual: UInt32, nearest: UInt32) -> Int {
    let sign: UInt32 = 1 << UInt32(8 * type.byteCount - 1)
    return Int(steps(actual & ~sign, nearest & ~sign, infinity: type.bits(rounding: .infinity)))
  }

  /// The sum of the signed errors of float32 outputs.
  static func sum(_ count: Int, actual: UnsafePointer<Double>, exact: UnsafePointer<Double>) -> Int {
    let mask: UInt32 = 0x7FFF_FFFF, infinity: UInt32 = 0x7F80_0000
    var sum: Int32 = 0, index = 0
    while index < count {
      let bits = Float(actual[index]).bitPattern, nearest = Float(exact[index]).bitPattern
      sum &+= steps(bits & mask, nearest & mask, infinity: infinity)
      index &+= 1
    }
    return Int(sum)
  }

  @inline(__always)
  private static func steps(_ actual: UInt32, _ nearest: UInt32, infinity: UInt32) -> Int32 {
    let steps = Int32(bitPattern: actual) &- Int32(bitPattern: nearest)
    let isNear = (steps >= -largest) && (steps <= largest)
    return isNear && (actual <= infinity) && (nearest <= infinity) ? steps : 0
  }
}

extension RowJudge {
  /// Adds the signed errors of the row that was judged last.
  mutating func addSignedErrors(expected: UnsafeBufferPointer<Double>, actual: UnsafeRawBufferPointer) {
    accuracy.signedErrorCount += 2 * columns.channels.count
    guard type != .float32 else {
      accuracy.signedErrorSum += columns.signedErrorSum()
      return
    }
    func add(_ channel: Int) {
      accuracy.signedErrorSum += SignedError.steps(
        type, actual: actual.bits(at: channel, type: type), nearest: type.bits(rounding: expected[channel]))
    }
    // The errors of all others are 0.
    for pair in 0..<columns.channels.count {
      let (first, second) = columns[pair]
      if first == PairColumns.State.open { add(columns.channels.firstOutput(pair)) }
      if second == PairColumns.State.open { add(columns.channels.secondOutput(pair)) }
    }
  }
}
