import Foundation

/// A file that grows line by line, so that it holds whole lines at any time.
package final class LineFile: Sendable {
  private let path: String
  private let descriptor: Int32

  /// Begins a file.
  ///
  /// - Parameter path: the file, which is emptied; `-` for standard output.
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package init(path: String) throws(FileError) {
    self.path = path == "-" ? "standard output" : path
    descriptor =
      path == "-"
      ? StandardStream.output.rawValue : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0o666)
    guard descriptor >= 0 else { throw .unwritable(path: path, reason: systemReason()) }
  }

  deinit { if descriptor != StandardStream.output.rawValue { close(descriptor) } }

  /// Writes a line, which ends with a line feed.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  package func add(_ line: Data) throws(FileError) { try descriptor.write(line, to: path) }
}
