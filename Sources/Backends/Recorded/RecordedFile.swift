import Goldens
import HDF5
import RoPE

/// A file of recorded outputs that is open in this process.
///
///     /                          format = "rope-conformance", role = "outputs", backend, summary (optional), goldens
///     /cases/<name>/q, k         the outputs, in the type and shape of the inputs
///     /cases/<name>              instead, an attribute: unsupported (the reason) or failed (what was raised)
final class RecordedFile {
  let header: RecordedHeader
  private let file: File

  /// The most case names in a file; many more than the goldens have.
  private static let largestCaseCount = 100_000
  /// The most characters that are read of a text.
  private static let textLength = 1_000
  /// The number of names, between slashes, in the name of a case.
  private static let caseDepth = 4

  /// Opens a file and reads its header.
  ///
  /// - Throws: ``RecordedError``.
  init(path: String) throws(RecordedError) {
    let file = try Self.lined { () throws(HDF5Error) in try File(opening: path) }
    header = try Self.lined { () throws(HDF5Error) in try Self.header(of: file) }
    self.file = file
  }

  private static func header(of file: borrowing File) throws(HDF5Error) -> RecordedHeader {
    let root = try file.root()
    let names = try root.attributes().names()
    func text(_ name: String) throws(HDF5Error) -> String {
      guard names.contains(name) else { throw root.refusal("read the file", "it has no attribute \(name)") }
      return clipped(try root.attributes().string(name))
    }
    for (name, value) in [("format", "rope-conformance"), ("role", "outputs")] {
      let found = try text(name)
      guard found == value else { throw root.refusal("read the file", "its \(name) is '\(found)', not '\(value)'") }
    }
    return RecordedHeader(
      backend: try text("backend"), summary: names.contains("summary") ? try text("summary") : nil,
      goldens: try text("goldens"), caseNames: try caseNames(in: root))
  }

  /// The state of a case in the file.
  ///
  /// - Throws: ``RecordedError``, also if a tensor does not have the form that the case demands.
  func state(of recorded: RecordedCase) throws(RecordedError) -> RecordedState {
    try Self.lined { () throws(HDF5Error) in
      let root = try file.root()
      let path = "cases/\(recorded.name)"
      guard try root.containsWithoutLinks(path) else { return .absent }
      let group = try root.group(path)
      let attributes = try group.attributes().names()
      func text(_ name: String) throws(HDF5Error) -> String { Self.clipped(try group.attributes().string(name)) }
      if attributes.contains("failed") { return .failed(message: try text("failed")) }
      if attributes.contains("unsupported") {
        // A case that has outputs cannot also be unsupported.
        for tensor in TensorName.rotated where try group.containsWithoutLinks(tensor.dataset) {
          throw group.refusal(
            "read the outputs", "it has both the attribute unsupported and the dataset \(tensor.dataset)")
        }
        return .unsupported(reason: try text("unsupported"))
      }
      for tensor in recorded.tensors { _ = try Self.dataset(tensor, of: recorded, in: group) }
      return .recorded
    }
  }

  /// Reads a slab of one tensor, row-major.
  ///
  /// The slab begins at the index `start` on each axis and has the extent `count`; `bytes` holds exactly these
  /// elements.
  ///
  /// - Throws: ``RecordedError``.
  func read(
    _ tensor: TensorName, of recorded: RecordedCase, at start: [Int], count: [Int],
    into bytes: UnsafeMutableRawBufferPointer
  ) throws(RecordedError) {
    try Self.lined { () throws(HDF5Error) in
      let group = try file.root().group("cases/\(recorded.name)")
      try Self.dataset(tensor, of: recorded, in: group).read(into: bytes, at: start, count: count)
    }
  }

  private static func dataset(
    _ tensor: TensorName, of recorded: RecordedCase, in group: borrowing Group
  ) throws(HDF5Error) -> Dataset {
    let name = tensor.dataset
    guard try group.containsWithoutLinks(name) else {
      throw group.refusal("read the outputs", "it has no dataset \(name)")
    }
    let dataset = try group.dataset(name)
    let type = recorded.elementType.numberType
    let shape = recorded.shapes[tensor] ?? []
    guard dataset.type == type, dataset.shape == shape else {
      throw group.refusal(
        "read the outputs",
        "\(name) must be \(type.rawValue) \(shape), found \(dataset.type.rawValue) \(dataset.shape)")
    }
    try dataset.checkIsWritten()
    return dataset
  }

  /// The names of the cases: the paths of nested groups, ``caseDepth`` names deep.
  private static func caseNames(in root: borrowing Group) throws(HDF5Error) -> [String] {
    guard try root.containsWithoutLinks("cases") else { return [] }
    var names = [""]
    for _ in 0..<caseDepth {
      var deeper: [String] = []
      for name in names {
        deeper += try root.group("cases/\(name)").groupNames().map { name.isEmpty ? $0 : "\(name)/\($0)" }
        // Links between groups can form cycles.
        guard deeper.count <= largestCaseCount else {
          throw root.refusal("list the cases", "it has more than \(largestCaseCount) cases")
        }
      }
      names = deeper
    }
    return names
  }

  private static func clipped(_ text: String) -> String { String(text.prefix(textLength)) }

  private static func lined<Result: ~Copyable>(
    _ body: () throws(HDF5Error) -> Result
  ) throws(RecordedError) -> Result {
    do throws(HDF5Error) {
      return try body()
    } catch {
      throw RecordedError(error.line)
    }
  }
}

/// The files of recorded outputs that this process has open.
final class RecordedFiles {
  private var files: [(path: String, file: RecordedFile)] = []

  /// The most files that are open at a time: those of a few runs.
  private static let limit = 8

  /// Opens the file at a path anew, as it is now.
  ///
  /// - Throws: ``RecordedError``.
  func open(_ path: String) throws(RecordedError) -> RecordedFile {
    files.removeAll { $0.path == path }
    let file = try RecordedFile(path: path)
    if files.count == Self.limit { files.removeFirst() }
    files.append((path, file))
    return file
  }

  /// The file at a path, opened if necessary.
  ///
  /// - Throws: ``RecordedError``.
  subscript(path: String) -> RecordedFile {
    get throws(RecordedError) {
      if let known = files.first(where: { $0.path == path }) { return known.file }
      return try open(path)
    }
  }
}
