import Diagnosis
import Foundation
import Goldens
import RoPE

/// A mistake that is planted to see what the diagnosis says, with what is true of it.
///
/// It shares no code with the mistakes of the catalogue: outputs are the exact ones, turned, scaled or replaced in
/// float64.
struct PlantedMistake: Sendable {
  /// One pair of one row of the call, and its right result.
  struct Pair: Sendable {
    let row: RowIndex
    let pair: Int
    let input: SIMD2<Double>
    let exact: SIMD2<Double>
  }

  var name: String
  /// The elements that are wrong: pair and output of a rotated one; the pair of a copied one is nil.
  var isHit: @Sendable (PlantedCall, RowIndex, _ pair: Int?, _ output: Int) -> Bool = { _, _, pair, _ in pair != nil }
  /// The exact results that it changes; nil for all.
  var changesValue: (@Sendable (ElementType, Double) -> Bool)?
  /// The wrong pairs, or the pairs by whose angles others turn.
  var structure: (@Sendable (PlantedCall) -> PlantedStructure?)?
  /// The angle beyond the right one in radians, of a pair of a token; nil if the call cannot have the mistake.
  var turn: (@Sendable (PlantedCall, TensorName, _ token: Int, _ pair: Int) -> Double?)?
  /// The outputs of a pair, from those that turned right or wrong before.
  var result: (@Sendable (PlantedCall, Pair, SIMD2<Double>) -> SIMD2<Double>)?
  /// An error of the outputs, as a multiple of the largest that is allowed.
  var limits = 0.0
  /// The bits of copied elements that it changes.
  var copiedBits: UInt32 = 0
  /// The changes with numbers that a diagnosis may say.
  var changes: @Sendable (PlantedCall) -> [MeasuredChange]
  /// Names of the catalogue that are this mistake.
  var names: [String] = []
  /// True if no statement can say more than the place.
  var isNameless = false
  /// True if it is no more than rounding.
  var isRounding = false
  /// True if the call can have the mistake.
  var isPossible: @Sendable (PlantedCall) -> Bool = { _ in true }
  /// The mistakes that were planted at once; empty for a single one.
  private var together: [PlantedMistake] = []

  init(_ name: String, names: [String] = [], _ changes: [MeasuredChange] = []) {
    self.name = name
    self.names = names
    self.changes = { _ in changes }
  }

  /// The mistakes that a diagnosis has to tell one by one.
  var parts: [PlantedMistake] { together.isEmpty ? [self] : together }

  /// Indicates whether a call can have every part.
  func canBe(in call: PlantedCall) -> Bool {
    parts.allSatisfy { part in
      part.isPossible(call) && part.turn.map { $0(call, call.tensors[0].name, 0, 0) != nil } ?? true
    }
  }

  /// The outputs of a pair with the mistake, from its input and right result.
  func value(_ call: PlantedCall, _ pair: Pair) -> SIMD2<Double> {
    parts.reduce(pair.exact) { value, part in
      let isHit = (part.isHit(call, pair.row, pair.pair, 0), part.isHit(call, pair.row, pair.pair, 1))
      guard isHit.0 || isHit.1 else { return value }
      var wrong = value
      if let angle = part.turn?(call, pair.row.tensor, pair.row.token, pair.pair) {
        wrong = wrong.turned(SIMD2(cos(angle), sin(angle)))
      }
      wrong = part.result?(call, pair, wrong) ?? wrong
      if part.limits != 0 { wrong += part.limits * call.limits(of: pair) }
      return SIMD2(isHit.0 ? wrong.x : value.x, isHit.1 ? wrong.y : value.y)
    }
  }

  /// Both mistakes at once, the other one's results after this one's.
  func and(_ other: PlantedMistake) -> PlantedMistake {
    var both = PlantedMistake("\(name) + \(other.name)")
    let parts = parts + other.parts
    both.together = parts
    both.isHit = { call, row, pair, output in parts.contains { $0.isHit(call, row, pair, output) } }
    return both
  }

  /// The mistake in one tensor alone.
  func only(_ tensor: TensorName) -> PlantedMistake {
    within("only in \(tensor.rawValue)") { $1.tensor == tensor }.possible { call in
      call.tensors.contains { $0.name == tensor }
    }
  }

  /// The mistake in some elements alone, under another name, so that the catalogue has no name for it.
  func within(
    _ name: String, element isInside: @escaping @Sendable (PlantedCall, RowIndex, Int?, Int) -> Bool
  ) -> PlantedMistake {
    var confined = self
    confined.name = "\(self.name), \(name)"
    confined.names = []
    let isHit = isHit
    confined.isHit = { isHit($0, $1, $2, $3) && isInside($0, $1, $2, $3) }
    return confined
  }

  /// The mistake in some rows alone.
  func within(_ name: String, _ isInside: @escaping @Sendable (PlantedCall, RowIndex) -> Bool) -> PlantedMistake {
    within(name, element: { call, row, _, _ in isInside(call, row) })
  }

  /// The mistake in some pairs alone.
  func within(pairs name: String, _ isInside: @escaping @Sendable (PlantedCall, Int) -> Bool) -> PlantedMistake {
    within(name, element: { call, _, pair, _ in pair.map { isInside(call, $0) } ?? false })
  }

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
}

extension SIMD2<Double> {
  /// The pair times a cosine and sine.
  func turned(_ turn: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(x * turn.x - y * turn.y, y * turn.x + x * turn.y)
  }

  /// The length of the pair.
  var size: Double { (self * self).sum().squareRoot() }
}
