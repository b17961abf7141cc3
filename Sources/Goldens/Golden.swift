import Reference
import RoPE

/// A case with its inputs and exact outputs.
package struct Golden: Sendable {
  /// The case: tensors, convention, element type and contract.
  package let goldenCase: Case
  /// The normal form of the case's convention.
  package let plan: Plan
  /// The float64 nearest to the frequency of each pair, in radians per position.
  package let inverseFrequencies: [Double]
  /// The float64 nearest to the attention factor.
  package let attentionFactor: Double
  /// The position of each token.
  package let positions: Positions
  /// The angles that the contract gives, in the forward direction.
  package let angles: Angles
  /// Inputs and exact outputs.
  package private(set) var content: Content

  /// The origin of inputs and exact outputs.
  package enum Content: Sendable {
    /// A file holds all of them.
    case stored(StoredTruth)
    /// They follow from the case's seed.
    case computed(ComputedTruth)
  }

  /// Inputs and exact outputs.
  package var truth: any Truth {
    switch content {
    case .stored(let truth): truth
    case .computed(let truth): truth
    }
  }

  /// The plan of the call: the convention's, or its transpose.
  package var runningPlan: Plan { plan.running(goldenCase.workload.direction) }

  /// The angles of the call: the contract's, or their opposites.
  package var runningAngles: Angles { angles.running(goldenCase.workload.direction) }
}

extension Golden {
  /// A case whose inputs and exact outputs are computed as they are needed.
  ///
  /// - Throws: ``ConfigurationError`` or ``PlanError`` if the case's convention contradicts itself.
  /// - Complexity: under the table contract, one cosine and sine for each pair and distinct position.
  package init(computing recipe: Recipe) throws {
    let (plan, angles, truth) = try Self.computed(recipe)
    self.init(recipe, plan: plan, angles: angles, content: .computed(truth))
  }

  /// A case as a file holds it: with all its tensors, or with the exact outputs of some tokens of a long sequence.
  ///
  /// - Throws: as ``init(computing:)``.
  /// - Complexity: one exact rotation per pair, head and token that is stored.
  package init(storing recipe: Recipe) throws {
    let (plan, angles, truth) = try Self.computed(recipe)
    let content: Content =
      recipe.goldenCase.workload.isSampled
      ? .computed(
        ComputedTruth(recipe.goldenCase, plan: plan, angles: angles, samples: truth.sampled()))
      : .stored(truth.stored())
    self.init(recipe, plan: plan, angles: angles, content: content)
  }

  /// The same case with its whole truth in memory, for those who judge many outputs by it.
  ///
  /// - Complexity: for a computed truth, one exact rotation per pair, head and token.
  package var keepingTruth: Golden {
    guard case .computed(let truth) = content else { return self }
    var golden = self
    golden.content = .stored(truth.stored())
    return golden
  }

  private static func computed(_ recipe: Recipe) throws -> (plan: Plan, angles: Angles, truth: ComputedTruth) {
    let plan = try recipe.goldenCase.convention.plan(length: recipe.positions.length)
    let angles = angles(plan, recipe)
    return (plan, angles, ComputedTruth(recipe.goldenCase, plan: plan, angles: angles))
  }

  private init(_ recipe: Recipe, plan: Plan, angles: Angles, content: Content) {
    let tables = ExactTables(plan)
    self.init(
      goldenCase: recipe.goldenCase, plan: plan, inverseFrequencies: tables.inverseFrequencies(),
      attentionFactor: tables.attentionFactor(), positions: recipe.positions, angles: angles, content: content)
  }

  /// The angles that the contract gives.
  ///
  /// A table without a cache has one row per distinct position, so that rows and tokens differ.
  private static func angles(_ plan: Plan, _ recipe: Recipe) -> Angles {
    switch recipe.goldenCase.contract {
    case .unrotated: return .none
    case .position: return .positions(recipe.positions)
    case .frequency:
      let tables = ExactTables(plan)
      return .frequencies(
        tables.inverseFrequencies32(), attentionFactor: tables.attentionFactor(), recipe.positions)
    case .table:
      let type = recipe.goldenCase.tableType ?? recipe.goldenCase.elementType
      let rows = recipe.cache.map { TableRows(recipe.positions, in: $0) } ?? TableRows(recipe.positions)
      return .table(ExactTables(plan).cosSin(positions: rows.distinct, type: type), rows: rows.rows)
    }
  }

  /// A golden without expected outputs, for a call that is not a case.
  ///
  /// `convention` is that of the call's plan, and `length` that for which the plan was made. Where a convention depends
  /// on it, the positions say it.
  package init(of call: JointCall, convention: Convention, length: Int) {
    let workload = Workload(
      "call", .withRoPE, batch: call.batch, sequence: call.sequence, heads: (call.query.heads, call.key.heads))
    let tables = ExactTables(call.plan)
    let none = StoredTruth.Tensor(input: ElementArray(type: call.elementType, count: 0), expected: [])
    self.init(
      goldenCase: Case(
        model: "call", convention: convention, workload: workload, elementType: call.elementType,
        contract: call.angles.contract, tableType: call.angles.tableType),
      plan: call.plan, inverseFrequencies: tables.inverseFrequencies(), attentionFactor: tables.attentionFactor(),
      positions: Positions(
        [Double](repeating: Double(length - 1), count: call.plan.axisCount * call.tokenCount),
        axisCount: call.plan.axisCount),
      angles: call.angles,
      content: .stored(
        StoredTruth(
          PerTensor(query: none, key: none), workload: workload, headDimension: call.plan.headDimension)))
  }
}

/// The rows of a table that has one row per distinct position, in ascending order.
struct TableRows {
  /// The position of each row.
  let distinct: Positions
  /// The row of each token.
  let rows: [Int32]

  init(_ positions: Positions) {
    let vectors = (0..<positions.tokenCount).map(positions.coordinates(ofToken:))
    let distinct = Set(vectors).sorted { $0.lexicographicallyPrecedes($1) }
    let index = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($0.element, Int32($0.offset)) })
    self.distinct = Positions(
      (0..<positions.axisCount).flatMap { axis in distinct.map { $0[axis] } }, axisCount: positions.axisCount)
    rows = vectors.compactMap { index[$0] }
  }

  /// The rows of a cache, which has one for each position of a range; all positions lie in it, on one axis.
  init(_ positions: Positions, in cache: Range<Int64>) {
    distinct = Positions(Array(cache))
    rows = positions.values.map { Int32($0 - Double(cache.lowerBound)) }
  }
}

extension Golden {
  /// A golden that stores some tokens of the case as one contiguous row of the batch, `[tokens, heads, D]`.
  ///
  /// `tokens` is counted over all rows of the batch.
  ///
  /// - Complexity: the inputs and exact outputs of those tokens.
  package func excerpt(tokens: [Int]) -> Golden {
    let whole = goldenCase.workload
    let workload = Workload(
      whole.name, whole.section, sequence: tokens.count, heads: (whole.queryHeads, whole.keyHeads),
      inPlace: whole.inPlace, pattern: whole.pattern, direction: whole.direction)
    let tensors = PerTensor { tensor in
      let rows = tokens.map { truth.rows(tensor, $0..<$0 + 1) }
      return StoredTruth.Tensor(
        input: ElementArray(type: goldenCase.elementType, bytes: rows.flatMap(\.input.bytes)),
        expected: rows.flatMap(\.expected))
    }
    return Golden(
      goldenCase: Case(
        model: goldenCase.model, convention: goldenCase.convention, workload: workload,
        elementType: goldenCase.elementType, contract: goldenCase.contract, tableType: goldenCase.tableType),
      plan: plan, inverseFrequencies: inverseFrequencies, attentionFactor: attentionFactor,
      positions: positions.ofTokens(tokens), angles: angles.ofTokens(tokens),
      content: .stored(StoredTruth(tensors, workload: workload, headDimension: plan.headDimension)))
  }
}

extension Angles {
  /// The angles of some tokens, in the given order.
  fileprivate func ofTokens(_ tokens: [Int]) -> Angles {
    switch self {
    case .none: .none
    case .table(let table, let rows): .table(table, rows: tokens.map { rows[$0] })
    case .frequencies(let frequencies, let factor, let positions):
      .frequencies(frequencies, attentionFactor: factor, positions.ofTokens(tokens))
    case .positions(let positions): .positions(positions.ofTokens(tokens))
    }
  }
}
