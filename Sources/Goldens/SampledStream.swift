import Reference
public import RoPE

/// The inputs of a long sequence, element by element from the case's seed, and the exact outputs of its tokens.
///
/// Token `t` has position `t`; nothing of it is held in memory.
public struct SampledStream: Sendable {
  /// The case.
  public let goldenCase: Case
  private let plan: Plan
  private let hash: InputHash

  /// - Parameter goldenCase: a case with a sampled workload under the position contract.
  public init(_ goldenCase: Case, plan: Plan) {
    self.goldenCase = goldenCase
    self.plan = plan
    hash = InputHash(seed: goldenCase.seed)
  }

  /// The tokens whose exact outputs a golden stores: the first, the last, and both sides of every power of two.
  public static func sampleTokens(of sequence: Int) -> [Int] {
    var tokens: Set = [0, sequence - 1]
    for exponent in 0..<sequence.bitWidth - 1 where 1 << exponent < sequence {
      tokens.formUnion([1 << exponent - 1, 1 << exponent])
    }
    return tokens.sorted()
  }

  /// Elements per token in Q and in K.
  public var tokenCounts: (query: Int, key: Int) {
    (goldenCase.workload.queryHeads * plan.headDimension, goldenCase.workload.keyHeads * plan.headDimension)
  }

  /// Writes the elements of some tokens of Q or K, `[tokens, heads, D]`.
  public func fill(_ elements: UnsafeMutableRawBufferPointer, tokens: Range<Int>, isKey: Bool) {
    let first = tokens.lowerBound * (isKey ? tokenCounts.key : tokenCounts.query)
    hash.fill(elements, from: first + (isKey ? InputHash.keyOffset : 0), type: goldenCase.elementType)
  }

  /// Some tokens, ascending, as a case of its own that stores its tensors.
  public func excerpt(of golden: Golden, tokens: [Int]) -> Golden {
    let whole = goldenCase.workload
    let workload = Workload(
      whole.name, whole.section, sequence: tokens.count, heads: (whole.queryHeads, whole.keyHeads))
    let part = Case(
      model: goldenCase.model, convention: goldenCase.convention, workload: workload,
      elementType: goldenCase.elementType, contract: goldenCase.contract, tableType: goldenCase.tableType)
    let exact = exactRows()
    func rows(isKey: Bool) -> (input: ElementArray, expected: [Double]) {
      let rows = tokens.map { exact.rows(ofToken: $0, isKey: isKey) }
      return (
        ElementArray(type: goldenCase.elementType, bytes: rows.flatMap(\.input.bytes)), rows.flatMap(\.expected)
      )
    }
    let query = rows(isKey: false), key = rows(isKey: true)
    let positions = tokens.map(Int64.init)
    return Golden(
      goldenCase: part, plan: golden.plan, inverseFrequencies: golden.inverseFrequencies,
      attentionFactor: golden.attentionFactor, positions: positions,
      content: .stored(
        Golden.StoredTensors(
          angles: .positions(positions), query: query.input, key: key.input, expectedQuery: query.expected,
          expectedKey: key.expected)))
  }

  /// The exact outputs, for use by one thread.
  public func exactRows() -> ExactRows { ExactRows(self) }

  /// Inputs and exact outputs of one token of Q or K, `[heads, D]`.
  public struct Rows: Sendable {
    /// The elements that the seed gives.
    public let input: ElementArray
    /// The values of `input`.
    public let values: [Double]
    /// The float64 nearest to each exact output.
    public let expected: [Double]
  }

  /// Computes the exact outputs of any token.
  public final class ExactRows {
    private let stream: SampledStream
    private let rotation: ExactRotation

    fileprivate init(_ stream: SampledStream) {
      self.stream = stream
      let positions = (0..<Int64(stream.goldenCase.workload.sequence)).map { $0 }
      rotation = ExactRotation(plan: stream.plan, angles: .positions(positions))
    }

    /// Inputs and outputs of one token.
    public func rows(ofToken token: Int, isKey: Bool) -> Rows {
      let count = isKey ? stream.tokenCounts.key : stream.tokenCounts.query
      var input = ElementArray(type: stream.goldenCase.elementType, count: count)
      input.bytes.withUnsafeMutableBytes { stream.fill($0, tokens: token..<token + 1, isKey: isKey) }
      let values = input.values
      let expected = [Double](unsafeUninitializedCapacity: count) { output, initializedCount in
        output.initialize(repeating: 0)
        values.withUnsafeBufferPointer { rotation.rotate(token: token, input: $0, output: output) }
        initializedCount = count
      }
      return Rows(input: input, values: values, expected: expected)
    }
  }
}
