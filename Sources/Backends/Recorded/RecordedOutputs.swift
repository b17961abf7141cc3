public import RoPE

/// A file of outputs that were made elsewhere.
public struct RecordedOutputs: Sendable {
  /// The file.
  public let path: String
  /// What it says of itself.
  public let header: RecordedHeader
  private let reader: RecordedReader

  /// Opens a file.
  ///
  /// - Throws: ``RecordedError`` where it is no file of recorded outputs, or is damaged so far that this cannot be told.
  public init(path: String, reader: RecordedReader) throws(RecordedError) {
    self.path = path
    self.reader = reader
    header = try reader.open(path)
  }

  /// What the file says of a case.
  ///
  /// - Throws: ``RecordedError``, also where a tensor is missing or not of the case's type and shape.
  public func state(of recorded: RecordedCase) throws(RecordedError) -> RecordedState {
    try reader.state(of: recorded, in: path)
  }

  /// The elements of a box of one tensor, row-major.
  ///
  /// - Parameters:
  ///   - start: the first index on each axis; nil for the first element.
  ///   - count: the extent on each axis; nil for the whole tensor.
  /// - Throws: ``RecordedError``.
  public func elements(
    _ tensor: RecordedTensor, of recorded: RecordedCase, at start: [Int]? = nil, count: [Int]? = nil
  ) throws(RecordedError) -> ElementArray {
    let shape = tensor == .query ? recorded.queryShape : recorded.keyShape
    let start = start ?? shape.map { _ in 0 }, count = count ?? shape
    var elements = ElementArray(type: recorded.elementType, count: count.reduce(1, *))
    var failure: RecordedError?
    elements.bytes.withUnsafeMutableBytes { bytes in
      do throws(RecordedError) {
        try reader.read(tensor, of: recorded, in: path, at: start, count: count, into: bytes)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return elements
  }
}
