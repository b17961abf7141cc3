import Goldens
import RoPE

/// What recorded outputs must hold of one case.
package struct RecordedCase: Sendable, Equatable {
  /// The name of the case, which is the path of its group below `/cases`.
  let name: String
  /// The type of the elements.
  let elementType: ElementType
  /// The extents of `q` and `k`, slowest first.
  let shapes: PerTensor<[Int]>

  init(name: String, elementType: ElementType, shapes: PerTensor<[Int]>) {
    self.name = name
    self.elementType = elementType
    self.shapes = shapes
  }

  init(_ goldenCase: Case) {
    let workload = goldenCase.workload, dimension = goldenCase.convention.headDimension
    self.init(
      name: goldenCase.name, elementType: goldenCase.elementType,
      shapes: PerTensor { workload.axes(of: $0, headDimension: dimension).map(\.count) })
  }
}

/// What recorded outputs say of one case.
package enum RecordedState: Sendable, Equatable {
  /// Both tensors are there, in the type and shape of the case.
  case recorded
  /// The program does not support the case.
  case unsupported(reason: String)
  /// The program failed on the case.
  case failed(message: String)
  /// Nothing is there of it.
  case absent
}

/// What recorded outputs say of themselves.
package struct RecordedHeader: Sendable, Equatable {
  /// The name of the backend.
  package let backend: String
  /// One line for people: implementation and device; nil where nothing is said.
  package let summary: String?
  /// The checksum of the goldens that the inputs were of.
  package let goldens: String
  /// The cases of which something is there.
  package let caseNames: [String]
}

/// Recorded outputs that cannot be used, or one case of them: why, in one line.
package struct RecordedError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
