import Goldens
import RoPE

/// What a backend left behind on a case that stores its tensors, contiguous in the workload's layout.
struct Outputs: Equatable {
  let query: ElementArray
  let key: ElementArray

  /// The `D` elements of one head of one token.
  func row(_ place: Computation.Place, of golden: Golden) -> ElementArray {
    let workload = golden.goldenCase.workload, dimension = golden.plan.headDimension
    let elements = place.tensor == .query ? query : key
    let heads = place.tensor == .query ? workload.queryHeads : workload.keyHeads
    let strides = workload.strides(heads: heads, headDimension: dimension)
    let first =
      place.token / workload.sequence * strides.batch + place.token % workload.sequence * strides.sequence
      + place.head * strides.head
    let size = elements.type.byteCount
    return ElementArray(
      type: elements.type, bytes: Array(elements.bytes[first * size..<(first + dimension) * size]))
  }
}
