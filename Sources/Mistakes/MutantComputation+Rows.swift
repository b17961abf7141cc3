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
///
/// It holds only what it needs of the computation: tests run it without optimisation, where a copy of the whole costs more
/// than a row.
struct RowRotation {
  private let type: ElementType
  private let channels: PairChannels
  private let turns: CosSin
  /// Those of the second output of each pair.
  private let secondTurns: CosSin
  private let passes: Int
  private let angleToken: (@Sendable (RowIndex) -> Int)?
  /// The changes to a pair; nil if every pair is turned by its own cosine and sine and rounded as is right.
  private let changes: Changes?

  /// What a mistake changes in the rotation of a pair.
  private struct Changes {
    let angleEntry: (@Sendable (Int, Bool) -> Int)?
    let partner: (@Sendable (RowIndex, Int) -> Int)?
    let rotation: @Sendable (SIMD2<Double>, SIMD2<Double>, ElementType) -> SIMD2<Double>
    let store: (@Sendable (Double, ElementType) -> UInt32)?
    let rotations: (@Sendable (RowIndex, Int) -> Int)?
  }

  /// `secondTurns` are nil if both outputs of a pair turn by the same.
  init(_ computation: MutantComputation, turns: CosSin, secondTurns: CosSin?) {
    type = computation.type
    channels = PairChannels(computation.runningPlan.pairs)
    self.turns = turns
    self.secondTurns = secondTurns ?? turns
    passes = computation.passes
    angleToken = computation.angleToken
    let isPlain =
      secondTurns == nil && computation.angleEntry == nil && computation.partner == nil
      && computation.rotation == nil && computation.store == nil && computation.rotations == nil
    changes =
      isPlain
      ? nil
      : Changes(
        angleEntry: computation.angleEntry, partner: computation.partner,
        rotation: computation.rotation ?? { x, turn, _ in
          SIMD2(x[0] * turn[0] - x[1] * turn[1], x[1] * turn[0] + x[0] * turn[1])
        }, store: computation.store, rotations: computation.rotations)
  }

  /// Rotates a row that was read.
  func rotate(_ row: inout MutantComputation.Row, _ index: RowIndex) {
    let token = angleToken?(index) ?? index.token
    for pass in 0..<passes {
      // A later pass turns the results of the one before it, unrounded.
      let input = pass == 0 ? row.input : row.output
      input.withUnsafeBufferPointer { input in
        if let changes {
          rotate(&row, index, pass: pass, input, changes, turns[token], secondTurns[token])
        } else {
          rotate(&row, input, turns[token])
        }
      }
    }
  }

  private func rotate(
    _ row: inout MutantComputation.Row, _ input: UnsafeBufferPointer<Double>, _ turns: UnsafePointer<SIMD2<Double>>
  ) {
    let type = type, channels = channels, count = channels.count
    var pair = 0
    while pair < count {
      let first = input[channels.firstInput(pair)], second = input[channels.secondInput(pair)], turn = turns[pair]
      row.set(channels.firstOutput(pair), rounding: first * turn[0] - second * turn[1], type)
      row.set(channels.secondOutput(pair), rounding: second * turn[0] + first * turn[1], type)
      pair &+= 1
    }
  }

  private func rotate(
    _ row: inout MutantComputation.Row, _ index: RowIndex, pass: Int, _ input: UnsafeBufferPointer<Double>,
    _ changes: Changes, _ turns: UnsafePointer<SIMD2<Double>>, _ secondTurns: UnsafePointer<SIMD2<Double>>
  ) {
    let type = type, channels = channels, count = channels.count
    let (angleEntry, partner, rotation) = (changes.angleEntry, changes.partner, changes.rotation)
    let (store, rotations) = (changes.store, changes.rotations), isOneTurn = turns == secondTurns && angleEntry == nil
    var pair = -1
    while pair &+ 1 < count {
      pair &+= 1
      if let rotations, rotations(index, pair) <= pass { continue }
      let values = SIMD2(
        input[channels.firstInput(pair)], input[channels.secondInput(partner?(index, pair) ?? pair)])
      var results = rotation(values, turns[angleEntry?(pair, false) ?? pair], type)
      if !isOneTurn { results[1] = rotation(values, secondTurns[angleEntry?(pair, true) ?? pair], type)[1] }
      set(&row, channels.firstOutput(pair), results[0], store)
      set(&row, channels.secondOutput(pair), results[1], store)
    }
  }

  private func set(
    _ row: inout MutantComputation.Row, _ channel: Int, _ value: Double,
    _ store: (@Sendable (Double, ElementType) -> UInt32)?
  ) {
    guard let store else { return row.set(channel, rounding: value, type) }
    let bits = store(value, type)
    // If the result was stored in another way than rounding, its value is that of the stored bits.
    row.set(channel, to: bits == type.bits(rounding: value) ? value : type.value(ofBits: bits), bits: bits)
  }
}
