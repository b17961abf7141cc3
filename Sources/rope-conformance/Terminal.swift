import Foundation
import Reports
import Synchronization

/// The output of a command for people.
struct Terminal: Sendable {
  private let descriptor: Int32
  /// In colour on a terminal that supports it, unless `NO_COLOR` is set.
  let style: TextStyle

  /// - Parameter isOutputTaken: whether standard output carries a file, so that people read standard error.
  init(isOutputTaken: Bool = false) {
    descriptor = isOutputTaken ? STDERR_FILENO : STDOUT_FILENO
    let isPlain = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    style = Self.isCapable(descriptor) && !isPlain ? .coloured : .plain
  }

  /// Returns true if the descriptor is a terminal that follows escape sequences.
  static func isCapable(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Prints lines at once, so that they keep their order with what goes to standard error.
  func print(_ text: String) { FileHandle(fileDescriptor: descriptor).write(Data((text + "\n").utf8)) }
}

/// A bar on standard error if that is a terminal; otherwise nothing.
struct ProgressBar: Sendable {
  private let isShown = Terminal.isCapable(STDERR_FILENO)
  private static let width = 40

  /// Shows the progress of the work.
  func show(done: Int, total: Int) {
    guard isShown, total > 0 else { return }
    let filled = Self.width * done / total
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: Self.width - filled)
    write("\r\(bar) \(done)/\(total)")
  }

  /// Removes the bar, so that the next output stands alone.
  func clear() { if isShown { write("\r\u{1B}[K") } }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// Prevents a process that ends in the middle of a run, for example because a plug-in loaded into it calls `exit(0)`,
/// from looking like a run that conforms.
enum UnfinishedRun {
  private static let isRunning = Atomic(false)
  private static let registered: Int32 = atexit {
    guard isRunning.load(ordering: .relaxed) else { return }
    FileHandle.standardError.write(Data("error: the process was ended in the middle of the run\n".utf8))
    _exit(1)
  }

  static func begin() {
    precondition(registered == 0, "atexit takes another function")
    isRunning.store(true, ordering: .relaxed)
  }

  static func end() { isRunning.store(false, ordering: .relaxed) }
}
