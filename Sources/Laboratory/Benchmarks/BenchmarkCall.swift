import Models
import Reference
import RoPE

/// The call of a shape, in two buffers: one holds Q and K, or Q, K and V of each token; the other holds the outputs.
struct BenchmarkCall {
  let call: RotationCall
  /// Bytes of Q and K together, which a copy of them moves.
  let tensorByteCount: Int
  /// The sizes of the two buffers, for any layout.
  let byteCounts: (input: Int, output: Int)

  init(_ shape: BenchmarkShape, _ model: Model, angles: Angles) throws {
    let (dimension, tokens) = (model.convention.headDimension, shape.tokens)
    // A shape's model is bundled, and every bundled model states its heads.
    let heads = model.heads ?? PerTensor(query: 1, key: 1)
    let (query, key) = (heads.query * dimension, heads.key * dimension)
    let size = shape.elementType.byteCount
    tensorByteCount = tokens * (query + key) * size
    byteCounts = (tokens * (query + 2 * key) * size, tensorByteCount)

    func tensor(heads: Int, width: Int, start: Int, offset: Int) -> RotatedTensor {
      let contiguous = Strides(batch: tokens * width, sequence: width, head: dimension)
      let token = query + 2 * key
      let fused = Strides(batch: tokens * token, sequence: token, head: dimension)
      return RotatedTensor(
        sequence: tokens, heads: heads, angles: angles,
        input: shape.layout == .contiguous
          ? TensorView(buffer: 0, offset: offset, strides: contiguous)
          : TensorView(buffer: 0, offset: start, strides: fused),
        output: TensorView(buffer: 1, offset: offset, strides: contiguous))
    }
    call = RotationCall(
      plan: try Self.plan(shape, model), elementType: shape.elementType, batch: 1,
      tensors: PerTensor(
        query: tensor(heads: heads.query, width: query, start: 0, offset: 0),
        key: tensor(heads: heads.key, width: key, start: query, offset: tokens * query)))
  }

  /// The model's plan in the shape's pairing.
  static func plan(_ shape: BenchmarkShape, _ model: Model) throws -> Plan {
    // A shape's model is bundled, and so has a configuration.
    guard var configuration = model.convention.configuration else { return try model.convention.plan() }
    (configuration.pairing, configuration.outputPairing) = (shape.pairing, shape.pairing)
    return try Plan(configuration)
  }
}

/// The angles of shapes.
///
/// Tables are kept, because exact ones take long to compute.
struct BenchmarkAngles {
  private var tables: [String: CosSinTable] = [:]
  /// The number of rows that are computed; a longer table repeats them, because the speed does not depend on the
  /// values.
  private static let rowCount = 256

  /// The angles that the contract of a shape gives.
  mutating func angles(_ shape: BenchmarkShape, _ plan: Plan) -> Angles {
    let positions = Self.positions(shape.tokens)
    switch shape.contract {
    case .unrotated: return .none
    case .position: return .positions(positions)
    case .frequency:
      let exact = ExactTables(plan)
      return .frequencies(
        exact.inverseFrequencies32(), attentionFactor: exact.attentionFactor(), positions)
    case .table:
      let rows = table(shape, plan)
      func tiled(_ values: [UInt32]) -> [UInt32] {
        var tiled: [UInt32] = []
        tiled.reserveCapacity(shape.tokens * plan.pairs.count)
        while tiled.count < shape.tokens * plan.pairs.count {
          tiled += values.prefix(shape.tokens * plan.pairs.count - tiled.count)
        }
        return tiled
      }
      let table = CosSinTable(
        type: shape.elementType, pairCount: plan.pairs.count, cosines: tiled(rows.cosines), sines: tiled(rows.sines))
      return .table(table, rows: (0..<Int32(shape.tokens)).map { $0 })
    }
  }

  private static func positions(_ count: Int) -> Positions { Positions((0..<count).map(Double.init)) }

  private mutating func table(_ shape: BenchmarkShape, _ plan: Plan) -> CosSinTable {
    let key = "\(shape.model)/\(shape.elementType)"
    if let table = tables[key] { return table }
    let table = ExactTables(plan).cosSin(positions: Self.positions(Self.rowCount), type: shape.elementType)
    tables[key] = table
    return table
  }
}
