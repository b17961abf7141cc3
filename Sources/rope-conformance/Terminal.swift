import Foundation
import Reports

/// Where a command prints for people.
struct Terminal: Sendable {
  private let descriptor: Int32
  /// In colour on a terminal that shows it, unless `NO_COLOR` is set.
  let style: TextStyle

  /// - Parameter isOutputTaken: whether standard output carries a file, so that people read standard error.
  init(isOutputTaken: Bool = false) {
    descriptor = isOutputTaken ? STDERR_FILENO : STDOUT_FILENO
    let isPlain = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    style = Self.isCapable(descriptor) && !isPlain ? .coloured : .plain
  }

  /// Whether a terminal is there that follows escape sequences.
  static func isCapable(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Prints lines at once, so that they keep their order with what goes to standard error.
  func print(_ text: String) { FileHandle(fileDescriptor: descriptor).write(Data((text + "\n").utf8)) }
}
