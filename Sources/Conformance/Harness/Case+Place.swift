import Goldens
import RoPE

extension Case {
  /// Where the element at an index of a tensor that lies contiguous in the workload's layout belongs.
  func place(of index: Int, heads: Int) -> ElementPlace {
    let strides = workload.strides(heads: heads, headDimension: convention.headDimension)
    let inRow = index % strides.batch
    return ElementPlace(
      batch: index / strides.batch, token: inRow / strides.sequence % workload.sequence,
      head: inRow / strides.head % heads, channel: index % convention.headDimension)
  }
}
