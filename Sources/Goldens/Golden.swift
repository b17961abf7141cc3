import Reference
import RoPE

/// A case with its inputs and exact outputs.
package struct Golden: Sendable {
  /// The case: tensors, convention, element type and contract.
  package internal(set) var goldenCase: Case
  /// The normal form of the case's convention.
  package internal(set) var plan: Plan
  /// The float64 nearest to the frequency of each pair, in radians per position.
  package internal(set) var inverseFrequencies: [Double]
  /// The float64 nearest to the attention factor.
  package let attentionFactor: Double
  /// The position of each token.
  package let positions: Positions
  /// The angles that the contract gives, in the forward direction.
  package internal(set) var angles: Angles
  /// Inputs and exact outputs.
  package let content: Content
  /// Positions and angles of K, where K has tokens of its own; nil if they are Q's.
  package internal(set) var keyTokens: Tokens?

  /// The positions of a tensor's tokens, and the angles that the contract gives, in the forward direction.
  package struct Tokens: Sendable, Equatable {
    package let positions: Positions
    package internal(set) var angles: Angles
  }

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

  /// The angles of a tensor in the call: the contract's, or their opposites.
  package func runningAngles(of tensor: TensorName) -> Angles {
    angles(of: tensor).running(goldenCase.workload.direction)
  }

  /// The angles of a tensor that the contract gives, in the forward direction.
  package func angles(of tensor: TensorName) -> Angles { tensor == .key ? keyTokens?.angles ?? angles : angles }

  /// True if the call has Q and K, and they have the same tokens.
  package var isJoint: Bool { keyTokens == nil && !goldenCase.workload.isQueryAlone }

  /// The position of each token of a tensor.
  package func positions(of tensor: TensorName) -> Positions {
    tensor == .key ? keyTokens?.positions ?? positions : positions
  }
}

extension Golden {
  /// A case whose inputs and exact outputs are computed as they are needed.
  ///
  /// - Throws: ``ConfigurationError`` or ``PlanError`` if the case's convention contradicts itself.
  /// - Complexity: under the table contract, one cosine and sine for each pair and distinct position.
  package init(computing recipe: Recipe) throws {
    let (golden, truth) = try Self.computed(recipe)
    self = golden.with(.computed(truth))
  }

  /// A case as a file holds it: with all its tensors, or with the exact outputs of some tokens of a long sequence.
  ///
  /// - Throws: as ``init(computing:)``.
  /// - Complexity: one exact rotation per pair, head and token that is stored.
  package init(storing recipe: Recipe) throws {
    let (golden, truth) = try Self.computed(recipe)
    self = golden.with(
      recipe.goldenCase.workload.isSampled ? .computed(truth.withSamples()) : .stored(truth.stored()))
  }

  /// The same case with its whole truth in memory, for those who judge many outputs by it.
  ///
  /// - Throws: as ``Truth/verify()``: what is kept has no samples to check any more.
  /// - Complexity: for a computed truth, one exact rotation per pair, head and token.
  package func keepingTruth() throws -> Golden {
    guard case .computed(let truth) = content else { return self }
    try truth.verify()
    return with(.stored(truth.stored()))
  }

  private static func computed(_ recipe: Recipe) throws -> (Golden, ComputedTruth) {
    let plan = try recipe.goldenCase.convention.plan(length: recipe.length)
    let tables = ExactTables(plan), angles = angles(plan, recipe)
    let keyTokens = recipe.keyPositions.map { Tokens(positions: $0, angles: angles.key) }
    let truth = ComputedTruth(
      recipe.goldenCase, plan: plan, angles: angles.query, keyTokens: keyTokens)
    return (
      Golden(
        goldenCase: recipe.goldenCase, plan: plan, inverseFrequencies: tables.inverseFrequencies(),
        attentionFactor: tables.attentionFactor(), positions: recipe.positions, angles: angles.query,
        content: .computed(truth), keyTokens: keyTokens), truth
    )
  }

  /// The golden with another origin of inputs and exact outputs.
  private func with(_ content: Content) -> Golden {
    Golden(
      goldenCase: goldenCase, plan: plan, inverseFrequencies: inverseFrequencies, attentionFactor: attentionFactor,
      positions: positions, angles: angles, content: content, keyTokens: keyTokens)
  }

  /// The angles that the contract gives for Q and K.
  ///
  /// A table without a cache has one row per distinct position, so that rows and tokens differ.
  static func angles(_ plan: Plan, _ recipe: Recipe) -> PerTensor<Angles> {
    let positions = PerTensor(query: recipe.positions, key: recipe.keyPositions ?? recipe.positions)
    switch recipe.goldenCase.contract {
    case .unrotated: return PerTensor { _ in .none }
    case .position: return positions.map(Angles.positions)
    case .frequency:
      let tables = ExactTables(plan), frequencies = tables.inverseFrequencies32(), factor = tables.attentionFactor()
      return positions.map { .frequencies(frequencies, attentionFactor: factor, $0) }
    case .table:
      let rows =
        recipe.cache.map { TableRows(cache: $0) }
        ?? TableRows(recipe.keyPositions == nil ? [recipe.positions] : positions.all)
      let table = ExactTables(plan).cosSin(positions: rows.distinct, type: recipe.goldenCase.tableTypeOrElements)
      return positions.map { .table(table, rows: rows.rows(of: $0)) }
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

/// The rows of a table.
struct TableRows {
  /// The position of each row.
  let distinct: Positions
  private let lookup: Lookup

  private enum Lookup {
    /// The row of each position.
    case indices([[Double]: Int32])
    /// The position of row 0, on one axis; each row has the next one.
    case first(Int64)
  }

  /// A row for each distinct one of several lists of positions on the same axes, in ascending order.
  init(_ lists: [Positions]) {
    let axisCount = lists.first?.axisCount ?? 1
    let vectors = Set(lists.flatMap { list in (0..<list.tokenCount).map(list.coordinates(ofToken:)) })
      .sorted { $0.lexicographicallyPrecedes($1) }
    distinct = Positions((0..<axisCount).flatMap { axis in vectors.map { $0[axis] } }, axisCount: axisCount)
    lookup = .indices(Dictionary(uniqueKeysWithValues: vectors.enumerated().map { ($0.element, Int32($0.offset)) }))
  }

  /// A row for each position of a range, in which all positions lie.
  init(cache: Range<Int64>) {
    distinct = Positions(Array(cache))
    lookup = .first(cache.lowerBound)
  }

  /// The row of each token at one of the lists, or at positions in the cache.
  func rows(of positions: Positions) -> [Int32] {
    switch lookup {
    case .indices(let indices):
      (0..<positions.tokenCount).compactMap { indices[positions.coordinates(ofToken: $0)] }
    case .first(let first): positions.values.map { Int32($0 - Double(first)) }
    }
  }
}
