import CIsolation
import Foundation
import Synchronization

/// A program in a process of its own, of which nothing stays alive.
///
/// It runs in a process group of its own below a ``Keeper``. What it prints disturbs nobody: the end of it is kept.
public final class ChildProcess: Sendable {
  private let control: Descriptor
  private let keeper: pid_t
  private let child: pid_t
  private let output: OutputTail
  private let end = Mutex<ChildEnd?>(nil)

  /// How long a keeper may need to kill everything, in seconds.
  private static let patience = 10.0

  /// Starts a program; the answer comes once it runs.
  ///
  /// - Parameters:
  ///   - words: the program, which is looked for in `PATH`, and its arguments.
  ///   - environment: added to the variables of this process.
  ///   - descriptors: what it inherits, by the number that it knows it by, below 100; beside these, it can read nothing from 0,
  ///     and what it writes to 1 and 2 is kept for ``lastLine()``.
  ///   - memoryByteCount: the limit of its private memory, and of each process that it starts; nil for none.
  /// - Throws: ``IsolationError``.
  public init(
    _ words: [String], environment: [String: String] = [:], descriptors: [Int32: Descriptor] = [:],
    memoryByteCount: Int? = nil
  ) throws(IsolationError) {
    let started = try Self.start(words, environment, descriptors, memoryByteCount)
    (control, keeper) = (started.control, started.keeper)
    output = OutputTail(of: started.output)
    switch Self.report(control, Deadline(after: Self.patience)) {
    case .some(let report) where report.kind == .started:
      child = report.value
    case let report:
      child = 0
      Self.reap(keeper)
      end.withLock { $0 = .unknown }
      throw .notStarted(
        program: words.first ?? "",
        reason: report.map { IsolationError.text(of: $0.value) } ?? "its keeper says nothing")
    }
  }

  deinit { kill() }

  /// Starts a keeper, which alone holds the other ends afterwards, so that its end shows in them.
  private static func start(
    _ words: [String], _ environment: [String: String], _ descriptors: [Int32: Descriptor], _ memoryByteCount: Int?
  ) throws(IsolationError) -> (keeper: pid_t, control: Descriptor, output: Descriptor) {
    let program = try KeeperProgram.path()
    let (control, keeperControl) = try Descriptor.socketPair()
    let (reading, writing) = try Descriptor.pipe()
    let standard: [Int32: Descriptor] = [0: try .null(), 1: writing, 2: writing]
    let inherited = standard.merging(descriptors) { _, given in given }
    let numbers = inherited.keys.sorted().map(String.init).joined(separator: ",")
    let variables = ProcessInfo.processInfo.environment.merging(environment) { _, given in given }
    var keeper: pid_t = 0
    // Numbers alone keep no descriptor open.
    let error = withExtendedLifetime((inherited, keeperControl)) {
      Keeper.spawn(
        &keeper, [program, Keeper.subcommand, "\(memoryByteCount ?? 0)", numbers] + words,
        environment: variables.map { "\($0.key)=\($0.value)" },
        inherited.map { ($0.value.number, $0.key) } + [(keeperControl.number, Keeper.control)])
    }
    guard error == 0 else { throw .notStarted(program: program, reason: IsolationError.text(of: error)) }
    return (keeper, control, reading)
  }

  /// Waits until it ended by itself.
  ///
  /// - Returns: how; nil where the deadline passed.
  public func wait(until deadline: Deadline) -> ChildEnd? {
    end.withLock { end in
      if end == nil, deadline.wait(for: control.number) { end = finish() }
      return end
    }
  }

  /// Kills it with all its descendants, unless it has ended.
  ///
  /// - Returns: how it ended.
  @discardableResult public func kill() -> ChildEnd {
    end.withLock { end in
      if let end { return end }
      shutdown(control.number, Int32(SHUT_WR))
      let how = finish()
      end = how
      return how
    }
  }

  /// The last line that it printed; to be asked once it ended.
  public func lastLine() -> String? { output.lastLine() }

  /// Reads the keeper's last report.
  private func finish() -> ChildEnd {
    let report = Self.report(control, Deadline(after: Self.patience))
    if report == nil {
      // The keeper was killed, or does not get done.
      Foundation.kill(-child, SIGKILL)
      Foundation.kill(keeper, SIGKILL)
    }
    Self.reap(keeper)
    return report.map { ChildEnd(waitStatus: $0.value) } ?? .unknown
  }

  private static func reap(_ keeper: pid_t) {
    while waitpid(keeper, nil, 0) < 0, errno == EINTR {}
  }

  /// The next report of a keeper; nil where it says nothing.
  private static func report(_ control: Descriptor, _ deadline: Deadline) -> Keeper.Report? {
    var bytes = [UInt8](repeating: 0, count: Keeper.Report.byteCount)
    var none: Int32 = -1
    guard deadline.wait(for: control.number),
      isolation_receive(control.number, &bytes, bytes.count, 0, &none) == bytes.count
    else { return nil }
    return Keeper.Report(bytes)
  }
}
