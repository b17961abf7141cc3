import Foundation

/// A bar on standard error, where that is a terminal; nothing where it is not.
struct ProgressBar: Sendable {
  private let isShown = Terminal.isCapable(STDERR_FILENO)
  private static let width = 40

  /// Shows how far the work is.
  func show(done: Int, total: Int) {
    guard isShown, total > 0 else { return }
    let filled = Self.width * done / total
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: Self.width - filled)
    write("\r\(bar) \(done)/\(total)")
  }

  /// Takes the bar away, so that what is printed next stands alone.
  func clear() { if isShown { write("\r\u{1B}[K") } }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
