import Diagnosis
import Goldens
import RoPE

extension PlantedMistake {
  /// Single mistakes.
  static let singles: [PlantedMistake] = gains + turns + replacements + slight + copies + structures

  // MARK: Gains

  private static func gain(_ factor: Double) -> PlantedMistake {
    var planted = PlantedMistake(
      "\(factor) times the result", names: factor == -1 ? ["negated"] : [], [.gain(.planted(factor))])
    planted.result = { _, _, value in value * factor }
    return planted
  }

  private static let gains: [PlantedMistake] = [
    gain(1.5), gain(-1), gain(0.25), gain(1.01), gain(3), gain(1.0000005),
    gain(2).only(.key).named(["key-doubled"]), gain(0.5).only(.query), gain(1.25).head(1), gain(1.5).pair(3),
    gain(1.5).pair(0), gain(-1).output(0), gain(-1).output(1), gain(1.5).output(1), gain(1.1).lastToken,
    gain(4).headsFrom1, gain(1.5).heads("even heads", 0, of: 2).and(gain(2).heads("odd heads", 1, of: 2)),
  ]

  /// Mistakes in different places of one tensor.
  static let gainsAndZeros: [PlantedMistake] = [
    gain(2).tokens(from: 2).and(zero.tokens(before: 2)),
    gain(2).tokens(from: 1000).and(zero.tokens(5000..<5100)),
  ]

  // MARK: Replacements

  private static func replaced(
    _ name: String, names: [String] = [],
    _ result: @escaping @Sendable (PlantedCall, Pair, SIMD2<Double>) -> SIMD2<Double>
  ) -> PlantedMistake {
    var planted = PlantedMistake(name, names: names)
    planted.result = result
    return planted
  }

  private static let unrotated = replaced("not rotated", names: ["nothing-rotated"]) { _, pair, _ in pair.input }
  private static let zero = replaced("zero", names: ["all-zero"]) { _, _, _ in .zero }
  private static let exchanged = replaced("outputs exchanged", names: ["outputs-exchanged"]) { _, _, value in
    SIMD2(value.y, value.x)
  }
  /// Wrong in a way that nothing names.
  private static let odd = replaced("a half added") { _, _, value in value + SIMD2(0.5, 0.5) }.nameless

  private static let replacements: [PlantedMistake] = [
    unrotated, zero, exchanged, unrotated.only(.key).named(["key-left-out"]), zero.only(.query), exchanged.only(.key),
    unrotated.head(1), unrotated.lastToken, unrotated.headsFrom1, unrotated.pair(1), zero.pair(6),
    unrotated.tokens(from: 1024),
    unrotated.within("heads 1 to 3 of each 4") { $1.head % 4 != 0 }
      .possible { $0.workload.queryHeads >= 16 },
    unrotated.batchRows(from: 4),
    odd.head(1), odd.pair(3), odd.lastToken, odd.head(0, of: .key), odd.output(0).pair(2), odd.tokens(from: 1024),
  ]

  // MARK: Slight errors

  private static let slight: [PlantedMistake] = {
    var threeLimits = PlantedMistake("three times the limit")
    threeLimits.limits = 3
    let ulps = replaced("6 ULP too large") { call, _, value in
      func larger(_ value: Double) -> Double { value + (value < 0 ? -6 : 6) * call.type.ulp(of: value) }
      return SIMD2(larger(value.x), larger(value.y))
    }
    var flushed = replaced("subnormal results flushed to zero", names: ["subnormal-results-flushed"]) {
      call, _, value in
      SIMD2(
        call.type.isSubnormal(value.x) ? 0 : value.x, call.type.isSubnormal(value.y) ? 0 : value.y)
    }
    flushed.changesValue = { $0.isSubnormal($1) }
    return [threeLimits.nameless.oneElement, ulps.nameless.tokens(before: 2), flushed]
  }()

  // MARK: Copies

  private static let copies: [PlantedMistake] = {
    var copies = PlantedMistake("one bit of each copied element")
    copies.copiedBits = 4
    var alone = copies, all = odd
    alone.isHit = { _, _, pair, _ in pair == nil }
    all.name = "a half added, and one bit of each copied element"
    all.copiedBits = copies.copiedBits
    all.isHit = { _, _, _, _ in true }
    return [alone, all].map { planted in
      planted.nameless.head(1).possible { !$0.golden.runningPlan.passThroughChannels.isEmpty }
    }
  }()

  // MARK: Structures

  private static func structure(
    _ name: String, names: [String], _ structure: @escaping @Sendable (PlantedCall) -> PlantedStructure?
  ) -> PlantedMistake {
    var planted = PlantedMistake(name, names: names)
    planted.structure = structure
    planted.isPossible = { structure($0) != nil }
    return planted
  }

  private static let structures: [PlantedMistake] = {
    let swapped = structure("the other pairing", names: ["pairing-swapped"]) { $0.otherPairing }
    let table = structure("cosines and sines of the other pairing", names: ["row-repeated-for-halves"]) {
      $0.tableOfOtherPairing
    }
    return [swapped, swapped.only(.key), table]
  }()
}

extension PlantedMistake {
  /// A mistake for which there is no word, so that only its place can be told.
  fileprivate var nameless: PlantedMistake {
    var nameless = self
    nameless.isNameless = true
    return nameless
  }
}

extension ElementType {
  /// Indicates whether a value rounds to a subnormal number.
  fileprivate func isSubnormal(_ value: Double) -> Bool {
    let size = self.value(ofBits: bits(rounding: value)).magnitude
    return size > 0 && size < Double(sign: .plus, exponent: minimumExponent, significand: 1)
  }
}
