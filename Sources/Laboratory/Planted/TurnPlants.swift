import Diagnosis
import Foundation
import Goldens
import RoPE

/// Mistakes of positions and frequencies.
extension PlantedMistake {
  static let turns: [PlantedMistake] = [
    shift(-1, names: ["position-minus-one"]), shift(1, names: ["position-plus-one"]), shift(2.5), shift(-3),
    shift(1).only(.key), shift(-1).only(.query), shift(7).lastToken, shift(1).head(0), shift(100).headsFrom1,
    multiple(1.5), multiple(2), multiple(0.5), multiple(-1).named(["sine-negated"]),
    multiple(0).named(["nothing-rotated", "frequencies-zero"]), multiple(1.5).only(.key),
    multiple(1.5).axis(0), multiple(1.5).axis(1), multiple(0).axis(1), multiple(2).axis(2), multiple(0.5).axis(0),
    shift(5).axis(1), shift(-1).axis(2),
    multiple(1.25).head(0), multiple(3).pair(2), shift(1).pair(3), multiple(-1).pair(3).batchRow(1),
    frequency("inverse frequencies", names: ["frequencies-inverted"]) { call, pair in
      call.frequencies[pair] == 0 ? nil : 1 / call.frequencies[pair]
    },
    frequency("frequency of the pair before") { call, pair in call.frequencies[max(0, pair - 1)] }
      .lastPair.named(["last-frequency-repeated"]),
    frequency("frequency of pair 2") { call, _ in call.frequencies[2] }.pair(5),
    frequency("frequency of pair 5") { call, _ in call.frequencies[5] }.pair(4).possible { $0.pairCount > 5 },
    multipleOfFrequency(1.1), multipleOfFrequency(0.5).only(.key), multipleOfFrequency(1.001).lastPair,
    multipleOfFrequency(3).lastPair,
    base(1.1), base(0.5), base(2).only(.key), base(1.000001), base(0.999999), float32Frequencies,
    positionOf("position of the token before", names: ["previous-token"]) { call, token, sequence in
      token % sequence == 0 ? token : token - 1
    }.possible { $0.sequence > 2 },
    positionOf("position of the token after") { call, token, sequence in
      token % sequence == sequence - 1 ? token : token + 1
    }.possible { $0.sequence > 2 },
    positionOf("positions of batch row 0", names: ["first-row-for-batch"]) { $1 % $2 }
      .possible { $0.workload.batch > 1 },
    turn("position of axis 0", names: ["first-axis-only"]) { call, tensor, token, pair in
      (call.position(tensor, token, pair, axis: 0) - call.position(tensor, token, pair)) * call.frequencies[pair]
    }.possible { $0.axisCount > 1 },
    turn("every token at position 3", [.position(.planted(3))]) { call, tensor, token, pair in
      (3 - call.position(tensor, token, pair)) * call.frequencies[pair]
    }.possible { call in Set(call.tensors[0].positions.values).count > 1 },
    keyAtQueryPositions,
  ]

  private static func turn(
    _ name: String, names: [String] = [], _ changes: [MeasuredChange] = [],
    _ turn: @escaping @Sendable (PlantedCall, TensorName, Int, Int) -> Double?
  ) -> PlantedMistake {
    var planted = PlantedMistake(name, names: names, changes)
    planted.turn = turn
    return planted
  }

  // MARK: Positions

  private static func shift(_ shift: Double, names: [String] = []) -> PlantedMistake {
    turn("position \(shift > 0 ? "+" : "")\(shift)", names: names, [.shift(.planted(shift))]) { call, _, _, pair in
      shift * call.frequencies[pair]
    }
  }

  private static func multiple(_ factor: Double) -> PlantedMistake {
    turn("\(factor) times the position", [.multiple(.planted(factor))]) { call, tensor, token, pair in
      (factor - 1) * call.angle(tensor, token, pair)
    }
  }

  private static func positionOf(
    _ name: String, names: [String] = [],
    _ source: @escaping @Sendable (PlantedCall, _ token: Int, _ sequence: Int) -> Int
  ) -> PlantedMistake {
    turn(name, names: names) { call, tensor, own, pair in
      let token = source(call, own, call.extent(tensor).sequence)
      return (call.position(tensor, token, pair) - call.position(tensor, own, pair)) * call.frequencies[pair]
    }
  }

  /// K by the positions of the tokens of Q that have its numbers, the last for all beyond.
  private static let keyAtQueryPositions = turn("K at the positions of Q") { call, tensor, token, pair in
    let own = call.extent(.key).sequence, sequence = call.extent(.query).sequence
    guard tensor == .key else { return 0 }
    let source = token / own * sequence + min(token % own, sequence - 1)
    return (call.position(.query, source, pair) - call.position(.key, token, pair)) * call.frequencies[pair]
  }.only(.key).possible { $0.golden.keyTokens != nil }

  // MARK: Frequencies

  private static func frequency(
    _ name: String, names: [String] = [], _ changes: [MeasuredChange] = [],
    _ wrong: @escaping @Sendable (PlantedCall, Int) -> Double?
  ) -> PlantedMistake {
    turn(name, names: names, changes) { call, tensor, token, pair in
      wrong(call, pair).map { ($0 - call.frequencies[pair]) * call.position(tensor, token, pair) }
    }
  }

  private static func multipleOfFrequency(_ factor: Double) -> PlantedMistake {
    frequency("frequencies \(factor) times", [.frequencyMultiple(.planted(factor))]) { call, pair in
      factor * call.frequencies[pair]
    }
  }

  private static func base(_ factor: Double) -> PlantedMistake {
    var planted = ofBase("base \(factor) times") { base, exponent in pow(base * factor, exponent) }
    planted.changes = { call in call.base.map { [.base(.planted($0 * factor), instead: $0)] } ?? [] }
    return planted
  }

  /// The frequencies that a power in float32 gives.
  private static let float32Frequencies = {
    var planted = ofBase("frequencies by a power in float32") { base, exponent in
      Double(1 / pow(Float(base), Float(-exponent)))
    }
    planted.isRounding = true
    return planted
  }()

  /// Frequencies by a formula of the base and the right exponent.
  private static func ofBase(
    _ name: String, _ frequency: @escaping @Sendable (_ base: Double, _ exponent: Double) -> Double
  ) -> PlantedMistake {
    Self.frequency(name) { call, pair in
      call.base.map { frequency($0, log(call.frequencies[pair]) / log($0)) }
    }.possible { $0.axisCount == 1 && $0.base != nil }
  }
}

extension PlantedCall {
  /// The base of the frequencies, where they are its powers; nil otherwise.
  var base: Double? {
    guard let configuration = golden.goldenCase.convention.configuration,
      configuration.scaling == FrequencyScaling.none
    else { return nil }
    return configuration.base
  }
}

extension Fitted {
  /// A number without error.
  static func planted(_ value: Double) -> Fitted { Fitted(value, uncertainty: 0) }
}
