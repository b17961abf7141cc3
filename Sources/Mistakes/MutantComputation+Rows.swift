import RoPE

extension MutantComputation {
  /// One head of one token before and after a mutant's rotation, `D` channels.
  package struct Row: Sendable {
    /// The values that were read.
    package private(set) var input: [Double]
    /// The results before they are rounded to the element type.
    package private(set) var output: [Double]
    /// The results as bit patterns.
    package private(set) var bits: [UInt32]

    init(headDimension: Int) {
      input = Array(repeating: 0, count: headDimension)
      output = input
      bits = Array(repeating: 0, count: headDimension)
    }

    /// Reads a channel, which is copied unless a later result replaces it.
    mutating func read(_ bits: UInt32, _ channel: Int, _ type: ElementType) {
      let value = type.value(ofBits: bits)
      input[channel] = value
      output[channel] = value
      self.bits[channel] = bits
    }

    /// Sets an output channel to a value that is stored as `bits`.
    mutating func set(_ channel: Int, to value: Double, bits: UInt32) {
      output[channel] = value
      self.bits[channel] = bits
    }

    /// Sets an output channel to a bit pattern.
    mutating func set(_ channel: Int, toBits bits: UInt32, _ type: ElementType) {
      set(channel, to: type.value(ofBits: bits), bits: bits)
    }

    /// Sets an output channel to a value, rounded to a type.
    mutating func set(_ channel: Int, rounding value: Double, _ type: ElementType) {
      set(channel, to: value, bits: type.bits(rounding: value))
    }
  }
}

/// The rotation of a mutant's rows, by cosines and sines that are known.
struct RowRotation {
  private let computation: MutantComputation
  private let channels: PairChannels
  private let turns: CosSin
  /// Those of the second output of each pair.
  private let secondTurns: CosSin
  /// True if every pair is turned by its own cosine and sine and rounded as is right.
  private let isPlain: Bool

  init(_ computation: MutantComputation, channels: PairChannels, turns: CosSin, secondTurns: CosSin) {
    self.computation = computation
    self.channels = channels
    self.turns = turns
    self.secondTurns = secondTurns
    isPlain =
      computation.secondPlan == nil && computation.angleEntry == nil && computation.partner == nil
      && computation.rotation == nil && computation.store == nil && computation.rotations == nil
  }

  /// Rotates a row that was read.
  func rotate(_ row: inout MutantComputation.Row, _ index: RowIndex) {
    let token = computation.angleToken?(index) ?? index.token
    for pass in 0..<computation.passes {
      // A later pass turns the results of the one before it, unrounded.
      let input = pass == 0 ? row.input : row.output
      input.withUnsafeBufferPointer { input in
        if isPlain {
          rotatePlainly(&row, input, turns[token])
        } else {
          rotate(&row, index, pass: pass, input, turns[token], secondTurns[token])
        }
      }
    }
  }

  private func rotatePlainly(
    _ row: inout MutantComputation.Row, _ input: UnsafeBufferPointer<Double>, _ turns: UnsafePointer<SIMD2<Double>>
  ) {
    let type = computation.type
    for pair in 0..<channels.count {
      let first = input[channels.firstInput(pair)], second = input[channels.secondInput(pair)], turn = turns[pair]
      row.set(channels.firstOutput(pair), rounding: first * turn[0] - second * turn[1], type)
      row.set(channels.secondOutput(pair), rounding: second * turn[0] + first * turn[1], type)
    }
  }

  private func rotate(
    _ row: inout MutantComputation.Row, _ index: RowIndex, pass: Int, _ input: UnsafeBufferPointer<Double>,
    _ turns: UnsafePointer<SIMD2<Double>>, _ secondTurns: UnsafePointer<SIMD2<Double>>
  ) {
    let type = computation.type
    func turned(_ values: SIMD2<Double>, _ turn: SIMD2<Double>) -> SIMD2<Double> {
      computation.rotation?(values, turn, type)
        ?? SIMD2(values[0] * turn[0] - values[1] * turn[1], values[1] * turn[0] + values[0] * turn[1])
    }
    for pair in 0..<channels.count {
      if let rotations = computation.rotations, rotations(index, pair) <= pass { continue }
      let partner = computation.partner?(index, pair) ?? pair
      let values = SIMD2(input[channels.firstInput(pair)], input[channels.secondInput(partner)])
      let entry = computation.angleEntry
      let first = turned(values, turns[entry?(pair, false) ?? pair])[0]
      let second = turned(values, secondTurns[entry?(pair, true) ?? pair])[1]
      set(&row, channels.firstOutput(pair), first, type)
      set(&row, channels.secondOutput(pair), second, type)
    }
  }

  private func set(_ row: inout MutantComputation.Row, _ channel: Int, _ value: Double, _ type: ElementType) {
    guard let store = computation.store else { return row.set(channel, rounding: value, type) }
    let bits = store(value, type)
    // If the result was stored in another way than rounding, its value is that of the stored bits.
    row.set(channel, to: bits == type.bits(rounding: value) ? value : type.value(ofBits: bits), bits: bits)
  }
}
