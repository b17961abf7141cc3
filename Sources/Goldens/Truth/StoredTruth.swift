import RoPE

/// Inputs and exact outputs of every token, as a golden file holds them.
package struct StoredTruth: Truth, Equatable {
  /// One tensor, contiguous in the workload's layout.
  package struct Tensor: Sendable, Equatable {
    package let input: ElementArray
    /// The float64 nearest to each exact output, in the order of `input`.
    package let expected: [Double]
  }

  package let tensors: PerTensor<Tensor>
  private let workload: Workload
  private let headDimension: Int

  package init(_ tensors: PerTensor<Tensor>, workload: Workload, headDimension: Int) {
    self.tensors = tensors
    self.workload = workload
    self.headDimension = headDimension
  }

  package func input(_ row: RowIndex, into elements: UnsafeMutableRawBufferPointer) {
    let input = tensors[row.tensor].input, size = input.type.byteCount
    let first = firstElement(of: row) * size
    input.bytes.withUnsafeBytes { bytes in
      elements.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[first..<first + headDimension * size]))
    }
  }

  package func rows(_ tensor: TensorName, _ tokens: Range<Int>) -> ExactRows {
    let stored = tensors[tensor], heads = workload.heads(of: tensor), size = stored.input.type.byteCount
    let count = tokens.count * heads * headDimension
    var input = ElementArray(type: stored.input.type, count: count)
    let expected = [Double](unsafeUninitializedCapacity: count) { expected, initializedCount in
      input.bytes.withUnsafeMutableBytes { input in
        stored.input.bytes.withUnsafeBytes { storedInput in
          stored.expected.withUnsafeBytes { storedExpected in
            var row = 0
            for token in tokens {
              for head in 0..<heads {
                let first = firstElement(of: RowIndex(tensor: tensor, token: token, head: head))
                input.copy(headDimension * size, from: storedInput, at: first * size, to: row * size)
                UnsafeMutableRawBufferPointer(expected).copy(
                  headDimension * 8, from: storedExpected, at: first * 8, to: row * 8)
                row += headDimension
              }
            }
          }
        }
      }
      initializedCount = count
    }
    return ExactRows(input: input, values: input.values, expected: expected)
  }

  package func verify() {}

  private func firstElement(of row: RowIndex) -> Int {
    workload.strides(of: row.tensor, headDimension: headDimension)
      .index(token: row.token, head: row.head, sequence: workload.sequence(of: row.tensor))
  }
}
