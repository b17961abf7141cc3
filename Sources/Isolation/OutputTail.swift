import Foundation
import Synchronization

/// Reads what a process prints until it ends, and keeps the end of it.
final class OutputTail: Sendable {
  private let bytes = Mutex<[UInt8]>([])
  private let finished = DispatchSemaphore(value: 0)

  private static let limit = 2_000

  /// Begins to read from a descriptor, on a thread of its own.
  init(of descriptor: Descriptor) {
    Thread.detachNewThread { [self] in
      var chunk = [UInt8](repeating: 0, count: 4_096)
      while true {
        let count = read(descriptor.number, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        bytes.withLock { bytes in
          bytes += chunk.prefix(count)
          bytes.removeFirst(max(0, bytes.count - Self.limit))
        }
      }
      finished.signal()
    }
  }

  /// The last line that was printed, of a process that has ended, at most 200 characters; nil where there is none.
  func lastLine() -> String? {
    // All writers are gone, so that the thread is at most about to finish.
    _ = finished.wait(timeout: .now() + 1)
    finished.signal()
    let text = bytes.withLock { String(decoding: $0, as: UTF8.self) }
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    guard let line = lines.last(where: { !$0.isEmpty }) else { return nil }
    return String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 32 }).suffix(200))
  }
}
