import RoPE

/// One pair of one head of one token.
struct PairPlace {
  let tensor: TensorName
  let token: Int
  let head: Int
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
  private let query: [Double]
  private let key: [Double]
  private let dimension: Int

  init(_ tensors: HeadPair, _ plan: Plan) {
    query = tensors.query.values
    key = tensors.key.values
    dimension = plan.headDimension
  }

  /// Two channels at a place.
  func pair(_ place: PairPlace, _ channels: Plan.Channels) -> PairValues {
    let isQuery = place.tensor == .query
    let heads = isQuery ? InvariantTrial.queryHeads : InvariantTrial.keyHeads
    let row = (place.token * heads + place.head) * dimension
    let values = isQuery ? query : key
    return PairValues(first: values[row + channels.first], second: values[row + channels.second])
  }
}

/// A deviation beside the largest that is allowed.
typealias Measure = (deviation: Double, limit: Double)

extension InvariantTrial {
  /// The largest deviation over every pair of every head and token.
  func largest(_ measure: (PairPlace) -> Measure) -> InvariantDeviation? {
    let found = [(TensorName.query, Self.queryHeads), (.key, Self.keyHeads)].flatMap { tensor, heads in
      (0..<Self.tokenCount).flatMap { token in
        (0..<heads).flatMap { head in
          plan.pairs.indices.map { pair in
            let place = PairPlace(tensor: tensor, token: token, head: head, pair: pair)
            let (deviation, limit) = measure(place)
            return InvariantDeviation(
              deviation, limit: limit, tensor, pair: pair, position: position(positions, token: token, pair: pair),
              head: head)
          }
        }
      }
    }
    return found.max { $0.severity < $1.severity }
  }
}
