import Backends
import Goldens
import Judging
import Reference
import RoPE

/// The calls of one backend on which invariants are checked.
package struct InvariantTrial {
  static let batch = 2
  static let sequence = 4
  static let tokenCount = batch * sequence
  static let heads = PerTensor(query: 2, key: 1)
  /// A position is below 2 to the power of this, and the sum of two below 2^18: far below 2^22, up to which every
  /// budget is derived.
  private static let positionBits = 17
  /// Positions in calls are below this; plans are made for calls of this length.
  package static let length = 2 << positionBits

  let plan: Plan
  let attentionFactor: Double
  let type: ElementType
  /// Two sets of positions for the tokens.
  let positions: Positions, otherPositions: Positions
  /// The first set, increased by one number for each axis.
  let shiftedPositions: Positions
  private let backend: any RoPEBackend
  private let contract: Contract
  private let tableType: ElementType?
  private let budget: Budget
  private let hash: InputHash
  private let inverseFrequencies: [Double]
  private let inverseFrequencies32: [Float]

  init(
    backend: any RoPEBackend, convention: Convention, elementType: ElementType, contract: Contract,
    tableType: ElementType?, budget: Budget, seed: UInt64
  ) throws {
    guard contract != .unrotated else { throw InvariantError.contract(contract) }
    let hash = InputHash(seed: seed)
    let axes = convention.axisCount
    // These indices follow those of Q and K, and every magnitude is equally likely.
    func position(_ index: Int) -> Double {
      let word = hash[3 * InputHash.keyOffset + index]
      return Double(Int64(word & 0xFFFF_FFFF) & (1 << Int64((word >> 32) % UInt64(Self.positionBits + 1)) - 1))
    }
    let count = axes * Self.tokenCount
    positions = Positions((0..<count).map(position), axisCount: axes)
    otherPositions = Positions((count..<2 * count).map(position), axisCount: axes)
    // A shift by 0 would show nothing.
    shiftedPositions = Positions(
      positions.values.enumerated().map { $1 + max(1, position(2 * count + $0 / Self.tokenCount)) }, axisCount: axes)
    // One plan for all calls, whatever their positions: that of calls up to the largest.
    plan = try convention.plan(length: Self.length)
    guard !plan.pairs.isEmpty else { throw InvariantError.nothingRotates }
    let tables = ExactTables(plan)
    attentionFactor = tables.attentionFactor()
    inverseFrequencies = tables.inverseFrequencies()
    inverseFrequencies32 = tables.inverseFrequencies32()
    self.backend = backend
    self.contract = contract
    self.tableType = tableType
    self.budget = budget
    self.hash = hash
    type = elementType
  }

  /// Makes fresh inputs; each set has a number of its own.
  func inputs(_ number: Int) -> PerTensor<ElementArray> {
    PerTensor { name in
      var elements = ElementArray(type: type, count: Self.tokenCount * Self.heads[name] * plan.headDimension)
      let first = (name == .key ? InputHash.keyOffset : 0) + number * elements.count
      for index in 0..<elements.count { elements[index] = hash.element(at: first + index, type: type) }
      return elements
    }
  }

  // MARK: - Calls

  /// The backend's outputs on contiguous tensors.
  ///
  /// - Throws: ``UnsupportedCall``, or any error of the backend.
  func rotate(
    _ input: PerTensor<ElementArray>, _ plan: Plan, _ angles: Angles
  ) throws -> PerTensor<ElementArray> {
    // The input of Q, its output, and the same for K.
    let byteCounts = input.all.flatMap { [$0.bytes.count, $0.bytes.count] }
    let buffers = PerTensor(query: 0, key: 2)
    let call = RotationCall(
      plan: plan, elementType: type, batch: Self.batch,
      tensors: PerTensor { name in
        let strides = Strides(
          .bshd, sequence: Self.sequence, heads: Self.heads[name], headDimension: plan.headDimension)
        return RotatedTensor(
          sequence: Self.sequence, heads: Self.heads[name], angles: angles,
          input: TensorView(buffer: buffers[name], strides: strides),
          output: TensorView(buffer: buffers[name] + 1, strides: strides))
      })
    try call.validate(bufferByteCounts: byteCounts)
    if case .unsupported(let reason) = try backend.support(for: call) { throw UnsupportedCall(reason: reason) }
    let memory = try backend.memory(byteCounts: byteCounts)
    for name in TensorName.rotated {
      try input[name].bytes.withUnsafeBytes { try memory.write($0, to: buffers[name], at: 0) }
      // An element that is not written stays not-a-number, so that no invariant holds.
      var poisoned = input[name]
      for element in 0..<poisoned.count { poisoned[element] = CaseCall.poison(type) }
      try poisoned.bytes.withUnsafeBytes { try memory.write($0, to: buffers[name] + 1, at: 0) }
    }
    _ = try backend.rotate(call, in: memory)
    return try PerTensor { name in
      var output = input[name]
      try output.bytes.withUnsafeMutableBytes { try memory.read(buffers[name] + 1, at: 0, into: $0) }
      return output
    }
  }

  /// The contract's angles for positions.
  ///
  /// The rows of a table are in the reverse order of their tokens.
  func angles(_ positions: Positions) -> Angles {
    switch contract {
    case .table:
      let table = ExactTables(plan).cosSin(positions: positions, type: tableType ?? type)
      let rows = table.rowCount, width = table.pairCount
      func reversed(_ values: [UInt32]) -> [UInt32] {
        (0..<rows).reversed().flatMap { values[$0 * width..<($0 + 1) * width] }
      }
      return .table(
        CosSinTable(
          type: table.type, pairCount: width, cosines: reversed(table.cosines), sines: reversed(table.sines)),
        rows: (0..<Int32(rows)).reversed())
    case .frequency:
      return .frequencies(inverseFrequencies32, attentionFactor: attentionFactor, positions)
    case .position, .unrotated: return .positions(positions)
    }
  }

  // MARK: - The turn and the error of a rotation

  /// The turn of a token's pair under the contract.
  func turn(_ angles: Angles, token: Int, pair: Int) -> Turn {
    switch angles {
    case .table(let table, let rows):
      let index = Int(rows[token]) * table.pairCount + pair
      return .given(
        cosine: table.type.value(ofBits: table.cosines[index]), sine: table.type.value(ofBits: table.sines[index]))
    case .frequencies(let frequencies, let factor, let positions):
      let angle = Float(positions[plan.pairs[pair].axis, token]) * frequencies[pair]
      return .computed(gain: factor, units: Double(angle), radiansPerUnit: 1)
    case .positions(let positions):
      return .computed(
        gain: attentionFactor, units: positions[plan.pairs[pair].axis, token],
        radiansPerUnit: inverseFrequencies[pair])
    case .none: preconditionFailure("angles of nothing")
    }
  }

  /// The largest distance in the plane between a rotated pair and the exact one, for an input of norm `norm`:
  /// `√2` times the limit of one element.
  ///
  /// The limit of the budget grows with `|y|`, `M`, `N` and the angle. By Cauchy and Schwarz the first three are at
  /// most `|t|·|x|` for a pair `x` and a turn `t`, whatever the angle, so they need no cosine.
  func error(norm: Double, _ turn: Turn) -> Double {
    let size = turn.gain * norm
    return 2.0.squareRoot()
      * budget.limit(
        ErrorScale(
          LimitConditions(type: type, tableType: tableType, hasAttentionFactor: attentionFactor != 1),
          expected: size, magnitude: size, angleSensitivity: size, angle: turn.radians))
  }
}

extension Plan {
  /// A plan that rotates this plan's outputs: the same pairs and frequencies on the channels that this plan writes.
  var onOutputs: Plan {
    get throws { try withChannels { (pairs[$0].output, pairs[$0].output) } }
  }

  /// The same frequencies on other channels, which are given for each pair.
  func withChannels(_ channels: (_ pair: Int) -> (input: Channels, output: Channels)) throws -> Plan {
    try Plan(
      headDimension: headDimension,
      pairs: pairs.enumerated().map { index, pair in
        let (input, output) = channels(index)
        return Pair(input: input, output: output, axis: pair.axis, frequency: pair.frequency)
      }, attentionFactor: attentionFactor, axisCount: axisCount)
  }
}
