public import Foundation

/// A file that grows line by line, so that what is there is whole lines at any time.
public struct LineFile: Sendable {
  private let path: String
  private let handle: FileHandle

  /// Begins a file.
  ///
  /// - Parameter path: the file, which is emptied; `-` for standard output.
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  public init(path: String) throws(ReportError) {
    self.path = path
    if path == "-" {
      handle = .standardOutput
    } else {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .unwritable(path: path, reason: String(cString: strerror(errno))) }
      handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
  }

  /// Writes a line, which ends with a line feed.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``.
  public func add(_ line: Data) throws(ReportError) {
    do {
      try handle.write(contentsOf: line)
    } catch {
      throw .unwritable(path: path, reason: error.localizedDescription)
    }
  }
}
