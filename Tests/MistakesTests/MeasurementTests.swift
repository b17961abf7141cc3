import Diagnosis
import Foundation
import Goldens
import Judging
import RoPE
import Testing

@testable import Laboratory

@Suite struct MeasurementTests {
  private static let prompt = "glm-4.5/f32/prompt/position"

  /// The statements on a planted mistake of one run.
  private func statements(_ planted: PlantedMistake, _ name: String) throws -> [Statement] {
    let (golden, rule) = try Committed.shared.golden(name)
    return try judged(PlantedBackend(planted, golden, rule.budget), on: golden, rule, runCount: 1).diagnosis?.statements
      ?? []
  }

  private static func turned(
    _ turn: @escaping @Sendable (PlantedCall, TensorName, _ token: Int, _ pair: Int) -> Double
  ) -> PlantedMistake {
    var planted = PlantedMistake("turned")
    planted.turn = turn
    return planted
  }

  private static func replaced(
    _ result: @escaping @Sendable (PlantedMistake.Pair, SIMD2<Double>) -> SIMD2<Double>
  ) -> PlantedMistake {
    var planted = PlantedMistake("replaced")
    planted.result = { result($1, $2) }
    return planted
  }

  // MARK: Numbers

  private static let numbers: [(planted: PlantedMistake, change: MeasuredChange, number: Double)] = [
    (replaced { $1 * 1.37 }, .gain(.zero), 1.37),
    (replaced { $1 * -0.73 }, .gain(.zero), -0.73),
    (turned { call, _, _, pair in 1.75 * call.frequencies[pair] }, .shift(.zero), 1.75),
    (turned { call, _, _, pair in -6 * call.frequencies[pair] }, .shift(.zero), -6),
    (
      turned { call, tensor, token, pair in 0.375 * call.position(tensor, token, pair) * call.frequencies[pair] },
      .multiple(.zero), 1.375
    ),
    (
      turned { call, tensor, token, pair in (9.5 - call.position(tensor, token, pair)) * call.frequencies[pair] },
      .position(.zero), 9.5
    ),
    (
      turned { call, tensor, token, pair in
        let right = call.frequencies[pair], base = call.golden.goldenCase.convention.configuration?.base ?? 0
        return call.position(tensor, token, pair) * (pow(right, log(12_345) / log(base)) - right)
      }, .base(.zero, instead: 1_000_000), 12_345
    ),
  ]

  @Test("A number that is not finite has one digit", arguments: [Double.infinity, -.infinity, .nan])
  func notFinite(_ value: Double) {
    for number in [Fitted(value, uncertainty: value), Fitted(value, uncertainty: 1), Fitted(1, uncertainty: value)] {
      #expect(number.digits == 1 || number.value.isFinite)
    }
  }

  @Test("A number is measured to at least three digits, and is right to the digits that it has", arguments: 0..<7)
  func number(_ index: Int) throws {
    let (planted, change, number) = Self.numbers[index]
    let found = try statements(planted, Self.prompt), measured = try #require(found.first).cause.measured
    #expect(found.map(\.tensors) == [[.query, .key]] && found.map(\.place) == [nil], "\(found)")
    #expect(measured.map { $0.replacing(.zero) } == [change], "\(found)")
    let value = try #require(measured.first?.value)
    #expect(value.digits >= 3, "\(found)")
    #expect((value.value - number).magnitude <= value.uncertainty, "\(found)")
    let unit = pow(10, floor(log10(number.magnitude)) - Double(value.digits - 1))
    #expect((value.shown - number).magnitude <= 1.5 * unit, "\(found)")
  }

  @Test("The digits are those that the data support: fewer in 16 bits than in 32")
  func digits() throws {
    let planted = Self.replaced { $1 * 1.37 }
    let digits = try [Self.prompt, "glm-4.5/bf16/prompt/position"].map { name in
      try #require(try statements(planted, name).first?.cause.measured.first?.value).digits
    }
    #expect(digits[0] > digits[1] && digits[1] >= 3, "\(digits)")
  }

  // MARK: Changes without a number that is fitted

  private static let kinds: [(planted: PlantedMistake, name: String, change: MeasuredChange)] = [
    (replaced { pair, _ in pair.input }.head(0), prompt, .unrotated),
    (replaced { _, _ in .zero }.head(0), prompt, .zero),
    (replaced { _, value in SIMD2(value.y, value.x) }.head(0), prompt, .exchanged),
    (replaced { _, value in value * -1 }.output(0).head(0), prompt, .negated(output: 0)),
    (replaced { _, value in value * -1 }.output(1).head(0), prompt, .negated(output: 1)),
    (
      turned { call, tensor, token, pair in -2 * call.position(tensor, token, pair) * call.frequencies[pair] }.head(0),
      prompt, .opposite
    ),
    (
      turned { call, tensor, token, pair in
        let other = token % call.sequence == 0 ? token : token - 1
        return (call.position(tensor, other, pair) - call.position(tensor, token, pair)) * call.frequencies[pair]
      }.head(0), "glm-4.5/f32/batch/position", .otherToken(-1)
    ),
    (
      turned { call, tensor, token, pair in
        (call.position(tensor, token % call.sequence, pair) - call.position(tensor, token, pair))
          * call.frequencies[pair]
      }.head(0), "glm-4.5/f32/batch/position", .otherBatchRow(0)
    ),
    (
      turned { call, tensor, token, pair in
        (call.position(tensor, token, pair, axis: 0) - call.position(tensor, token, pair)) * call.frequencies[pair]
      }.head(0), "wan-2.1/f32/prompt/position", .otherAxis(0)
    ),
    (
      turned { call, tensor, token, pair in
        call.position(tensor, token, pair) * (1 / call.frequencies[pair] - call.frequencies[pair])
      }.head(0), prompt, .inverseFrequency
    ),
    // Frequencies of one ratio would be as well a multiple of the position.
    (
      turned { call, tensor, token, pair in
        call.position(tensor, token, pair) * (call.frequencies[max(0, pair - 1)] - call.frequencies[pair])
      }.head(0), "llama-3.1-8b/f32/prompt/position", .otherPair(-1)
    ),
    // Where results are scaled, an angle of 0 is not the same as no rotation.
    (
      turned { call, tensor, token, pair in -call.position(tensor, token, pair) * call.frequencies[pair] }.head(0),
      "qwen2.5-7b-yarn/f32/prompt/position", .noAngle
    ),
  ]

  @Test("A change without a number is measured, in the part of the tensor that has it", arguments: 0..<12)
  func kind(_ index: Int) throws {
    let (planted, name, change) = Self.kinds[index]
    let found = try statements(planted, name), statement = try #require(found.first)
    #expect(found.count == 1 && statement.cause.measured == [change], "\(found)")
    #expect(statement.tensors == [.query] && statement.place?[.head] == [0], "\(found)")
  }

  @Test("A place is the smallest part that is wrong: the pairs of one axis, the last tokens, every fourth head")
  func places() throws {
    let zero = Self.replaced { _, _ in .zero }
    func place(_ planted: PlantedMistake, _ name: String) throws -> String? {
      try #require(try statements(planted, name).first).place?.description
    }
    #expect(try place(zero.axis(1), "wan-2.1/f32/prompt/position") == "position axis 1 of 3")
    #expect(try place(zero.lastToken, Self.prompt) == "token 4 of 5")
    let heads = "array-half-576r64o512-yarn/f32/b5-s3-h32x8-bhsd-backward-after-cache-special-copies/table"
    let (golden, rule) = try Committed.shared.golden(heads)
    let backend = PlantedBackend(
      zero.within("every fourth head") { $1.tensor == .query && $1.head % 4 != 0 }, golden, rule.budget)
    let found = try judged(backend, on: golden, rule, runCount: 1).diagnosis?.statements ?? []
    #expect(found.map(\.place?.description) == ["heads 1 to 3 of each 4"], "\(found)")
    #expect(found.map(\.cause.measured) == [[.zero]], "\(found)")
  }

  // MARK: Two at once

  @Test("A wrong angle and a wrong factor are measured at once")
  func angleAndFactor() throws {
    var planted = Self.turned { call, _, _, pair in 2.5 * call.frequencies[pair] }
    planted.result = { $2 * 1.25 }
    let found = try statements(planted, Self.prompt), changes = found.flatMap(\.cause.measured)
    #expect(changes.map { $0.replacing(.zero) } == [.shift(.zero), .gain(.zero)], "\(found)")
    #expect(changes.map { $0.value?.shown } == [2.5, 1.25], "\(found)")
  }

  @Test("A known mistake of pairing is named together with a measured change")
  func pairingAndShift() throws {
    var planted = Self.turned { call, _, _, pair in 2.5 * call.frequencies[pair] }
    planted.structure = { $0.otherPairing }
    let found = try statements(planted, Self.prompt)
    #expect(found.flatMap(\.cause.mistakes).map(\.name) == ["pairing-swapped"], "\(found)")
    #expect(found.flatMap(\.cause.measured).map { $0.value?.shown } == [2.5], "\(found)")
    #expect(found.map(\.tensors) == [[.query, .key]], "\(found)")
  }

  @Test("One mistake in Q and another in K are two statements")
  func oneInEach() throws {
    let planted = Self.turned { call, _, _, pair in 2.5 * call.frequencies[pair] }.only(.query)
      .and(Self.replaced { $1 * 0.75 }.only(.key))
    let found = try statements(planted, Self.prompt)
    #expect(found.map(\.tensors) == [[.query], [.key]], "\(found)")
    #expect(
      found.map { $0.cause.measured.map { $0.replacing(.zero) } } == [[.shift(.zero)], [.gain(.zero)]], "\(found)")
  }

  // MARK: Rounding of the numbers

  @Test(
    "A number is shown to the digits that its uncertainty leaves, from one to nine",
    arguments: [
      (1.23456, 0.0012, 1.23, 3), (-1.23456, 0.0012, -1.23, 3), (1.5, 1e-20, 1.5, 9), (0.000123456, 1e-8, 0.0001235, 4),
      (12_345, 20, 12_000, 2), (7, 9, 7, 1), (0, 0, 0, 9), (0, 1, 0, 1), (99.96, 0.01, 100, 3),
    ])
  func shown(_ value: Double, _ uncertainty: Double, _ shown: Double, _ digits: Int) {
    let fitted = Fitted(value, uncertainty: uncertainty)
    #expect(fitted.digits == digits)
    #expect((fitted.shown - shown).magnitude <= 1e-12 * shown.magnitude)
  }

  @Test("Nothing that is said of mistakes planted in a small case is false", .timeLimit(.minutes(5)))
  func truths() throws {
    let trial = try PlantedTrial(on: [try Committed.shared.golden(Self.prompt)])
    #expect(trial.planted(pairs: false).count > 30 && trial.planted(pairs: true).count > 10)
    #expect(trial.falsehoods.isEmpty, "\(trial.falsehoods.joined(separator: "\n"))")
  }
}
