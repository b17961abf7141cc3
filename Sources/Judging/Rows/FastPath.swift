import RoPE

// The fast path of judging, behind ``RowJudge/judgeQuickly(_:_:_:open:)``. Judging every element by its limit gives the
// same result at a twentieth of the speed; a test compares both.

extension RowJudge {
  /// Counts the elements of a row that can be judged without their limit, and passes the others to `open`.
  ///
  /// Such elements are certainly the exact result rounded once, found by a vectorised pass over the row, or have an
  /// error below ``LimitLowerBound``.
  @inline(__always)
  mutating func judgeQuickly(
    _ input: UnsafeBufferPointer<Double>, _ expected: UnsafeBufferPointer<Double>, _ actual: UnsafeRawBufferPointer,
    open: (_ judge: inout RowJudge, _ pair: Int, _ channel: Int) -> Void
  ) {
    columns.read(type, input: input, expected: expected, actual: actual)
    let counts = columns.classify(type, lowerBound: lowerBound), all = 2 * columns.channels.count
    accuracy.elementCount += all
    accuracy.correctlyRoundedCount += counts.right
    if counts.right + counts.admitted < all {
      var pair = 0
      while pair < columns.channels.count {
        let (first, second) = columns[pair]
        if first == PairColumns.State.open {
          judgeOpen(pair, columns.channels.firstOutput(pair), input, expected, actual, open)
        }
        if second == PairColumns.State.open {
          judgeOpen(pair, columns.channels.secondOutput(pair), input, expected, actual, open)
        }
        pair &+= 1
      }
    }
    if counts.admitted > 0 { accuracy.excludeCorrectRounding() }
  }

  /// Judges an element that the pass over the row left open.
  @inline(__always)
  private mutating func judgeOpen(
    _ pair: Int, _ channel: Int, _ input: UnsafeBufferPointer<Double>, _ expected: UnsafeBufferPointer<Double>,
    _ actual: UnsafeRawBufferPointer, _ open: (_ judge: inout RowJudge, _ pair: Int, _ channel: Int) -> Void
  ) {
    let sizes = sizes(ofPair: pair, channel: channel, input, expected)
    guard !isDecided(expected[channel], actual.bits(at: channel, type: type), sizes.magnitude) else { return }
    let before = accuracy.basis
    open(&self, pair, channel)
    // Most failing elements leave the bound as it is.
    if accuracy.basis != before { lowerBound = LimitLowerBound(budget: budget, accuracy: accuracy, conditions) }
  }

  /// Counts an element that can be judged without its limit; returns false for any other.
  @inline(__always)
  private mutating func isDecided(_ exact: Double, _ bits: UInt32, _ magnitude: Double) -> Bool {
    let error = (type.value(ofBits: bits) - exact).magnitude
    let nearest = type == .float32 ? Double(Float(exact)) : type.value(ofBits: type.bits(rounding: exact))
    guard nearest.isFinite else { return false }
    if error <= (nearest - exact).magnitude {
      accuracy.correctlyRoundedCount += 1
      return true
    }
    if lowerBound.admits(error, expected: exact.magnitude, magnitude: magnitude) {
      accuracy.excludeCorrectRounding()
      return true
    }
    return false
  }
}

/// A cheap bound below every limit that matters to an accuracy: an error below it changes nothing.
///
/// The limits that matter are those of the named budgets that still hold, and the limit of the case's budget times the
/// worst severity so far, beyond which an element would be the worst.
struct LimitLowerBound {
  /// For limits that depend on `M`, the bound is `expected · |y| + magnitude · M`.
  private let expected: Double
  private let magnitude: Double
  /// For other limits, the bound is `relative · |y|`.
  private let relative: Double

  /// A bound that admits no error.
  static let nothing = LimitLowerBound(expected: 0, magnitude: 0, relative: 0)

  private init(expected: Double, magnitude: Double, relative: Double) {
    // The margin exceeds the roundings on both sides.
    let margin = 1 - 0x1p-40
    self.expected = margin * expected
    self.magnitude = margin * magnitude
    self.relative = margin * relative
  }

  /// `accuracy` is the accuracy so far.
  init(budget: Budget, accuracy: Accuracy, _ conditions: LimitConditions) {
    guard !budget.requiresCorrectRounding else {
      self = .nothing
      return
    }
    let severity = accuracy.basis.severity
    // A normal number is below 2^(bits + 1) ulp, and the ulp of a subnormal one is relatively larger.
    let ulp = conditions.type.unitRoundoff
    var expected = Double.infinity, magnitude = Double.infinity, relative = Double.infinity
    for (budget, share) in [(budget, severity)] + accuracy.holdingBudgets.map({ ($0, 1) }) {
      // Correctly rounded elements were recognised before.
      guard !budget.requiresCorrectRounding else { continue }
      // Where a budget must be supported, its angle may count as 0.
      let terms = budget.terms(conditions, angle: 0)
      let ofExpected = share * (terms.ulps * ulp + terms.relative)
      if terms.magnitude > 0 {
        expected = min(expected, ofExpected)
        magnitude = min(magnitude, share * terms.magnitude)
      } else {
        relative = min(relative, ofExpected)
      }
    }
    self.init(
      expected: expected.isFinite ? expected : 0, magnitude: magnitude.isFinite ? magnitude : .greatestFiniteMagnitude,
      relative: relative.isFinite ? relative : .greatestFiniteMagnitude)
  }

  /// Indicates whether an absolute error is certainly below every limit; false for NaN.
  ///
  /// `magnitude` is `M` times `square`.
  @inline(__always)
  func admits(_ error: Double, expected: Double, square: Double = 1, magnitude: Double) -> Bool {
    (error * square < self.expected * expected * square + self.magnitude * magnitude) && (error < relative * expected)
  }
}

/// The pairs of a row in columns, for loops that vectorise, and the states of their outputs.
final class PairColumns {
  /// The state of an output, found without its limit.
  enum State {
    /// It is the exact result rounded once.
    static let right: Int64 = 0
    /// Its error is below every limit that matters.
    static let admitted: Int64 = 1
    /// It must be judged by its limit.
    static let open: Int64 = 2
  }

  private typealias Column = UnsafeMutablePointer<Double>

  let channels: PairChannels
  private let count: Int
  private let values: Column
  private let states: UnsafeMutablePointer<Int64>

  init(_ pairs: [Plan.Pair]) {
    channels = PairChannels(pairs)
    count = pairs.count
    values = .allocate(capacity: 6 * count)
    states = .allocate(capacity: 2 * count)
    values.initialize(repeating: 0, count: 6 * count)
    states.initialize(repeating: 0, count: 2 * count)
  }

  deinit {
    values.deallocate()
    states.deallocate()
  }

  /// Reads a row of inputs, exact results and outputs.
  func read(
    _ type: ElementType, input: UnsafeBufferPointer<Double>, expected: UnsafeBufferPointer<Double>,
    actual: UnsafeRawBufferPointer
  ) {
    guard let input = input.baseAddress, let expected = expected.baseAddress, let actual = actual.baseAddress else {
      return
    }
    for column in 0..<6 {
      let target = values + column * count, channels = channels.numbers + (column < 4 ? column : column - 2) * count
      switch column {
      case 0, 1: Self.gather(count, channels, input, into: target)
      case 2, 3: Self.gather(count, channels, expected, into: target)
      default: Self.gather(count, channels, actual, type, into: target)
      }
    }
  }

  @inline(__always)
  private static func gather(
    _ count: Int, _ channels: UnsafePointer<Int>, _ source: UnsafePointer<Double>, into target: Column
  ) {
    var pair = 0
    while pair < count {
      target[pair] = source[channels[pair]]
      pair &+= 1
    }
  }

  @inline(__always)
  private static func gather(
    _ count: Int, _ channels: UnsafePointer<Int>, _ source: UnsafeRawPointer, _ type: ElementType,
    into target: Column
  ) {
    var pair = 0
    switch type {
    case .float32:
      let bits = source.assumingMemoryBound(to: UInt32.self)
      while pair < count {
        target[pair] = Double(Float(bitPattern: UInt32(littleEndian: bits[channels[pair]])))
        pair &+= 1
      }
    case .bfloat16:
      let bits = source.assumingMemoryBound(to: UInt16.self)
      while pair < count {
        target[pair] = Double(Float(bitPattern: UInt32(UInt16(littleEndian: bits[channels[pair]])) << 16))
        pair &+= 1
      }
    case .float16:
      let patterns = source.assumingMemoryBound(to: UInt16.self)
      while pair < count {
        let bits = UInt16(littleEndian: patterns[channels[pair]])
        // Shifted into float32, whose exponent has a bias larger by 112.
        let magnitude = Float(bitPattern: UInt32(bits & 0x7FFF) << 13) * 0x1p112
        let value = Double(bits & 0x8000 == 0 ? magnitude : -magnitude)
        target[pair] = bits & 0x7C00 == 0x7C00 ? .nan : value
        pair &+= 1
      }
    }
  }

  /// The states of both outputs of a pair, after ``classify(_:lowerBound:)``.
  @inline(__always)
  subscript(pair: Int) -> (first: Int64, second: Int64) { (states[pair], states[count + pair]) }

  /// The number of outputs in each state.
  struct Counts {
    var right = 0
    var admitted = 0
  }

  /// Finds the state of every output.
  func classify(_ type: ElementType, lowerBound: LimitLowerBound) -> Counts {
    let (x0, x1, y0, y1) = (values, values + count, values + 2 * count, values + 3 * count)
    let (a0, a1) = (values + 4 * count, values + 5 * count)
    let (first, second) = (states, states + count)
    if type == .float32 {
      // `M` is multiplied by `r² = x₀² + x₁²` to avoid divisions: `r²·|cos| = |x₀y₀ + x₁y₁|`, and so on.
      var pair = 0
      while pair < count {
        defer { pair &+= 1 }
        let square = x0[pair] * x0[pair] + x1[pair] * x1[pair]
        let cosine = (x0[pair] * y0[pair] + x1[pair] * y1[pair]).magnitude
        let sine = (x0[pair] * y1[pair] - x1[pair] * y0[pair]).magnitude
        let (size0, size1) = (x0[pair].magnitude, x1[pair].magnitude)
        first[pair] = Self.state(
          a0[pair], y0[pair], lowerBound, square: square, magnitude: size0 * cosine + size1 * sine)
        second[pair] = Self.state(
          a1[pair], y1[pair], lowerBound, square: square, magnitude: size1 * cosine + size0 * sine)
      }
    } else {
      // From a power of two, `2^e`, to `1½·2^52` ulp of its binade: `52 − significand bits` more in the exponent.
      let half = UInt64(1) << 51, perBinade = UInt64(52 - type.significandBitCount) << 52 | half
      let largest = type.greatestFiniteMagnitude
      var pair = 0
      while pair < count {
        first[pair] = Self.state(a0[pair], y0[pair], perBinade, largest)
        second[pair] = Self.state(a1[pair], y1[pair], perBinade, largest)
        pair &+= 1
      }
    }
    var open: Int64 = 0, admitted: Int64 = 0
    var index = 0
    while index < 2 * count {
      open &+= states[index] &>> 1
      admitted &+= states[index] & 1
      index &+= 1
    }
    return Counts(right: 2 * count - Int(open) - Int(admitted), admitted: Int(admitted))
  }

  /// The sum of the signed errors of float32 outputs.
  func signedErrorSum() -> Int { SignedError.sum(2 * count, actual: values + 4 * count, exact: values + 2 * count) }

  /// The state of a float32 output; conversion to float32 gives the nearest value.
  @inline(__always)
  private static func state(
    _ actual: Double, _ exact: Double, _ lowerBound: LimitLowerBound, square: Double, magnitude: Double
  ) -> Int64 {
    let nearest = Double(Float(exact))
    // Near infinity, where other limits apply, the error becomes NaN, and the element stays open.
    let error = (actual - exact).magnitude + (nearest - nearest)
    let isRight = error <= (nearest - exact).magnitude
    let isAdmitted = lowerBound.admits(error, expected: exact.magnitude, square: square, magnitude: magnitude)
    return isRight ? State.right : isAdmitted ? State.admitted : State.open
  }

  /// The state of a 16-bit output.
  ///
  /// Adding `1½·2^52` ulp to a float64 rounds it to whole ulp, ties to even, and subtracting that again is exact. In the
  /// type's subnormal range, the ulp of the binade is less than the spacing, and the element mostly stays open. So it does
  /// at a tie, unless the output is the even neighbour.
  @inline(__always)
  private static func state(_ actual: Double, _ exact: Double, _ perBinade: UInt64, _ largest: Double) -> Int64 {
    let shift = Double(bitPattern: (exact.bitPattern & 0x7FF0_0000_0000_0000) &+ perBinade)
    let nearest = (exact + shift) - shift
    let isRight = actual == nearest && nearest.magnitude <= largest
    return isRight ? State.right : State.open
  }
}
