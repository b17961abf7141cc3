import Diagnosis
import Goldens
import RoPE

/// A mistake that is planted to see what the diagnosis says, with what is true of it.
///
/// It shares no code with the mistakes of the catalogue: outputs are the exact ones, turned, scaled or replaced in
/// float64.
struct PlantedMistake: Sendable {
  /// One pair of one row of the call.
  struct Pair {
    let row: RowIndex
    let pair: Int
    let input: SIMD2<Double>
    let exact: SIMD2<Double>
  }

  let name: String
  /// The pairs that are wrong, and which of their outputs.
  var isHit: @Sendable (PlantedCall, RowIndex, _ pair: Int, _ output: Int) -> Bool = { _, _, _, _ in true }
  /// The channels of each pair, where they are not the right ones.
  var pairs: (@Sendable (PlantedCall, TensorName) -> [Plan.Pair]?)?
  /// The angle beyond the right one in radians, of a pair of a token; nil if the call cannot have the mistake.
  var turn: (@Sendable (PlantedCall, TensorName, _ token: Int, _ pair: Int) -> Double?)?
  /// The outputs of a pair, from those that turned right or wrong before.
  var result: (@Sendable (PlantedCall, Pair, SIMD2<Double>) -> SIMD2<Double>)?
  /// The changes with numbers that a diagnosis may say.
  var changes: [MeasuredChange] = []
  /// Names of the catalogue that are this mistake.
  var names: [String] = []
  /// True if no statement can say more than the place.
  var isNameless = false
  /// True if the call can have the mistake.
  var isPossible: @Sendable (PlantedCall) -> Bool = { _ in true }

  init(_ name: String, names: [String] = [], _ changes: [MeasuredChange] = []) {
    self.name = name
    self.names = names
    self.changes = changes
  }

  /// The number that was planted, if one of the kind of a change was.
  func number(of change: MeasuredChange) -> Double? {
    changes.lazy.filter { change.replacing(.zero) == $0.replacing(.zero) }.compactMap(\.value?.value).first
  }

  /// Both mistakes at once, the other one's results after this one's.
  func and(_ other: PlantedMistake) -> PlantedMistake {
    var both = PlantedMistake("\(name) + \(other.name)", names: names + other.names, changes + other.changes)
    let parts = [self, other]
    both.isNameless = isNameless || other.isNameless
    both.isPossible = { call in parts.allSatisfy { $0.isPossible(call) } }
    both.isHit = { call, row, pair, output in parts.contains { $0.isHit(call, row, pair, output) } }
    both.pairs = { call, tensor in
      parts.lazy.filter { $0.isHit(call, RowIndex(tensor: tensor, token: 0, head: 0), 0, 0) }
        .compactMap { $0.pairs?(call, tensor) }.first
    }
    both.turn = { call, tensor, token, pair in
      let row = RowIndex(tensor: tensor, token: token, head: 0)
      var sum = 0.0
      for part in parts where part.isHit(call, row, pair, 0) {
        guard let turn = part.turn else { continue }
        guard let angle = turn(call, tensor, token, pair) else { return nil }
        sum += angle
      }
      return sum
    }
    both.result = { call, pair, value in
      parts.reduce(value) { value, part in
        guard let result = part.result, part.isHit(call, pair.row, pair.pair, 0) else { return value }
        return result(call, pair, value)
      }
    }
    return both
  }

  /// The mistake in one tensor alone.
  func only(_ tensor: TensorName) -> PlantedMistake { within("only in \(tensor.rawValue)") { $1.tensor == tensor } }

  /// The mistake in some rows alone.
  func within(_ name: String, _ isInside: @escaping @Sendable (PlantedCall, RowIndex) -> Bool) -> PlantedMistake {
    var confined = PlantedMistake("\(self.name), \(name)", names: [], changes)
    (confined.pairs, confined.turn, confined.result) = (pairs, turn, result)
    (confined.isPossible, confined.isNameless) = (isPossible, isNameless)
    let isHit = isHit
    confined.isHit = { isHit($0, $1, $2, $3) && isInside($0, $1) }
    return confined
  }

  /// The mistake in some pairs alone.
  func within(pairs name: String, _ isInside: @escaping @Sendable (PlantedCall, Int) -> Bool) -> PlantedMistake {
    var confined = within(name, { _, _ in true })
    let isHit = isHit
    confined.isHit = { isHit($0, $1, $2, $3) && isInside($0, $2) }
    return confined
  }
}

/// The facts of a call that planted mistakes use.
struct PlantedCall: Sendable {
  let golden: Golden
  /// Radians per position of each pair.
  let frequencies: [Double]
  let tensors: [TensorExtent]

  init(_ golden: Golden) {
    self.golden = golden
    frequencies = golden.inverseFrequencies
    tensors = golden.tensors
  }

  var pairCount: Int { golden.plan.pairs.count }
  var axisCount: Int { golden.plan.axisCount }
  var workload: Workload { golden.goldenCase.workload }

  func extent(_ tensor: TensorName) -> TensorExtent { tensors.first { $0.name == tensor } ?? tensors[0] }

  /// The position as the call gives it: in the backward pass, positions are negated.
  func position(_ tensor: TensorName, _ token: Int, _ pair: Int, axis: Int? = nil) -> Double {
    (workload.direction == .forward ? 1 : -1) * extent(tensor).positions[axis ?? golden.plan.pairs[pair].axis, token]
  }

  /// The tokens of one row of the batch.
  var sequence: Int { workload.sequence }
}
