import RoPE

/// The pairs of a row in columns, for loops that vectorise, and what is known of their outputs without their limits.
final class PairColumns {
  /// What is known of an output.
  enum State {
    /// It is the exact result rounded once.
    static let right: Int64 = 0
    /// Its error is below every limit that matters.
    static let admitted: Int64 = 1
    /// It must be looked at.
    static let open: Int64 = 2
  }

  private typealias Column = UnsafeMutablePointer<Double>

  /// The channels of a pair, without what a plan knows beside them.
  struct Channels {
    let input: (first: Int, second: Int)
    let output: (first: Int, second: Int)

    init(_ pair: Plan.Pair) {
      input = (pair.input.first, pair.input.second)
      output = (pair.output.first, pair.output.second)
    }
  }

  let channels: [Channels]
  private let count: Int
  private let values: Column
  private let states: UnsafeMutablePointer<Int64>

  init(_ pairs: [Plan.Pair]) {
    channels = pairs.map(Channels.init)
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
    switch type {
    case .float32:
      read(input, expected) { channel in
        Double(
          Float(bitPattern: UInt32(littleEndian: actual.loadUnaligned(fromByteOffset: 4 * channel, as: UInt32.self))))
      }
    case .bfloat16:
      read(input, expected) { channel in
        let bits = UInt16(littleEndian: actual.loadUnaligned(fromByteOffset: 2 * channel, as: UInt16.self))
        return Double(Float(bitPattern: UInt32(bits) << 16))
      }
    case .float16:
      read(input, expected) { channel in
        let bits = UInt16(littleEndian: actual.loadUnaligned(fromByteOffset: 2 * channel, as: UInt16.self))
        // Moved into float32, whose exponent is biased by 112 more.
        let magnitude = Float(bitPattern: UInt32(bits & 0x7FFF) << 13) * 0x1p112
        let value = Double(bits & 0x8000 == 0 ? magnitude : -magnitude)
        return bits & 0x7C00 == 0x7C00 ? .nan : value
      }
    }
  }

  @inline(__always)
  private func read(
    _ input: UnsafeBufferPointer<Double>, _ expected: UnsafeBufferPointer<Double>, _ actual: (Int) -> Double
  ) {
    channels.withUnsafeBufferPointer { channels in
      for pair in 0..<count {
        let channels = channels[pair]
        values[pair] = input[channels.input.first]
        values[count + pair] = input[channels.input.second]
        values[2 * count + pair] = expected[channels.output.first]
        values[3 * count + pair] = expected[channels.output.second]
        values[4 * count + pair] = actual(channels.output.first)
        values[5 * count + pair] = actual(channels.output.second)
      }
    }
  }

  /// The states of both outputs of a pair, after ``classify(_:floor:)``.
  @inline(__always)
  subscript(pair: Int) -> (first: Int64, second: Int64) { (states[pair], states[count + pair]) }

  /// How many outputs are in each state.
  struct Counts {
    var right = 0
    var admitted = 0
  }

  /// Finds the state of every output.
  func classify(_ type: ElementType, floor: LimitFloor) -> Counts {
    let (x0, x1, y0, y1) = (values, values + count, values + 2 * count, values + 3 * count)
    let (a0, a1) = (values + 4 * count, values + 5 * count)
    let (first, second) = (states, states + count)
    if type == .float32 {
      // `M` is taken times `r² = x₀² + x₁²`, so that nothing is divided: `r²·|cos| = |x₀y₀ + x₁y₁|`, and so on.
      for pair in 0..<count {
        let square = x0[pair] * x0[pair] + x1[pair] * x1[pair]
        let cosine = (x0[pair] * y0[pair] + x1[pair] * y1[pair]).magnitude
        let sine = (x0[pair] * y1[pair] - x1[pair] * y0[pair]).magnitude
        let (size0, size1) = (x0[pair].magnitude, x1[pair].magnitude)
        first[pair] = Self.state(
          a0[pair], y0[pair], floor, square: square, magnitude: size0 * cosine + size1 * sine)
        second[pair] = Self.state(
          a1[pair], y1[pair], floor, square: square, magnitude: size1 * cosine + size0 * sine)
      }
    } else {
      let (splitter, largest) = (0x1p53 * type.unitRoundoff + 1, type.greatestFiniteMagnitude)
      for pair in 0..<count {
        first[pair] = Self.state(a0[pair], y0[pair], splitter, largest)
        second[pair] = Self.state(a1[pair], y1[pair], splitter, largest)
      }
    }
    var open: Int64 = 0, admitted: Int64 = 0
    for index in 0..<2 * count {
      open &+= states[index] >> 1
      admitted &+= states[index] & 1
    }
    return Counts(right: 2 * count - Int(open) - Int(admitted), admitted: Int(admitted))
  }

  /// In float32, whose conversion gives the nearest value.
  @inline(__always)
  private static func state(
    _ actual: Double, _ exact: Double, _ floor: LimitFloor, square: Double, magnitude: Double
  ) -> Int64 {
    let nearest = Double(Float(exact))
    // Near infinity, where limits are another matter, it is NaN, and the element stays open.
    let error = (actual - exact).magnitude + (nearest - nearest)
    let isRight = error <= (nearest - exact).magnitude
    let isAdmitted = floor.admits(error, expected: exact.magnitude, square: square, magnitude: magnitude)
    return isRight ? State.right : isAdmitted ? State.admitted : State.open
  }

  /// In 16 bits, of which Veltkamp's splitting of float64 gives the nearest value (Dekker, 1971): with `s = 53 − p` for a
  /// significand of `p` bits, `c = (2^s + 1)·x`, and `c − (c − x)` is `x` rounded to `p` bits. Where the type has
  /// subnormal values, this is nearer than they are, and such an element stays open.
  @inline(__always)
  private static func state(_ actual: Double, _ exact: Double, _ splitter: Double, _ largest: Double) -> Int64 {
    let scaled = splitter * exact, nearest = scaled - (scaled - exact)
    let isRight = ((actual - exact).magnitude <= (nearest - exact).magnitude) && (nearest.magnitude <= largest)
    return isRight ? State.right : State.open
  }
}
