import Foundation

/// Standard output and standard error, unbuffered.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  /// Occupies the numbers of streams that are closed, which the next files would get, and with them what is printed.
  package static func occupyClosed() {
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(number, F_GETFD) < 0 {
      // Not for writing, so that printing fails.
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// Writes bytes at once.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)`` if the stream is closed, or what it leads to is full.
  package func write(_ bytes: Data) throws(FileError) { try rawValue.write(bytes, to: name) }

  private var name: String { self == .output ? "standard output" : "standard error" }
}

extension Int32 {
  /// Writes all bytes to this descriptor; `path` is its name in errors.
  ///
  /// - Throws: ``FileError/unwritable(path:reason:)``.
  func write(_ bytes: Data, to path: String) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(self, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // Some parents share a terminal or pipe that does not block.
      if count < 0, errno == EAGAIN {
        var wait = pollfd(fd: self, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, -1)
        continue
      }
      if count < 0, errno == EPIPE { UnfinishedFiles.awaitEndByBrokenPipe() }
      guard count > 0 else { throw .unwritable(path: path, reason: systemReason()) }
      rest = rest.dropFirst(count)
    }
  }
}
