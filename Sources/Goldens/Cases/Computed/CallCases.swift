import Models
import RoPE

/// Calls as kernels have them beyond one rotation of Q and K by the same integer positions; all are computed.
package enum CallCases {
  /// A call with the positions of its tokens, on one axis.
  private struct PlacedCall {
    let workload: Workload
    let positions: [Double]
    var keyPositions: [Double]?
  }

  /// Every kind of call under every contract and type in which it makes sense.
  ///
  /// - Throws: the errors of ``Model/named(_:)``.
  package static func recipes() throws -> [Recipe] {
    // Half pairing of whole heads, and interleaved pairing of a half of each head.
    let models = try ["llama-2-7b", "glm-4-9b-chat"].map(Model.named)
    let valid = [queryAlone, keyApart, keyApartRagged, noTokens, noKeyHeads, moreKeys].enumerated().flatMap {
      index, call in
      recipes(call, Recipe.kinds, models, first: index)
    }
    // Both pairings of whole heads: one channel more is beyond the head.
    let wholeHeads = try ["llama-2-7b", "command-r-v01"].map(Model.named)
    let unrotated = [queryAlone, keyApart, noTokens].flatMap { call in
      ElementType.allCases.map { recipe(models[0].withoutRoPE, call, ($0, .unrotated, nil)) }
    }
    let fractional = try ["wan-2.1", "flux.1", "llama-2-7b"].map(Model.named).flatMap { model in
      Recipe.kinds.filter { [.frequency, .position].contains($0.contract) }.map { recipe(model, fractions, $0) }
    }
    return valid + unrotated + fractional + recipes(rotaryBeyondHead, Recipe.kinds, wholeHeads)
      + [rowBeyondTable, keyRowBeyondTable].flatMap { call in
        recipes(call, Recipe.kinds.filter { $0.contract == .table }, models)
      }
  }

  /// A call in several kinds, each with one of the models by turns.
  private static func recipes(
    _ call: PlacedCall, _ kinds: [Recipe.Kind], _ models: [Model], first: Int = 0
  ) -> [Recipe] {
    kinds.enumerated().map { recipe(models[(first + $0) % models.count], call, $1) }
  }

  private static func recipe(_ model: Model, _ call: PlacedCall, _ kind: Recipe.Kind) -> Recipe {
    let axisCount = model.convention.axisCount
    return Recipe(
      goldenCase: Case(
        model: model.name, convention: model.convention, workload: call.workload, elementType: kind.type,
        contract: kind.contract, tableType: kind.table),
      positions: positions(call.positions, axisCount: axisCount),
      keyPositions: call.keyPositions.map { positions($0, axisCount: axisCount) })
  }

  /// Positions on several axes; no two axes of a token agree.
  private static func positions(_ first: [Double], axisCount: Int) -> Positions {
    Positions((0..<axisCount).flatMap { axis in first.map { $0 / Double(axis + 1) } }, axisCount: axisCount)
  }

  // MARK: - Valid calls

  /// Q alone, as where K was rotated before it went into a cache.
  private static let queryAlone = PlacedCall(
    workload: Workload("query-alone", .withRoPE, batch: 2, sequence: 3, heads: (5, 0), isQueryAlone: true),
    positions: [7, 8, 9, 70, 71, 72])

  /// New tokens of Q after a longer K, each with positions of its own.
  private static let keyApart = PlacedCall(
    workload: Workload(
      "key-apart", .batch, batch: 2, sequence: 2, heads: (3, 2), keyTokens: Workload.KeyTokens(sequence: 7)),
    positions: [5, 6, 1003, 1004], keyPositions: run(0, 7) + run(998, 7))

  /// Packed sequences whose K has other boundaries than Q, one of them empty in Q.
  private static let keyApartRagged = PlacedCall(
    workload: Workload(
      "key-apart-ragged", .ragged, sequence: 3, heads: (3, 2), layout: .thd, sequenceLengths: [2, 0, 1],
      keyTokens: Workload.KeyTokens(sequence: 9, sequenceLengths: [4, 2, 3])),
    positions: [2, 3, 40], keyPositions: run(0, 4) + run(17, 2) + run(38, 3))

  /// A step of a server in which no sequence has a token.
  private static let noTokens = PlacedCall(
    workload: Workload("no-tokens", .batch, batch: 2, sequence: 0, heads: (3, 2)), positions: [])

  /// A rank that has query heads but no key head.
  private static let noKeyHeads = PlacedCall(
    workload: Workload("no-key-heads", .heads, sequence: 3, heads: (5, 0)), positions: [19, 20, 21])

  /// More key than query heads.
  private static let moreKeys = PlacedCall(
    workload: Workload("more-keys", .heads, batch: 2, sequence: 2, heads: (2, 5)), positions: [11, 12, 500, 501])

  /// Seconds of video and audio times a rate, patches that are interpolated, and fractions near the ends of float32.
  ///
  /// No position has as few bits as float32 except the first two.
  private static let fractions = PlacedCall(
    workload: Workload("fractional-positions", .withRoPE, sequence: 7, heads: (3, 2)),
    positions: [0.5, -3.75, 0.1, 33.3, -0.7, 1_000.123_456_789, 131_071.9])

  // MARK: - Calls that must be refused

  /// More rotating channels than the head has.
  private static let rotaryBeyondHead = PlacedCall(
    workload: Workload(
      "rotary-beyond-head", .withRoPE, sequence: 2, heads: (3, 2), invalidValue: .rotaryDimension),
    positions: [3, 4])

  /// A position of Q and K for which the table has no row.
  private static let rowBeyondTable = PlacedCall(
    workload: Workload("row-beyond-table", .withRoPE, sequence: 3, heads: (3, 2), invalidValue: .tableRow),
    positions: [0, 1, 2])

  /// The same of K alone, which has tokens of its own.
  private static let keyRowBeyondTable = PlacedCall(
    workload: Workload(
      "key-row-beyond-table", .withRoPE, batch: 2, sequence: 1, heads: (3, 2),
      keyTokens: Workload.KeyTokens(sequence: 3), invalidValue: .keyTableRow),
    positions: [2, 5], keyPositions: run(0, 3) + run(3, 3))

  private static func run(_ first: Int, _ count: Int) -> [Double] { (first..<first + count).map(Double.init) }
}
