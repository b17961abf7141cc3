import Files
import Foundation
import Reports
import Synchronization

/// Prints lines to standard output at once, in place of Swift's function, which hides errors.
///
/// - Throws: `FileError` if standard output is closed or full.
func print(_ text: String) throws(FileError) { try StandardStream.output.print(text) }

extension StandardStream {
  /// Prints lines, with every character shown that could deceive or disturb a terminal, except colours of `style`.
  ///
  /// - Throws: `FileError`.
  func print(_ text: String, style: TextStyle = .plain) throws(FileError) {
    try write(Data((style.visible(text) + "\n").utf8))
  }

  /// Prints lines as far as possible, where an error could not be told.
  func tryToPrint(_ text: String) { try? print(text) }
}

/// The output of a command for people.
struct Terminal: Sendable {
  private let stream: StandardStream
  /// In colour on a terminal that supports it, unless `NO_COLOR` is set.
  let style: TextStyle

  /// - Parameter isOutputTaken: whether standard output carries a file, so that people read standard error.
  init(isOutputTaken: Bool = false) {
    stream = isOutputTaken ? .error : .output
    let isPlain = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    style = Self.isCapable(stream) && !isPlain ? .coloured : .plain
  }

  /// Returns true if the stream is a terminal that follows escape sequences.
  static func isCapable(_ stream: StandardStream) -> Bool {
    isatty(stream.rawValue) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// Prints lines at once, so that they keep their order with what goes to standard error.
  ///
  /// - Throws: `FileError` if the stream is closed or full.
  func print(_ text: String) throws(FileError) { try stream.print(text, style: style) }
}

/// A bar on standard error if that is a terminal; otherwise nothing.
struct ProgressBar: Sendable {
  private let isShown = Terminal.isCapable(.error) && Self.columns >= Self.neededColumns
  private static let width = 40, neededColumns = 60

  /// The width of the terminal in characters.
  private static var columns: Int {
    var size = winsize()
    return ioctl(StandardStream.error.rawValue, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
  }

  /// Shows the progress of the work.
  func show(done: Int, total: Int) {
    guard isShown, total > 0 else { return }
    let filled = Self.width * done / total
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: Self.width - filled)
    write("\r\(bar) \(done)/\(total)")
  }

  /// Removes the bar, so that the next output stands alone.
  func clear() { if isShown { write("\r\u{1B}[K") } }

  private func write(_ text: String) { try? StandardStream.error.write(Data(text.utf8)) }
}

/// Prevents a process that ends in the middle of a run, for example because a plug-in loaded into it calls `exit(0)`,
/// from looking like a run that conforms.
enum UnfinishedRun {
  private static let isRunning = Atomic(false)
  private static let registered: Int32 = atexit {
    guard isRunning.load(ordering: .relaxed) else { return }
    StandardStream.error.tryToPrint("Error: the process was ended in the middle of the run")
    _exit(1)
  }

  static func begin() {
    precondition(registered == 0, "atexit takes another function")
    isRunning.store(true, ordering: .relaxed)
  }

  static func end() { isRunning.store(false, ordering: .relaxed) }
}
