public import RoPE

/// What recorded outputs must hold of one case.
public struct RecordedCase: Sendable, Equatable {
  /// The name of the case, which is the path of its group below `/cases`.
  public let name: String
  /// The type of the elements.
  public let elementType: ElementType
  /// The extents of `q`, slowest first.
  public let queryShape: [Int]
  /// The extents of `k`, slowest first.
  public let keyShape: [Int]

  public init(name: String, elementType: ElementType, queryShape: [Int], keyShape: [Int]) {
    self.name = name
    self.elementType = elementType
    self.queryShape = queryShape
    self.keyShape = keyShape
  }
}

/// Q or K, as recorded outputs name them.
public enum RecordedTensor: String, Sendable {
  case query = "q"
  case key = "k"
}

/// What recorded outputs say of one case.
public enum RecordedState: Sendable, Equatable {
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
public struct RecordedHeader: Sendable, Equatable {
  /// The name of the backend.
  public let backend: String
  /// One line for people: implementation and device; nil where nothing is said.
  public let summary: String?
  /// The checksum of the goldens that the inputs were of.
  public let goldens: String
  /// The cases of which something is there.
  public let caseNames: [String]
}

/// Recorded outputs that cannot be used, or one case of them: why, in one line.
public struct RecordedError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
