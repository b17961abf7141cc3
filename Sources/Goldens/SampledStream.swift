import Reference
public import RoPE

/// The inputs of a long sequence, element by element from the case's seed, and the exact outputs of its tokens.
///
/// Token `t` has position `t`; nothing of it is held in memory.
public struct SampledStream: Sendable {
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
    let perToken = isKey ? tokenCounts.key : tokenCounts.query
    let first = tokens.lowerBound * perToken + (isKey ? InputHash.keyOffset : 0)
    let type = goldenCase.elementType
    for index in 0..<tokens.count * perToken {
      elements.setBits(hash.element(at: first + index, type: type), at: index, type: type)
    }
  }

  /// The exact outputs, for use by one thread.
  public func exactRows() -> ExactRows { ExactRows(self) }

  /// Computes the exact outputs of any token.
  public final class ExactRows {
    private let stream: SampledStream
    private let rotation: ExactRotation
    private var input: [Double]
    private var output: [Double]

    fileprivate init(_ stream: SampledStream) {
      self.stream = stream
      let positions = (0..<Int64(stream.goldenCase.workload.sequence)).map { $0 }
      rotation = ExactRotation(plan: stream.plan, angles: .positions(positions))
      input = Array(repeating: 0, count: stream.tokenCounts.query + stream.tokenCounts.key)
      output = input
    }

    /// The float64 nearest to each exact output of one token, `[query heads, D]` and `[key heads, D]`.
    public func rows(ofToken token: Int) -> (query: [Double], key: [Double]) {
      let counts = stream.tokenCounts, type = stream.goldenCase.elementType
      for index in 0..<counts.query {
        input[index] = type.value(ofBits: stream.hash.element(at: token * counts.query + index, type: type))
      }
      for index in 0..<counts.key {
        let hashed = InputHash.keyOffset + token * counts.key + index
        input[counts.query + index] = type.value(ofBits: stream.hash.element(at: hashed, type: type))
      }
      input.withUnsafeBufferPointer { input in
        output.withUnsafeMutableBufferPointer { rotation.rotate(token: token, input: input, output: $0) }
      }
      return (Array(output[..<counts.query]), Array(output[counts.query...]))
    }
  }
}
