import Diagnosis
import Foundation
import Goldens
import RoPE

extension PlantedMistake {
  /// Single mistakes.
  static let singles: [PlantedMistake] = gains + turns + replacements + structures

  // MARK: Gains

  private static func gain(_ factor: Double) -> PlantedMistake {
    var planted = PlantedMistake(
      "\(factor) times the result", names: factor == -1 ? ["negated"] : [], [.gain(.planted(factor))])
    planted.result = { _, _, value in value * factor }
    return planted
  }

  private static let gains: [PlantedMistake] = [
    gain(1.5), gain(-1), gain(0.25), gain(1.01), gain(3),
    gain(2).only(.key).named(["key-doubled"]), gain(0.5).only(.query), gain(1.25).head(1), gain(1.5).pair(3),
    gain(1.5).pair(0), gain(-1).output(0), gain(-1).output(1), gain(1.5).output(1), gain(1.1).lastToken,
    gain(4).headsFrom1,
  ]

  // MARK: Turns

  private static func turn(
    _ name: String, names: [String] = [], _ changes: [MeasuredChange] = [],
    _ turn: @escaping @Sendable (PlantedCall, TensorName, Int, Int) -> Double?
  ) -> PlantedMistake {
    var planted = PlantedMistake(name, names: names, changes)
    planted.turn = turn
    return planted
  }

  private static func shift(_ shift: Double, names: [String] = []) -> PlantedMistake {
    turn("position \(shift > 0 ? "+" : "")\(shift)", names: names, [.shift(.planted(shift))]) { call, _, _, pair in
      shift * call.frequencies[pair]
    }
  }

  private static func multiple(_ factor: Double) -> PlantedMistake {
    turn("\(factor) times the position", [.multiple(.planted(factor))]) { call, tensor, token, pair in
      (factor - 1) * call.position(tensor, token, pair) * call.frequencies[pair]
    }
  }

  private static func frequency(
    _ name: String, names: [String] = [], _ changes: [MeasuredChange] = [],
    _ wrong: @escaping @Sendable (PlantedCall, Int) -> Double?
  ) -> PlantedMistake {
    turn(name, names: names, changes) { call, tensor, token, pair in
      wrong(call, pair).map { ($0 - call.frequencies[pair]) * call.position(tensor, token, pair) }
    }
  }

  private static func positionOf(
    _ name: String, names: [String] = [], _ token: @escaping @Sendable (PlantedCall, Int) -> Int?
  ) -> PlantedMistake {
    turn(name, names: names) { call, tensor, own, pair in
      token(call, own).map {
        (call.position(tensor, $0, pair) - call.position(tensor, own, pair)) * call.frequencies[pair]
      }
    }
  }

  private static func ofAxis(_ axis: Int) -> @Sendable (PlantedCall, Int) -> Bool {
    { call, pair in call.golden.plan.pairs[pair].axis == axis }
  }

  private static let turns: [PlantedMistake] = [
    shift(-1, names: ["position-minus-one"]), shift(1, names: ["position-plus-one"]), shift(2.5), shift(-3),
    shift(1).only(.key), shift(-1).only(.query), shift(7).lastToken, shift(1).head(0), shift(100).headsFrom1,
    multiple(1.5), multiple(2), multiple(0.5), multiple(-1).named(["sine-negated"]),
    multiple(0).named(["nothing-rotated", "frequencies-zero"]), multiple(1.5).only(.key),
    multiple(1.5).axis(0), multiple(1.5).axis(1), multiple(0).axis(1), multiple(2).axis(2), multiple(0.5).axis(0),
    multiple(1.25).head(0), multiple(3).pair(2),
    frequency("inverse frequencies", names: ["frequencies-inverted"]) { call, pair in
      call.frequencies[pair] == 0 ? nil : 1 / call.frequencies[pair]
    },
    frequency("the last pair has the frequency of the one before", names: ["last-frequency-repeated"]) { call, pair in
      pair == call.pairCount - 1 ? call.frequencies[pair - 1] : call.frequencies[pair]
    },
    frequency("pair 5 has the frequency of pair 2") { call, pair in call.frequencies[pair == 5 ? 2 : pair] }.pair(5),
    frequency("pair 4 has the frequency of pair 5") { call, pair in call.frequencies[pair == 4 ? 5 : pair] }.pair(4),
    frequency("frequencies 1.1 times", [.frequencyMultiple(.planted(1.1))]) { call, pair in 1.1 * call.frequencies[pair]
    },
    frequency("frequencies 0.5 times", [.frequencyMultiple(.planted(0.5))]) { call, pair in 0.5 * call.frequencies[pair]
    }.only(.key),
    base(1.1), base(0.5), base(2).only(.key),
    positionOf("position of the token before", names: ["previous-token"]) { call, token in
      token % call.sequence == 0 ? token : token - 1
    }.possible { $0.sequence > 2 },
    positionOf("position of the token after") { call, token in
      token % call.sequence == call.sequence - 1 ? token : token + 1
    }.possible { $0.sequence > 2 },
    positionOf("positions of batch row 0", names: ["first-row-for-batch"]) { call, token in token % call.sequence }
      .possible { $0.workload.batch > 1 },
    turn("position of axis 0", names: ["first-axis-only"]) { call, tensor, token, pair in
      (call.position(tensor, token, pair, axis: 0) - call.position(tensor, token, pair)) * call.frequencies[pair]
    }.possible { $0.axisCount > 1 },
    turn("every token at position 3", [.position(.planted(3))]) { call, tensor, token, pair in
      (3 - call.position(tensor, token, pair)) * call.frequencies[pair]
    }.possible { call in Set(call.tensors[0].positions.values).count > 1 },
  ]

  private static func base(_ factor: Double) -> PlantedMistake {
    frequency("base \(factor) times") { call, pair in
      guard let configuration = call.golden.goldenCase.convention.configuration, configuration.scaling == .none else {
        return nil
      }
      let exponent = log(configuration.base * factor) / log(configuration.base), right = call.frequencies[pair]
      return right.sign == .minus ? -pow(-right, exponent) : pow(right, exponent)
    }.possible { $0.golden.goldenCase.convention.configuration?.scaling == FrequencyScaling.none && $0.axisCount == 1 }
  }

  // MARK: Replacements

  private static func replaced(
    _ name: String, names: [String] = [], _ result: @escaping @Sendable (Pair, SIMD2<Double>) -> SIMD2<Double>
  ) -> PlantedMistake {
    var planted = PlantedMistake(name, names: names)
    planted.result = { result($1, $2) }
    return planted
  }

  private static let unrotated = replaced("not rotated", names: ["nothing-rotated"]) { pair, _ in pair.input }
  private static let zero = replaced("zero", names: ["all-zero"]) { _, _ in .zero }
  private static let exchanged = replaced("outputs exchanged", names: ["outputs-exchanged"]) { _, value in
    SIMD2(value.y, value.x)
  }
  /// Wrong in a way that nothing names.
  private static let odd = {
    var odd = replaced("a half added") { _, value in value + SIMD2(0.5, 0.5) }
    odd.isNameless = true
    return odd
  }()

  private static let replacements: [PlantedMistake] = [
    unrotated, zero, exchanged, unrotated.only(.key).named(["key-left-out"]), zero.only(.query), exchanged.only(.key),
    unrotated.head(1), unrotated.lastToken, unrotated.headsFrom1, unrotated.pair(1), zero.pair(6),
    unrotated.tokensFrom1024,
    unrotated.within("heads 1 to 3 of each 4") { $1.head % 4 != 0 }
      .possible { $0.workload.queryHeads >= 16 },
    unrotated.within("batch rows from 4 on") { $1.token / $0.sequence >= 4 }.possible { $0.workload.batch > 5 },
    odd.head(1), odd.pair(3), odd.lastToken, odd.only(.key).head(0), odd.output(0).pair(2), odd.tokensFrom1024,
  ]

  // MARK: Structures

  private static let structures: [PlantedMistake] = {
    var swapped = PlantedMistake("the other pairing", names: ["pairing-swapped"])
    swapped.pairs = { call, _ in call.pairsOfOtherPairing }
    swapped.isPossible = { $0.pairsOfOtherPairing != nil }
    return [swapped, swapped.only(.key)]
  }()
}

extension PlantedMistake {
  func named(_ names: [String]) -> PlantedMistake {
    var named = self
    named.names += names
    return named
  }

  func possible(_ isPossible: @escaping @Sendable (PlantedCall) -> Bool) -> PlantedMistake {
    var conditional = self
    let before = self.isPossible
    conditional.isPossible = { before($0) && isPossible($0) }
    return conditional
  }

  func head(_ head: Int) -> PlantedMistake {
    within("head \(head) of Q") { $1.tensor == .query && $1.head == head }
      .possible { $0.workload.queryHeads > max(1, head) }
  }

  var headsFrom1: PlantedMistake {
    within("heads from 1 on") { $1.head >= 1 }.possible { $0.workload.queryHeads > 1 && $0.workload.keyHeads > 1 }
  }

  func pair(_ pair: Int) -> PlantedMistake {
    within(pairs: "pair \(pair)") { $1 == pair }.possible { $0.pairCount > max(1, pair) }
  }

  func axis(_ axis: Int) -> PlantedMistake {
    within(pairs: "axis \(axis)") { call, pair in call.golden.plan.pairs[pair].axis == axis }
      .possible { $0.axisCount > max(1, axis) }
  }

  func output(_ output: Int) -> PlantedMistake {
    var confined = within("output \(output)") { _, _ in true }
    let isHit = isHit
    confined.isHit = { isHit($0, $1, $2, $3) && $3 == output }
    return confined
  }

  var lastToken: PlantedMistake {
    within("last token of each row") { $1.token % $0.sequence == $0.sequence - 1 }.possible { $0.sequence > 1 }
  }

  var tokensFrom1024: PlantedMistake {
    within("tokens from 1024 on") { $1.token % $0.sequence >= 1024 }.possible { $0.sequence > 1024 }
  }
}

extension PlantedCall {
  /// The pairs with neighbouring channels where the model has halves, or the reverse; nil for other conventions.
  var pairsOfOtherPairing: [Plan.Pair]? {
    guard let configuration = golden.goldenCase.convention.configuration,
      configuration.pairing == configuration.outputPairing
    else { return nil }
    var other = configuration
    other.pairing = configuration.pairing == .half ? .interleaved : .half
    other.outputPairing = other.pairing
    let pairs = (try? Plan(other, length: 1))?.running(workload.direction).pairs
    return pairs?.count == pairCount && pairCount > 1 ? pairs : nil
  }
}

extension Fitted {
  /// A number without error.
  fileprivate static func planted(_ value: Double) -> Fitted { Fitted(value, uncertainty: 0) }
}
