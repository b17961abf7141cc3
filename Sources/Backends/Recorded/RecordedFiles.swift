/// The files of recorded outputs that this process has open.
final class RecordedFiles {
  private var files: [(path: String, file: RecordedFile)] = []

  /// Files that are open at a time: those of a few runs.
  private static let limit = 8

  /// The file at a path as it is now.
  ///
  /// - Throws: ``RecordedError``.
  func open(_ path: String) throws(RecordedError) -> RecordedFile {
    files.removeAll { $0.path == path }
    let file = try RecordedFile(path: path)
    if files.count == Self.limit { files.removeFirst() }
    files.append((path, file))
    return file
  }

  /// The file at a path, which is opened unless it is open.
  ///
  /// - Throws: ``RecordedError``.
  subscript(path: String) -> RecordedFile {
    get throws(RecordedError) {
      if let known = files.first(where: { $0.path == path }) { return known.file }
      return try open(path)
    }
  }
}
