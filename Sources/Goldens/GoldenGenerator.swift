import Reference
import RoPE

/// Computes goldens from recipes.
public enum GoldenGenerator {
  /// Computes one golden.
  ///
  /// - Throws: ``ConfigurationError`` or ``PlanError`` where the case's convention contradicts itself.
  /// - Complexity: one exact rotation per pair, head and (sampled) token.
  public static func golden(for recipe: Recipe) throws -> Golden {
    let goldenCase = recipe.goldenCase, workload = recipe.goldenCase.workload
    let plan = try goldenCase.convention.plan(length: Recipe.length(recipe.positions))
    let tables = ExactTables(plan)
    return Golden(
      goldenCase: goldenCase, plan: plan, inverseFrequencies: tables.inverseFrequencies(),
      attentionFactor: tables.attentionFactor(), positions: recipe.positions,
      content: workload.isSampled
        ? .sampled(sampledRows(plan, recipe)) : .stored(storedTensors(plan, recipe)))
  }

  private static func storedTensors(_ plan: Plan, _ recipe: Recipe) -> Golden.StoredTensors {
    let goldenCase = recipe.goldenCase, workload = goldenCase.workload
    let inputs = InputPatterns(
      plan: plan, workload: workload, type: goldenCase.elementType, positions: recipe.positions,
      hash: InputHash(seed: goldenCase.seed))
    let query = inputs.tensor(heads: workload.queryHeads, offset: 0)
    let key = inputs.tensor(heads: workload.keyHeads, offset: InputHash.keyOffset)
    let angles = angles(plan, recipe)
    let direction = workload.direction
    let rotation = ExactRotation(plan: plan.running(direction), angles: angles.running(direction))
    return Golden.StoredTensors(
      angles: angles, query: query, key: key,
      expectedQuery: rotate(query, heads: workload.queryHeads, by: rotation, plan, workload),
      expectedKey: rotate(key, heads: workload.keyHeads, by: rotation, plan, workload))
  }

  /// What the contract gives. A table has one row per distinct position, so that rows and tokens do not coincide.
  static func angles(_ plan: Plan, _ recipe: Recipe) -> Angles {
    switch recipe.goldenCase.contract {
    case .unrotated: return .none
    case .position: return .positions(recipe.positions)
    case .frequency:
      let tables = ExactTables(plan)
      return .frequencies(
        tables.inverseFrequencies32(), attentionFactor: tables.attentionFactor(), positions: recipe.positions)
    case .table:
      let type = recipe.goldenCase.tableType ?? recipe.goldenCase.elementType
      let rows = TableRows(positions: recipe.positions, axisCount: plan.axisCount)
      return .table(ExactTables(plan).cosSin(positions: rows.distinct, type: type), rows: rows.rows)
    }
  }

  private static func rotate(
    _ elements: ElementArray, heads: Int, by rotation: ExactRotation, _ plan: Plan, _ workload: Workload
  ) -> [Double] {
    let dimension = plan.headDimension
    let strides = workload.strides(heads: heads, headDimension: dimension)
    var output = Array(repeating: 0.0, count: elements.count)
    var input = Array(repeating: 0.0, count: dimension), rotated = input
    for token in 0..<workload.tokenCount {
      for head in 0..<heads {
        let first =
          token / workload.sequence * strides.batch + token % workload.sequence * strides.sequence
          + head * strides.head
        for channel in 0..<dimension { input[channel] = elements.type.value(ofBits: elements[first + channel]) }
        input.withUnsafeBufferPointer { input in
          rotated.withUnsafeMutableBufferPointer { rotation.rotate(token: token, input: input, output: $0) }
        }
        output.replaceSubrange(first..<first + dimension, with: rotated)
      }
    }
    return output
  }

  private static func sampledRows(_ plan: Plan, _ recipe: Recipe) -> Golden.SampledRows {
    let stream = SampledStream(recipe.goldenCase, plan: plan)
    let tokens = SampledStream.sampleTokens(of: recipe.goldenCase.workload.sequence)
    var query: [Double] = [], key: [Double] = []
    let exact = stream.exactRows()
    for token in tokens {
      query += exact.rows(ofToken: token, isKey: false).expected
      key += exact.rows(ofToken: token, isKey: true).expected
    }
    return Golden.SampledRows(tokens: tokens, expectedQuery: query, expectedKey: key)
  }
}
