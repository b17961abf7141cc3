import RoPE

/// One pair of one head of one token.
struct PairIndex {
  let row: RowIndex
  let pair: Int
}

/// Two values of a pair.
struct PairValues {
  let first: Double
  let second: Double

  var norm: Double { (first * first + second * second).squareRoot() }

  func dot(_ other: PairValues) -> Double { first * other.first + second * other.second }

  /// `|self − factor·other|`, in the plane.
  func distance(to other: PairValues, times factor: Double = 1) -> Double {
    PairValues(first: first - factor * other.first, second: second - factor * other.second).norm
  }
}

/// The values of Q and K.
struct HeadValues {
  private let values: PerTensor<[Double]>
  private let dimension: Int

  init(_ tensors: PerTensor<ElementArray>, _ plan: Plan) {
    values = tensors.map(\.values)
    dimension = plan.headDimension
  }

  /// The values of two channels in the row of a pair.
  func pair(_ place: PairIndex, _ channels: Plan.Channels) -> PairValues {
    let row = (place.row.token * InvariantTrial.heads[place.row.tensor] + place.row.head) * dimension
    let values = values[place.row.tensor]
    return PairValues(first: values[row + channels.first], second: values[row + channels.second])
  }
}

/// A deviation and the largest that is allowed.
typealias Measure = (deviation: Double, limit: Double)

extension InvariantTrial {
  /// The largest deviation over every pair of every head and token.
  func largest(_ measure: (PairIndex) -> Measure) -> InvariantDeviation? {
    let found = TensorName.rotated.flatMap { tensor in
      (0..<Self.tokenCount).flatMap { token in
        (0..<Self.heads[tensor]).flatMap { head in
          plan.pairs.indices.map { pair in
            let row = RowIndex(tensor: tensor, token: token, head: head)
            let (deviation, limit) = measure(PairIndex(row: row, pair: pair))
            return InvariantDeviation(
              deviation, limit: limit, tensor, pair: pair, position: positions[plan.pairs[pair].axis, token],
              head: head)
          }
        }
      }
    }
    return found.max { $0.severity < $1.severity }
  }
}
