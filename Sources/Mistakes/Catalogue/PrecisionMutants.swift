import Foundation
import Goldens
import RoPE

extension Mutant {
  static let precision: [Mutant] = [
    Mutant(.precision, "frequencies-bfloat16", ["B20", "B22"], "rounds the inverse frequencies to bfloat16") {
      $0.mapFrequencies { ElementType.bfloat16.rounded($1) }
    },
    Mutant(.precision, "frequencies-float16", ["B20"], "rounds the inverse frequencies to float16") {
      $0.mapFrequencies { ElementType.float16.rounded($1) }
    },
    Mutant(
      .precision, "running-product", [],
      "computes each frequency in float32 from the one before it, so that rounding errors add up"
    ) {
      let frequencies = $0.golden.inverseFrequencies
      guard frequencies.count > 1, frequencies[0] > 0, let configuration = $0.configuration,
        configuration.scaling == .none, configuration.axes == .single
      else { return false }
      let ratio = Float(frequencies[1] / frequencies[0])
      var product = Float(frequencies[0]), products: [Double] = []
      for _ in frequencies {
        products.append(Double(product))
        product *= ratio
      }
      return $0.derivesFrequencies && $0.mapFrequencies { index, _ in products[index] }
    },
    Mutant(.precision, "angles-bfloat16", ["B19"], "rounds angles to bfloat16") {
      $0.mapAngles { ElementType.bfloat16.rounded(Double($0)) }
    },
    Mutant(
      .precision, "fast-sine", ["B26"],
      "removes whole turns from an angle in one float32 step, as fast sine functions do"
    ) {
      $0.mapAngles { angle in
        let turns = (angle * Float(1 / (2 * Double.pi))).rounded()
        return Double(angle - turns * Float(2 * Double.pi))
      }
    },
    Mutant(.precision, "table-bfloat16", ["B24"], "rounds cosines and sines to bfloat16") {
      $0.roundTable(to: .bfloat16)
    },
    Mutant(.precision, "table-float16", ["B21", "B24"], "rounds cosines and sines to float16") {
      $0.roundTable(to: .float16)
    },
    Mutant(
      .precision, "arithmetic-in-element-type", ["B27", "B28"], "rounds every product and sum to the element type"
    ) {
      $0.rotation = { x, turn, type in
        let (c, s) = (type.rounded(turn[0]), type.rounded(turn[1]))
        func product(_ a: Double, _ b: Double) -> Double { type.rounded(a * b) }
        return SIMD2(product(x[0], c) - product(x[1], s), product(x[1], c) + product(x[0], s))
      }
      return $0.type != .float32 && !$0.plan.pairs.isEmpty
    },
    Mutant(.precision, "store-truncated", ["B66"], "truncates results to 16 bits instead of rounding them") {
      $0.store = { value, type in
        let nearest = type.bits(rounding: value)
        return type.value(ofBits: nearest).magnitude > value.magnitude && value.isFinite ? nearest - 1 : nearest
      }
      return $0.type != .float32 && !$0.plan.pairs.isEmpty
    },
    Mutant(.precision, "stored-through-bfloat16", [], "rounds float32 results to bfloat16 first") {
      $0.store = { value, type in type.bits(rounding: ElementType.bfloat16.rounded(value)) }
      return $0.type == .float32 && !$0.plan.pairs.isEmpty
    },
    Mutant(.precision, "inputs-tf32", [], "reads float32 with 10 bits of significand, as tensor cores do") {
      $0.type == .float32
        && $0.mapInputs { value, _ in
          guard value.isFinite else { return value }
          // Of the 23 stored bits, 13 are rounded away.
          let bits = Float(value).bitPattern
          return Double(Float(bitPattern: (bits + 0xFFF + (bits >> 13 & 1)) & ~0x1FFF))
        }
    },
  ]
}

extension ElementType {
  /// The nearest value of this type.
  fileprivate func rounded(_ value: Double) -> Double { self.value(ofBits: bits(rounding: value)) }
}

extension MutantComputation {
  /// Rounds the table that the implementation is given or computes to another type.
  fileprivate mutating func roundTable(to type: ElementType) -> Bool {
    if case .table(let table, _) = angles, table.type == type || table.type != .float32 { return false }
    return mapTable(to: type) { $0 }
  }

  /// Changes the float32 angles, in radians, if the implementation computes them, and rounds cosine and sine to
  /// float32.
  fileprivate mutating func mapAngles(_ change: (Float) -> Double) -> Bool {
    guard let positions else { return false }
    var frequencies = golden.inverseFrequencies.map { Float($0) }
    if case .frequencies(let given, _, _) = angles { frequencies = given }
    let count = call.tokenCount, factor = golden.attentionFactor
    var cosines: [UInt32] = [], sines: [UInt32] = []
    for token in 0..<count {
      for (index, pair) in plan.pairs.enumerated() {
        let angle = change(Float(positions[pair.axis * count + token]) * frequencies[index])
        cosines.append(Float(factor * cos(angle)).bitPattern)
        sines.append(Float(factor * sin(angle)).bitPattern)
      }
    }
    let table = CosSinTable(type: .float32, pairCount: plan.pairs.count, cosines: cosines, sines: sines)
    angles = .table(table, rows: (0..<Int32(count)).map { $0 })
    return !plan.pairs.isEmpty
  }
}
