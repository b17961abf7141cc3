import Foundation

/// The client's side of a worker: starts a process of this program, sends it messages, and gives it up if it fails.
package final class WorkerClient {
  private let child: ChildProcess
  private let channel: MessageChannel
  private let crash: CrashRecord
  private let seconds: Double

  /// The reason that there is no answer, in words that follow the name of what should have answered.
  package struct Silence: Error {
    package let reason: String
  }

  /// Starts a process, whose first message is yet to be received.
  ///
  /// `arguments` is the hidden subcommand that calls ``WorkerMain/run(_:)``, and its arguments.
  ///
  /// - Throws: ``WorkerError``.
  package init(_ arguments: [String], limits: WorkerLimits) throws(WorkerError) {
    crash = try CrashRecord()
    seconds = limits.seconds
    (child, channel) = try Self.start(arguments, crash, limits)
  }

  /// Starts a child, which alone holds the other end of the channel afterwards.
  private static func start(
    _ arguments: [String], _ crash: CrashRecord, _ limits: WorkerLimits
  ) throws(WorkerError) -> (ChildProcess, MessageChannel) {
    let (channel, otherEnd) = try MessageChannel.withOtherEnd()
    let child = try ChildProcess(
      [SupervisorProgram.path()] + arguments,
      descriptors: [WorkerMain.channel: otherEnd, WorkerMain.crashRecord: crash.descriptor],
      memoryByteCount: limits.memoryByteCount)
    return (child, channel)
  }

  /// Waits for a message, after sending a request if there is one.
  ///
  /// `read` gives what the message says. `describe` says where an address lies that a fault touched, in bytes from the
  /// base of the request's memory.
  ///
  /// - Throws: ``Silence``, and then the process is gone.
  package func answer<Reply>(
    to request: Message? = nil, describe: (_ offset: Int) -> String? = { _ in nil },
    _ read: (Message) throws(ChannelError) -> Reply
  ) throws(Silence) -> Reply {
    let deadline = Deadline(after: seconds)
    do throws(ChannelError) {
      if let request { try channel.send(request, until: deadline) }
      return try read(channel.receive(until: deadline))
    } catch {
      throw Silence(reason: reason(error, describe))
    }
  }

  /// The way the process has ended although it was asked nothing, or does within some seconds, in words that follow its
  /// name; nil if it runs.
  package func endByItself(within seconds: Double = 0) -> String? {
    child.wait(until: Deadline(after: seconds)).map { end in
      if case .signalled(let signal) = end { death(signal) { _ in nil } } else { "\(end)" }
    }
  }

  /// Ends the process, and says why there was no answer.
  private func reason(_ error: ChannelError, _ describe: (Int) -> String?) -> String {
    var reason =
      switch error {
      case .timedOut: "did not return within \(seconds.formatted()) s"
      case .malformed: "wrote to a file descriptor that is not its own: \(error)"
      // A process that ends closes the connection first.
      case .closed:
        switch child.wait(until: Deadline(after: 1)) {
        case .signalled(let signal): death(signal, describe)
        case .exited(WorkerMain.lostConnection), nil: "closed a file descriptor that is not its own"
        case .exited(let status): "ended the process with status \(status) before it returned"
        case .unknown: ChildEnd.unknown.description
        }
      }
    child.kill()
    if let line = child.lastLine() { reason += "; it printed '\(line)'" }
    return reason
  }

  private func death(_ signal: Int32, _ describe: (Int) -> String?) -> String {
    let name = "was killed by \(ChildEnd.name(ofSignal: signal))"
    guard let fault = crash.fault(ofSignal: signal) else { return name }
    if fault.isOutOfMemory { return "\(name): out of memory" }
    if fault.isStackOverflow { return "\(name): stack overflow" }
    return fault.offset.flatMap(describe).map { "\(name): it touched \($0)" } ?? name
  }
}

/// The limits of a worker.
package struct WorkerLimits: Sendable, Equatable {
  /// Seconds for one answer; the first answer says that the worker has started.
  package var seconds: Double
  /// Bytes of private memory.
  ///
  /// Shared memory, mapped files, device memory, and reserved address space do not count.
  package var memoryByteCount: Int

  /// A minute and 8 GiB by default.
  package init(seconds: Double = 60, memoryByteCount: Int = 8 << 30) {
    self.seconds = seconds
    self.memoryByteCount = memoryByteCount
  }
}
