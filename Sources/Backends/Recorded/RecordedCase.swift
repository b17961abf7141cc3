import Goldens
import RoPE

/// The form that recorded outputs of one case must have.
package struct RecordedCase: Sendable, Equatable {
  /// The name of the case: the path of its group below `/cases`.
  let name: String
  /// The type of the elements.
  let elementType: ElementType
  /// The extents of `q` and `k`, slowest first; nil for a tensor that the case does not have.
  let shapes: PerTensor<[Int]?>

  init(name: String, elementType: ElementType, shapes: PerTensor<[Int]?>) {
    self.name = name
    self.elementType = elementType
    self.shapes = shapes
  }

  init(_ goldenCase: Case) {
    let workload = goldenCase.workload, dimension = goldenCase.convention.headDimension
    self.init(
      name: goldenCase.name, elementType: goldenCase.elementType,
      shapes: PerTensor {
        workload.tensors.contains($0) ? workload.axes(of: $0, headDimension: dimension).map(\.count) : nil
      })
  }

  /// The tensors of the case.
  var tensors: [TensorName] { TensorName.rotated.filter { shapes[$0] != nil } }
}

/// The state of one case in recorded outputs.
package enum RecordedState: Sendable, Equatable {
  /// Every tensor is present, in the type and shape of the case.
  case recorded
  /// The program does not support the case.
  case unsupported(reason: String)
  /// The program failed on the case.
  case failed(message: String)
  /// Nothing is recorded for the case.
  case absent
}

/// The header of recorded outputs.
package struct RecordedHeader: Sendable, Equatable {
  /// The name of the backend.
  package let backend: String
  /// One line for people: implementation and device; nil if not given.
  package let summary: String?
  /// The checksum of the goldens that the inputs came from.
  package let goldens: String
  /// The cases that have a group in the file.
  package let caseNames: [String]
}

/// The reason, in one line, that recorded outputs or one case of them cannot be used.
package struct RecordedError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
