import Foundation
import Synchronization

/// Keeps what ends this process in the middle of a run, such as a plug-in loaded into it that calls `exit(0)`, from
/// looking like a run that conforms.
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
