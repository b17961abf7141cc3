import Backends
import Goldens
import Reference
import RoPE

/// The calls of one backend that invariants are made of.
struct InvariantTrial {
  static let batch = 2
  static let sequence = 4
  static let tokenCount = batch * sequence
  static let queryHeads = 2
  static let keyHeads = 1
  /// A position is below 2 to the power of at most this, and the sum of two of them below 2^18: far below 2^22, up to
  /// which every budget is derived.
  private static let positionBits = 17
  /// Calls have positions below this.
  static let length = 2 << positionBits

  let plan: Plan
  let attentionFactor: Double
  let type: ElementType
  /// Two positions of each token, `[axes, tokens]` each, and what is added to all of both, one number for each axis.
  let positions: [Int64], otherPositions: [Int64]
  let shiftedPositions: [Int64]
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
    // Behind the indices of Q and K, and every magnitude as likely as any other.
    func position(_ index: Int) -> Int64 {
      let word = hash[3 * InputHash.keyOffset + index]
      return Int64(word & 0xFFFF_FFFF) & (1 << Int64((word >> 32) % UInt64(Self.positionBits + 1)) - 1)
    }
    let count = axes * Self.tokenCount
    positions = (0..<count).map(position)
    otherPositions = (count..<2 * count).map(position)
    // A shift by 0 would show nothing.
    shiftedPositions = positions.enumerated().map { $1 + max(1, position(2 * count + $0 / Self.tokenCount)) }
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

  /// Fresh inputs; each set has a number of its own.
  func inputs(_ number: Int) -> HeadPair {
    func tensor(_ heads: Int, _ offset: Int) -> ElementArray {
      var elements = ElementArray(type: type, count: Self.tokenCount * heads * plan.headDimension)
      let first = offset + number * elements.count
      for index in 0..<elements.count { elements[index] = hash.element(at: first + index, type: type) }
      return elements
    }
    return HeadPair(query: tensor(Self.queryHeads, 0), key: tensor(Self.keyHeads, InputHash.keyOffset))
  }

  // MARK: - Calls

  /// The backend's outputs on contiguous tensors.
  ///
  /// - Throws: ``UnsupportedCall``, or whatever the backend throws.
  func rotate(_ input: HeadPair, _ plan: Plan, _ angles: Angles) throws -> HeadPair {
    let memory = try backend.makeMemory(
      byteCounts: [input.query, input.query, input.key, input.key].map(\.bytes.count))
    memory.buffers[0].copyBytes(from: input.query.bytes)
    memory.buffers[2].copyBytes(from: input.key.bytes)
    for index in [1, 3] {
      // What is not written is no number, so that no invariant holds.
      for element in 0..<memory.buffers[index].count / type.byteCount {
        memory.buffers[index].setBits(CaseMemory.poison(type), at: element, type: type)
      }
    }
    func tensor(_ heads: Int, _ buffer: Int) -> RotatedTensor {
      let strides = Strides(.bshd, sequence: Self.sequence, heads: heads, headDimension: plan.headDimension)
      return RotatedTensor(
        heads: heads, input: TensorView(buffer: buffer, strides: strides),
        output: TensorView(buffer: buffer + 1, strides: strides))
    }
    let call = RotationCall(
      plan: plan, elementType: type, batch: Self.batch, sequence: Self.sequence, angles: angles,
      query: tensor(Self.queryHeads, 0), key: tensor(Self.keyHeads, 2))
    try call.validate(bufferByteCounts: memory.byteCounts)
    if case .unsupported(let reason) = try backend.support(for: call) { throw UnsupportedCall(reason: reason) }
    _ = try backend.rotate(call, in: memory)
    return HeadPair(
      query: ElementArray(type: type, bytes: Array(memory.buffers[1])),
      key: ElementArray(type: type, bytes: Array(memory.buffers[3])))
  }

  /// What the contract gives for positions, `[axes, tokens]`. The rows of a table stand in the opposite order of their
  /// tokens.
  func angles(_ positions: [Int64]) -> Angles {
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
      return .frequencies(inverseFrequencies32, attentionFactor: attentionFactor, positions: positions)
    case .position, .unrotated: return .positions(positions)
    }
  }

  // MARK: - What a rotation is and may err by

  /// The turn of a token's pair under the contract.
  func turn(_ angles: Angles, token: Int, pair: Int) -> Turn {
    switch angles {
    case .table(let table, let rows):
      let index = Int(rows[token]) * table.pairCount + pair
      return .given(
        cosine: table.type.value(ofBits: table.cosines[index]), sine: table.type.value(ofBits: table.sines[index]))
    case .frequencies(let frequencies, let factor, let positions):
      let angle = Float(position(positions, token: token, pair: pair)) * frequencies[pair]
      return .computed(gain: factor, units: Double(angle), radiansPerUnit: 1)
    case .positions(let positions):
      return .computed(
        gain: attentionFactor, units: Double(position(positions, token: token, pair: pair)),
        radiansPerUnit: inverseFrequencies[pair])
    case .none: preconditionFailure("angles of nothing")
    }
  }

  /// The token's position on the axis of a pair.
  func position(_ positions: [Int64], token: Int, pair: Int) -> Int64 {
    positions[plan.pairs[pair].axis * Self.tokenCount + token]
  }

  /// The largest distance in the plane between a rotated pair and the exact one, for an input of norm `norm`: `√2` times
  /// the limit of one element.
  ///
  /// The limit of the budget grows with `|y|`, `M`, `N` and the angle; by Cauchy and Schwarz the first three are at most
  /// `|t|·|x|` for a pair `x` and a turn `t`, whatever the angle, so that no cosine is needed to know them.
  func error(norm: Double, _ turn: Turn) -> Double {
    let size = turn.gain * norm
    return 2.0.squareRoot()
      * budget.limit(
        ErrorScale(
          type: type, expected: size, magnitude: size, angleSensitivity: size, angle: turn.radians,
          tableType: tableType))
  }
}

/// Q and K, `[tokens, heads, D]` each.
struct HeadPair {
  var query: ElementArray
  var key: ElementArray
}

extension Plan {
  /// The same pairs at the same frequencies, among the channels that this plan writes: what rotates its outputs on.
  var onOutputs: Plan {
    get throws { try withChannels { (pairs[$0].output, pairs[$0].output) } }
  }

  /// The same frequencies among other channels, which are given for each pair.
  func withChannels(_ channels: (_ pair: Int) -> (input: Channels, output: Channels)) throws -> Plan {
    try Plan(
      headDimension: headDimension,
      pairs: pairs.enumerated().map { index, pair in
        let (input, output) = channels(index)
        return Pair(input: input, output: output, axis: pair.axis, frequency: pair.frequency)
      }, attentionFactor: attentionFactor, axisCount: axisCount)
  }
}
