import RoPE

/// One call of the covering array, in the terms of ``ArrayDimensions``.
struct ArrayCall {
  /// What the backend is given.
  enum GivenAngles {
    case positions
    case frequencies
    /// A cache of cosines and sines in the type of Q and K.
    case table
    /// A cache in float32 for 16-bit types, and in float16 for float32.
    case tableOfOtherType
  }

  /// The pairing of the channels read and of those written.
  struct Pairings {
    let input: Pairing
    let output: Pairing
  }

  /// The placement of the tensors in memory.
  enum Memory: String {
    case plain
    case headsFirst = "bhsd"
    case packed
    case fusedQKV = "fused-qkv"
    case padded
    case misaligned
    case channelsApart = "channels-apart"
  }

  /// The channels of a head.
  struct Shape {
    let head: Int
    let rotary: Int
    var offset = 0

    var name: String { "\(head)" + (rotary == head ? "" : "r\(rotary)") + (offset == 0 ? "" : "o\(offset)") }
  }

  /// The formula of the frequencies.
  enum Frequencies: String {
    /// Base 10,000.
    case plain
    case llama3
    /// With an attention factor, 2.37: twice as large as models have it, so that products overflow whose difference does
    /// not.
    case yarn
    /// Three position axes in sections (M-RoPE).
    case threeAxes = "three-axes"
  }

  /// The positions of the tokens.
  enum Placing: String {
    /// 0, 1, 2 and so on in every row: a prompt.
    case fromZero = "from-0"
    /// Each row after a cache of its own length.
    case afterCache = "after-cache"
    /// Close to a million.
    case far
    /// As many as tokens, with the inner ones exchanged in pairs: 0, 2, 1, 4, 3 and so on, which their ends do not show.
    case exchanged
    /// Neither ascending nor distinct.
    case scattered
  }

  let type: ElementType
  let given: GivenAngles
  let heads: PerTensor<Int>
  let pairings: Pairings
  var inPlace = false
  var memory = Memory.plain
  let batch: Int
  let sequence: Int
  let shape: Shape
  var direction = Direction.forward
  var frequencies = Frequencies.plain
  var placing = Placing.fromZero
  var values = Workload.Pattern.spread
}

extension ArrayCall {
  /// The call as a case.
  var recipe: Recipe {
    let placed = PlacedWorkload(workload, tokenPositions), hasCache = tableType != nil && frequencies != .threeAxes
    return Recipe(
      goldenCase: Case(
        model: modelName, convention: .configuration(configuration), workload: workload, elementType: type,
        contract: contract, tableType: tableType),
      positions: placed.positions(axisCount: configuration.axes.count),
      cache: hasCache ? cache(for: placed.positions) : nil)
  }

  /// A name that says the convention, such as `array-half-64r32o32-yarn`.
  private var modelName: String {
    let pairing =
      pairings.input == pairings.output
      ? pairings.input.rawValue : "\(pairings.input.rawValue)-to-\(pairings.output.rawValue)"
    return "array-\(pairing)-\(shape.name)" + (frequencies == .plain ? "" : "-\(frequencies.rawValue)")
  }

  /// A name that says the shape, the placement and the values, such as `b5-s67-h32x8-fused-qkv-in-place-far`.
  private var workloadName: String {
    var parts = ["b\(batch)", "s\(sequence)", "h\(heads.query)x\(heads.key)"]
    if memory != .plain { parts.append(memory.rawValue) }
    if inPlace { parts.append("in-place") }
    if direction == .inverse { parts.append("backward") }
    parts.append(placing.rawValue)
    if values != .spread { parts.append(values.rawValue) }
    return parts.joined(separator: "-")
  }

  private var configuration: Configuration {
    var configuration = Configuration(
      headDimension: shape.head, rotaryDimension: shape.rotary, rotaryOffset: shape.offset, pairing: pairings.input,
      outputPairing: pairings.output, base: 1e4)
    switch frequencies {
    case .plain: break
    case .llama3:
      configuration.base = 5e5
      configuration.scaling = .llama3(
        FrequencyScaling.Llama3(
          factor: 6, lowFreqFactor: 1.5, highFreqFactor: 5, originalMaxPositionEmbeddings: 3_000))
    case .yarn:
      configuration.base = 1.5e5
      var yarn = FrequencyScaling.YaRN(factor: 32, originalMaxPositionEmbeddings: 4_096)
      (yarn.betaFast, yarn.betaSlow) = (24, 2)
      configuration.scaling = .yarn(yarn)
      configuration.attentionFactor = 2.37
    case .threeAxes:
      configuration.base = 1e6
      let third = pairCount / 3
      configuration.axes = .sections([pairCount - 2 * third, third, third])
    }
    return configuration
  }

  private var contract: Contract {
    switch given {
    case .positions: .position
    case .frequencies: .frequency
    case .table, .tableOfOtherType: .table
    }
  }

  private var tableType: ElementType? {
    switch given {
    case .positions, .frequencies: nil
    case .table: type
    case .tableOfOtherType: type == .float32 ? .float16 : .float32
    }
  }

  private var workload: Workload {
    let layout: Layout =
      switch memory {
      case .headsFirst: .bhsd
      case .packed: .thd
      default: .bshd
      }
    let storage: Workload.Storage =
      switch memory {
      case .plain, .headsFirst, .packed: .separate
      case .fusedQKV: .fusedQKV
      case .padded: .padded
      case .misaligned: .misaligned
      case .channelsApart: .channelsApart
      }
    let isPacked = memory == .packed
    return Workload(
      workloadName, .coveringArray, batch: isPacked ? 1 : batch, sequence: isPacked ? batch * sequence : sequence,
      heads: (heads.query, heads.key), layout: layout, sequenceLengths: isPacked ? rowLengths : nil,
      storage: storage, inPlace: inPlace, pattern: values, direction: direction)
  }

  // MARK: - Positions

  private var pairCount: Int { shape.rotary / 2 }

  /// Tokens of each row; packed sequences differ in length, and one may be empty.
  private var rowLengths: [Int] {
    var lengths = Array(repeating: sequence, count: batch)
    guard memory == .packed else { return lengths }
    for row in stride(from: 0, to: batch - 1, by: 2) {
      let moved = min(sequence, row / 2 + 1)
      lengths[row] += moved
      lengths[row + 1] -= moved
    }
    return lengths
  }

  /// The position of each token.
  private var tokenPositions: [Int64] {
    rowLengths.enumerated().flatMap { row, length in
      (0..<length).map { position(row: Int64(row), token: Int64($0)) }
    }
  }

  /// Positions of ``Placing/scattered`` are below this prime.
  private static let scatteredCount: Int64 = 4_099

  private func position(row: Int64, token: Int64) -> Int64 {
    switch placing {
    // At position 0 nothing turns, and the product of sine 0 and an infinity is a matter of taste.
    case .fromZero: token + (sequence == 1 ? 1 : values == .nonFinite ? 3 : 0)
    case .afterCache: 1_027 + 13 * row + token
    case .far: 1_040_000 + 13 * row + token
    case .exchanged: exchanged(token) + (sequence == 1 ? 1 : values == .nonFinite ? 3 : 0)
    // Not 0 for the first token, which may be the only one.
    case .scattered: (7_919 * (token + 1) + 31 * row) % Self.scatteredCount + (values == .nonFinite ? 3 : 0)
    }
  }

  private func exchanged(_ token: Int64) -> Int64 {
    let isInner = token > 0 && token + (token.isMultiple(of: 2) ? 0 : 1) < sequence - 1
    return isInner ? (token.isMultiple(of: 2) ? token - 1 : token + 1) : token
  }

  /// The positions of a cache's rows: from 0, or from the first that is used if all are far, to three that no token has.
  private func cache(for positions: [Int64]) -> Range<Int64> {
    let first = placing == .far ? positions.min() ?? 0 : 0
    return first..<(positions.max() ?? 0) + 4
  }

  // MARK: - Cost

  /// The work of the reference, in the time that it takes to rotate one element.
  ///
  /// A copied channel costs a tenth of that; cosine and sine of a pair cost as much as some elements.
  var cost: Int {
    let tokens = batch * sequence, heads = heads.query + heads.key
    let elements = tokens * heads * shape.rotary + tokens * heads * (shape.head - shape.rotary) / 10
    let turns =
      switch given {
      case .positions: tokens
      case .frequencies: 4 * tokens
      case .table, .tableOfOtherType: 2 * Int(placing == .scattered ? Self.scatteredCount : Int64(sequence + 1_300))
      }
    let drawn =
      [.cancellation, .overflowEdge, .overflowingProducts].contains(values) ? 2 * tokens : 0
    return elements + (turns + drawn) * pairCount
  }
}
