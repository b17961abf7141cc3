import Foundation
import Isolation

/// A process of this program that answers messages, from the outside: it is started, asked, and given up where it fails.
final class ServedProcess {
  private let child: ChildProcess
  private let channel: MessageChannel
  private let note: FaultNote
  private let seconds: Double

  /// Why there is no answer, in words that follow what should have answered.
  struct Silence: Error {
    let reason: String
  }

  /// Starts a process; what it says first is to be received.
  ///
  /// - Parameter arguments: the hidden subcommand that calls ``ServingProcess/run(_:)``, and its arguments.
  /// - Throws: `IsolationError`.
  init(_ arguments: [String], limits: ProcessLimits) throws(IsolationError) {
    note = try FaultNote()
    seconds = limits.seconds
    (child, channel) = try Self.start(arguments, note, limits)
  }

  /// The child alone holds the other end of the channel afterwards.
  private static func start(
    _ arguments: [String], _ note: FaultNote, _ limits: ProcessLimits
  ) throws(IsolationError) -> (ChildProcess, MessageChannel) {
    let (channel, otherEnd) = try MessageChannel.withOtherEnd()
    let child = try ChildProcess(
      [KeeperProgram.path()] + arguments,
      descriptors: [ServingProcess.channel: otherEnd, ServingProcess.note: note.descriptor],
      memoryByteCount: limits.memoryByteCount)
    return (child, channel)
  }

  /// Waits for a message, after a request where there is one.
  ///
  /// - Parameters:
  ///   - read: what the message says.
  ///   - describe: where an address lies that a fault touched, in bytes from the base of the request's memory.
  /// - Throws: ``Silence``; the process is gone then.
  func answer<Reply>(
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
        case .exited(ServingProcess.lostConnection), nil: "closed a file descriptor that is not its own"
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
    guard let fault = note.fault(ofSignal: signal) else { return name }
    if fault.isOutOfMemory { return "\(name): out of memory" }
    if fault.isStackOverflow { return "\(name): stack overflow" }
    return fault.offset.flatMap(describe).map { "\(name): it touched \($0)" } ?? name
  }
}
