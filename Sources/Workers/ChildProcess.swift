import CWorkers
import Files
import Foundation
import Synchronization

/// A program in a process of its own; no descendant of it survives.
///
/// It runs in a process group of its own below a ``Supervisor``. Its output is hidden, but the last part of it is kept.
package final class ChildProcess: Sendable {
  private let control: Descriptor
  private let supervisor: pid_t
  private let child: pid_t
  private let output: OutputTail
  private let end = Mutex<ChildEnd?>(nil)

  /// The time in which a supervisor must have killed everything, in seconds.
  private static let patience = 10.0

  /// Starts a program, and returns once it runs.
  ///
  /// - Parameters:
  ///   - words: the program, which is searched in `PATH`, and its arguments.
  ///   - environment: added to the variables of this process.
  ///   - descriptors: the descriptors that it inherits, by its own numbers for them, below 100. Unless they say
  ///     otherwise, 0 has nothing to read, and output to 1 and 2 is kept for ``lastLine()``.
  ///   - memoryByteCount: the limit of its private memory, and of each process that it starts; nil for none.
  /// - Throws: ``WorkerError``.
  package init(
    _ words: [String], environment: [String: String] = [:], descriptors: [Int32: Descriptor] = [:],
    memoryByteCount: Int? = nil
  ) throws(WorkerError) {
    let started = try Self.start(words, environment, descriptors, memoryByteCount)
    (control, supervisor) = (started.control, started.supervisor)
    output = OutputTail(of: started.output)
    switch Self.report(control, Deadline(after: Self.patience)) {
    case .some(let report) where report.kind == .started:
      child = report.value
    case let report:
      child = 0
      Self.reap(supervisor)
      end.withLock { $0 = .unknown }
      throw .notStarted(
        program: words.first ?? "",
        reason: report.map { systemReason($0.value) } ?? "its supervisor gave no reason")
    }
  }

  deinit { kill() }

  /// Starts a supervisor, which alone holds the other ends afterwards, so that they close when it ends.
  private static func start(
    _ words: [String], _ environment: [String: String], _ descriptors: [Int32: Descriptor], _ memoryByteCount: Int?
  ) throws(WorkerError) -> (supervisor: pid_t, control: Descriptor, output: Descriptor) {
    let program = try SupervisorProgram.path()
    guard OpenFileLimit.suffices() else {
      throw .notStarted(
        program: words.first ?? "",
        reason: "this process may open fewer than \(OpenFileLimit.needed) files: raise the limit with ulimit -n")
    }
    let (control, supervisorControl) = try Descriptor.socketPair()
    let (reading, writing) = try Descriptor.pipe()
    let standard: [Int32: Descriptor] = [0: try .null(), 1: writing, 2: writing]
    let inherited = standard.merging(descriptors) { _, given in given }
    let numbers = inherited.keys.sorted().map(String.init).joined(separator: ",")
    let variables = ProcessInfo.processInfo.environment.merging(environment) { _, given in given }
    var supervisor: pid_t = 0
    // The numbers alone do not keep the descriptors open.
    let error = withExtendedLifetime((inherited, supervisorControl)) {
      Supervisor.spawn(
        &supervisor, [program, Supervisor.subcommand, "\(memoryByteCount ?? 0)", numbers] + words,
        environment: variables.map { "\($0.key)=\($0.value)" },
        inherited.map { ($0.value.number, $0.key) } + [(supervisorControl.number, Supervisor.control)])
    }
    guard error == 0 else { throw .notStarted(program: program, reason: systemReason(error)) }
    return (supervisor, control, reading)
  }

  /// Waits until the process ends by itself.
  ///
  /// - Returns: the way it ended; nil if the deadline passed.
  package func wait(until deadline: Deadline) -> ChildEnd? {
    end.withLock { end in
      if end == nil, deadline.wait(for: control.number) { end = finish() }
      return end
    }
  }

  /// Kills it with all its descendants, unless it has ended.
  ///
  /// - Returns: the way it ended.
  @discardableResult package func kill() -> ChildEnd {
    end.withLock { end in
      if let end { return end }
      shutdown(control.number, Int32(SHUT_WR))
      let how = finish()
      end = how
      return how
    }
  }

  /// The last line that it printed; valid once it has ended.
  package func lastLine() -> String? { output.lastLine() }

  /// Reads the supervisor's last report.
  private func finish() -> ChildEnd {
    let report = Self.report(control, Deadline(after: Self.patience))
    if report == nil {
      // The supervisor was killed, or does not finish.
      Foundation.kill(-child, SIGKILL)
      Foundation.kill(supervisor, SIGKILL)
    }
    Self.reap(supervisor)
    return report.map { ChildEnd(waitStatus: $0.value) } ?? .unknown
  }

  private static func reap(_ supervisor: pid_t) {
    while waitpid(supervisor, nil, 0) < 0, errno == EINTR {}
  }

  /// The next report of a supervisor; nil if it sends none.
  private static func report(_ control: Descriptor, _ deadline: Deadline) -> Supervisor.Report? {
    var bytes = [UInt8](repeating: 0, count: Supervisor.Report.byteCount)
    var none: Int32 = -1
    guard deadline.wait(for: control.number),
      worker_receive(control.number, &bytes, bytes.count, 0, &none) == bytes.count
    else { return nil }
    return Supervisor.Report(bytes)
  }
}

/// The limit of the number of files that this process may have open.
private enum OpenFileLimit {
  /// Descriptors are copied to numbers from 100 on before a child inherits them.
  static let needed = 128

  /// Raises the limit if it is too low.
  ///
  /// - Returns: false if it stays too low.
  static func suffices() -> Bool {
    var limit = rlimit()
    guard getrlimit(files, &limit) == 0, limit.rlim_cur < needed else { return true }
    limit.rlim_cur = min(limit.rlim_max, rlim_t(needed))
    return setrlimit(files, &limit) == 0 && limit.rlim_cur >= needed
  }

  #if canImport(Glibc)
    private static let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let files = RLIMIT_NOFILE
  #endif
}

/// The way a child process ended.
package enum ChildEnd: Sendable, Equatable, CustomStringConvertible {
  /// By itself, with this status.
  case exited(status: Int32)
  /// By this signal.
  case signalled(Int32)
  /// Its supervisor ended before it could report.
  case unknown

  /// Decodes a status as `waitpid` returns it.
  init(waitStatus: Int32) {
    self = waitStatus & 0x7F == 0 ? .exited(status: waitStatus >> 8 & 0xFF) : .signalled(waitStatus & 0x7F)
  }

  package var description: String {
    switch self {
    case .exited(let status): "exited with status \(status)"
    case .signalled(let number): "killed by \(Self.name(ofSignal: number))"
    case .unknown: "killed its supervisor, so how it ended is unknown"
    }
  }

  /// The name of a signal, such as `SIGSEGV (invalid memory access)`.
  package static func name(ofSignal number: Int32) -> String {
    let names: [Int32: String] = [
      SIGSEGV: "SIGSEGV (invalid memory access)", SIGBUS: "SIGBUS (access to missing memory)",
      SIGFPE: "SIGFPE (integer division by zero or overflow)", SIGILL: "SIGILL (invalid instruction)",
      SIGABRT: "SIGABRT (abort)", SIGKILL: "SIGKILL (the system sends it when memory runs out)",
      SIGTRAP: "SIGTRAP (trap)", SIGSYS: "SIGSYS (forbidden system call)", SIGTERM: "SIGTERM", SIGINT: "SIGINT",
      SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGXCPU: "SIGXCPU (processor time)", SIGHUP: "SIGHUP",
      SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2", SIGQUIT: "SIGQUIT", SIGXFSZ: "SIGXFSZ (file size)",
    ]
    return names[number] ?? "signal \(number)"
  }
}

/// Reads what a process prints until it ends, and keeps the last part.
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

  /// The last line printed by a process that has ended, at most its last 200 characters; nil if there is none.
  func lastLine() -> String? {
    // All writers are gone, so the thread ends very soon if it has not ended.
    _ = finished.wait(timeout: .now() + 1)
    finished.signal()
    let text = bytes.withLock { String(decoding: $0, as: UTF8.self) }
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    guard let line = lines.last(where: { !$0.isEmpty }) else { return nil }
    return String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 32 }).suffix(200))
  }
}
