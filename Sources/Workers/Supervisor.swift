import CWorkers
import Foundation
import Synchronization

/// The process between this one and a child: it starts the child, waits for it, and leaves no descendant alive.
///
/// A parent that only kills a process group misses a descendant that left the group, and if the parent itself is
/// killed, everything survives. A supervisor adopts orphans, and ends everything once its parent is gone.
///
///     rope-conformance supervise MEMORY DESCRIPTORS PROGRAM ARGUMENT…
///
/// MEMORY is the limit in bytes, or 0 for none; DESCRIPTORS are those that the child inherits, such as `0,1,2,3`.
package enum Supervisor {
  /// The name of the hidden subcommand that calls ``run(_:)``.
  package static let subcommand = "supervise"

  /// The supervisor's end of the connection to its parent.
  static let control: Int32 = 100

  /// A message from a supervisor to its parent.
  struct Report {
    enum Kind: Int32 {
      /// The value is the process identifier of the child.
      case started = 1
      /// The value is an error number; no other report follows.
      case notStarted = 2
      /// The value is a status as `waitpid` gives it; no descendant is alive.
      case ended = 3
    }

    let kind: Kind
    let value: Int32

    static let byteCount = 8

    var bytes: [UInt8] { [kind.rawValue, value].withUnsafeBytes(Array.init) }

    init(_ kind: Kind, _ value: Int32) {
      self.kind = kind
      self.value = value
    }

    init?(_ bytes: [UInt8]) {
      let words = bytes.withUnsafeBytes {
        [$0.loadUnaligned(as: Int32.self), $0.loadUnaligned(fromByteOffset: 4, as: Int32.self)]
      }
      guard let kind = Kind(rawValue: words[0]) else { return nil }
      self.init(kind, words[1])
    }
  }

  /// Supervises the child that the arguments name, then ends this process.
  package static func run(_ arguments: [String]) -> Never {
    guard arguments.count >= 3, let memory = UInt64(arguments[0]) else {
      FileHandle.standardError.write(Data("\(subcommand) is only for rope-conformance itself\n".utf8))
      exit(2)
    }
    let inherited = arguments[1].split(separator: ",").compactMap { Int32($0) }
    _ = worker_close_others(inherited + [control], inherited.count + 1)
    _ = fcntl(control, F_SETFD, FD_CLOEXEC)
    _ = worker_adopt_orphans()
    var error = worker_limit(memory == 0 ? .max : memory)
    var child: pid_t = 0
    if error == 0 {
      error = spawn(&child, Array(arguments[2...]), environment: nil, inherited.map { ($0, $0) })
    }
    guard error == 0 else {
      tell(Report(.notStarted, error))
      exit(1)
    }
    // The supervisor does not need them, and the other ends stay open until the last holder closes them.
    for descriptor in inherited { close(descriptor) }
    tell(Report(.started, child))
    let status = wait(for: child)
    tell(Report(.ended, status))
    exit(0)
  }

  private static func tell(_ report: Report) {
    // If the parent is gone, the report is not needed.
    _ = worker_send(control, report.bytes, Report.byteCount, -1)
  }

  /// Waits until the child ends; kills it when the parent asks for that or is gone.
  private static func wait(for child: pid_t) -> Int32 {
    let hasEnded = Mutex(false)
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while read(control, &byte, 1) < 0, errno == EINTR {}
      // Not after the child was reaped, because its number may then belong to another process.
      hasEnded.withLock { if !$0 { kill(child, SIGKILL) } }
    }
    var information = siginfo_t()
    while waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return hasEnded.withLock { hasEnded in
      // Until the child is reaped, no other group can have its number.
      kill(-child, SIGKILL)
      hasEnded = true
      var status: Int32 = 0
      while waitpid(child, &status, 0) < 0, errno == EINTR {}
      killOrphans()
      return status
    }
  }

  /// Kills every process that became a child of this one, until there are none.
  private static func killOrphans() {
    while true {
      let reaped = waitpid(-1, nil, WNOHANG)
      if reaped < 0 { return }
      if reaped > 0 { continue }
      for orphan in children() { kill(orphan, SIGKILL) }
      usleep(1_000)
    }
  }

  /// The children of this process: those whose `/proc/N/stat` has its number in the second field after the name.
  private static func children() -> [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { process in
      guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .isoLatin1),
        let name = line.lastIndex(of: ")")
      else { return false }
      let fields = line[line.index(after: name)...].split(separator: " ")
      return fields.count > 1 && pid_t(fields[1]) == getpid()
    }
  }

  /// Starts a program with descriptors of this process.
  ///
  /// `environment` has the form `NAME=value`; nil for that of this process.
  ///
  /// - Returns: 0, or the error number.
  static func spawn(
    _ process: inout pid_t, _ words: [String], environment: [String]?,
    _ descriptors: [(source: Int32, target: Int32)]
  ) -> Int32 {
    let variables = environment ?? ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    let arguments = words.map { strdup($0) } + [nil], values = variables.map { strdup($0) } + [nil]
    defer { for text in arguments + values { free(text) } }
    return worker_spawn(
      &process, words[0], arguments, values, descriptors.map(\.source), descriptors.map(\.target), descriptors.count)
  }
}

/// The executable that supervises child processes: `rope-conformance`, in the folder of every program built with it.
package enum SupervisorProgram {
  /// The path of the executable: this one, or the one in the same folder when tests run.
  ///
  /// - Throws: ``WorkerError/noSupervisor(folder:)``.
  package static func path() throws(WorkerError) -> String {
    var folder = executable.deletingLastPathComponent()
    // On macOS, tests run from a bundle in that folder.
    while folder.pathExtension == "xctest" || ["MacOS", "Contents"].contains(folder.lastPathComponent) {
      folder.deleteLastPathComponent()
    }
    let path = folder.appending(path: "rope-conformance").path
    guard FileManager.default.isExecutableFile(atPath: path) else { throw .noSupervisor(folder: folder.path) }
    return path
  }

  private static var executable: URL {
    #if os(Linux)
      // The name that this process was started by need not be a path.
      if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
        return URL(filePath: path)
      }
    #endif
    return URL(filePath: Bundle.main.executablePath ?? CommandLine.arguments[0])
  }
}
