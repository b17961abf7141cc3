import RoPE

/// The cases of the covering array: sizes, types, contracts and placements that models use together, and others.
struct ArrayCases {
  /// Rows of the array, and the values that they stand for.
  let array: CoveringArray
  private let sequences: [Int]

  /// The cases of the default run.
  static let standard = ArrayCases(sequences: ArrayDimensions.sequences, limit: 5 << 17)

  /// The same dimensions with longer rows.
  static let full = ArrayCases(sequences: ArrayDimensions.sequences + [16_384], limit: 1 << 26)

  private init(sequences: [Int], limit: Int) {
    self.sequences = sequences
    array = CoveringArray(
      valueCounts: Self.valueCounts(sequences), triples: Self.triples, forbidden: Self.forbidden, limit: limit
    ) { Self.call($0, sequences).cost }
  }

  /// The calls, in the order of the array's rows.
  var calls: [ArrayCall] { array.rows.map { Self.call($0, sequences) } }

  /// The place of each dimension in a row.
  private enum Dimension: Int, CaseIterable {
    case heads, type, contract, pairing, inPlace
    case memory, batch, sequence, shape, direction, frequencies, positions, values
  }

  /// Every triple of values of these dimensions occurs.
  private static let triples: [[Int]] = {
    let joint: [Dimension] = [.heads, .type, .contract, .pairing, .inPlace]
    let ofJoint = joint.indices.flatMap { first in
      joint.indices[(first + 1)...].flatMap { second in
        joint[(second + 1)...].map { [joint[first], joint[second], $0] }
      }
    }
    return (ofJoint + [[.type, .contract, .values]]).map { $0.map(\.rawValue) }
  }()

  /// Values that have no effect together.
  private static let forbidden: [CoveringArray.Combination] = {
    typealias D = ArrayDimensions
    let shapes = D.shapes.indices.flatMap { shape in
      D.values.indices.filter { !D.values[$0].hasEffect(in: D.shapes[shape]) }.map {
        [(Dimension.shape.rawValue, shape), (Dimension.values.rawValue, $0)]
      }
    }
    let frequencies = D.frequencies.indices.flatMap { frequencies in
      D.values.indices.filter { !D.values[$0].hasEffect(by: D.frequencies[frequencies]) }.map {
        [(Dimension.frequencies.rawValue, frequencies), (Dimension.values.rawValue, $0)]
      }
    }
    return shapes + frequencies
  }()

  private static func valueCounts(_ sequences: [Int]) -> [Int] {
    typealias D = ArrayDimensions
    return Dimension.allCases.map { dimension in
      switch dimension {
      case .heads: D.heads.count
      case .type: D.types.count
      case .contract: D.contracts.count
      case .pairing: D.pairings.count
      case .inPlace: D.inPlace.count
      case .memory: D.memories.count
      case .batch: D.batches.count
      case .sequence: sequences.count
      case .shape: D.shapes.count
      case .direction: D.directions.count
      case .frequencies: D.frequencies.count
      case .positions: D.positions.count
      case .values: D.values.count
      }
    }
  }

  private static func call(_ row: CoveringArray.Row, _ sequences: [Int]) -> ArrayCall {
    typealias D = ArrayDimensions
    func index(_ dimension: Dimension) -> Int { row[dimension.rawValue] }
    return ArrayCall(
      type: D.types[index(.type)], given: D.contracts[index(.contract)], heads: D.heads[index(.heads)],
      pairings: D.pairings[index(.pairing)], inPlace: D.inPlace[index(.inPlace)], memory: D.memories[index(.memory)],
      batch: D.batches[index(.batch)], sequence: sequences[index(.sequence)], shape: D.shapes[index(.shape)],
      direction: D.directions[index(.direction)], frequencies: D.frequencies[index(.frequencies)],
      placing: D.positions[index(.positions)], values: D.values[index(.values)])
  }
}

extension Workload.Pattern {
  /// False if the values change nothing in heads of this shape: only a copied channel shows a copied value.
  fileprivate func hasEffect(in shape: ArrayCall.Shape) -> Bool {
    self != .specialCopies || shape.rotary < shape.head
  }

  /// False if the values are no others under these frequencies: only by an attention factor above √2 is a product larger
  /// than both the pair's elements while the result vanishes.
  fileprivate func hasEffect(by frequencies: ArrayCall.Frequencies) -> Bool {
    self != .overflowingProducts || frequencies == .yarn
  }
}
