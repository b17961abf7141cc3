import Reference
import RoPE

/// Inputs from a case's seed, and exact outputs that the reference computes as they are needed and does not keep.
package struct ComputedTruth: Truth {
  private let goldenCase: Case
  private let plan: Plan
  private let inputs: SeededInputs
  private let rotations: PerTensor<RotationPool>
  /// Exact outputs of some tokens that a file holds; nil without such a file.
  package let samples: Samples?

  /// Exact outputs of some tokens.
  package struct Samples: Sendable, Equatable {
    /// Token indices, ascending.
    package let tokens: [Int]
    /// `[sampled tokens, heads, D]` of each tensor.
    package let expected: PerTensor<[Double]>
  }

  /// The truth of a case.
  ///
  /// `plan` and `angles` are those of the forward direction; `angles` are what the contract gives. `keyTokens` is given
  /// if K has tokens of its own.
  package init(
    _ goldenCase: Case, plan: Plan, angles: Angles, keyTokens: Golden.Tokens? = nil, samples: Samples? = nil
  ) {
    self.goldenCase = goldenCase
    self.plan = plan
    self.samples = samples
    let direction = goldenCase.workload.direction
    func pool(_ angles: Angles) -> RotationPool {
      RotationPool(plan: plan.running(direction), angles: angles.running(direction))
    }
    // Q and K usually share their tokens, and then the cosines and sines that were computed.
    let query = pool(angles)
    rotations = PerTensor(query: query, key: keyTokens.map { pool($0.angles) } ?? query)
    inputs = SeededInputs(of: goldenCase, rotations: rotations)
  }

  private init(_ other: ComputedTruth, samples: Samples) {
    (goldenCase, plan, inputs, rotations) = (other.goldenCase, other.plan, other.inputs, other.rotations)
    self.samples = samples
  }

  package func input(_ row: RowIndex, into elements: UnsafeMutableRawBufferPointer) {
    inputs.write(row, into: elements)
  }

  package func rows(_ tensor: TensorName, _ tokens: Range<Int>) -> ExactRows {
    let width = goldenCase.workload.heads(of: tensor) * plan.headDimension
    let input = inputs.rows(tensor, tokens), values = input.values
    let expected = [Double](unsafeUninitializedCapacity: values.count) { output, initializedCount in
      output.initialize(repeating: 0)
      rotations[tensor].withRotation(token: tokens.lowerBound) { rotation in
        values.withUnsafeBufferPointer { values in
          for (index, token) in tokens.enumerated() {
            let elements = index * width..<(index + 1) * width
            rotation.rotate(
              token: token, input: UnsafeBufferPointer(rebasing: values[elements]),
              output: UnsafeMutableBufferPointer(rebasing: output[elements]))
          }
        }
      }
      initializedCount = values.count
    }
    return ExactRows(input: input, values: values, expected: expected)
  }

  package func verify() throws {
    guard let samples else { return }
    for (index, token) in samples.tokens.enumerated() {
      for tensor in TensorName.rotated {
        let exact = rows(tensor, token..<token + 1).expected
        guard samples.expected[tensor][index * exact.count..<(index + 1) * exact.count].elementsEqual(exact) else {
          throw GoldenError.sampledRow(caseName: goldenCase.name, token: token)
        }
      }
    }
  }

  /// The tokens whose exact outputs a golden of a long sequence holds: the first, the last, and both sides of every
  /// power of two.
  package static func sampleTokens(of sequence: Int) -> [Int] {
    var tokens: Set = [0, sequence - 1]
    for exponent in 0..<sequence.bitWidth - 1 where 1 << exponent < sequence {
      tokens.formUnion([1 << exponent - 1, 1 << exponent])
    }
    return tokens.sorted()
  }

  /// The truth with the exact outputs of the tokens that a golden holds.
  func withSamples() -> ComputedTruth {
    let tokens = Self.sampleTokens(of: goldenCase.workload.sequence)
    return ComputedTruth(
      self,
      samples: Samples(
        tokens: tokens,
        expected: PerTensor { tensor in tokens.flatMap { rows(tensor, $0..<$0 + 1).expected } }))
  }

  /// The whole truth, as a golden stores it.
  func stored() -> StoredTruth {
    let workload = goldenCase.workload, dimension = plan.headDimension
    let tensors = PerTensor { tensor in
      let sequence = workload.sequence(of: tensor), tokenCount = workload.tokenCount(of: tensor)
      let rows = rows(tensor, 0..<tokenCount), heads = workload.heads(of: tensor)
      let strides = workload.strides(of: tensor, headDimension: dimension)
      var input = rows.input, expected = rows.expected
      for token in 0..<tokenCount {
        for head in 0..<heads {
          let from = (token * heads + head) * dimension
          let first = strides.index(token: token, head: head, sequence: sequence)
          for channel in 0..<dimension {
            input[first + channel] = rows.input[from + channel]
            expected[first + channel] = rows.expected[from + channel]
          }
        }
      }
      return StoredTruth.Tensor(input: input, expected: expected)
    }
    return StoredTruth(tensors, workload: workload, headDimension: dimension)
  }
}
