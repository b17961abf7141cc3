import Foundation
import Isolation
import RoPE

/// The process that a plug-in runs in, from the outside: it is started, asked, and given up where it fails.
final class PluginProcess {
  /// What ``PluginReply/ready(name:summary:)`` says.
  let name: String
  let summary: String

  private let child: ChildProcess
  private let channel: MessageChannel
  private let note: FaultNote
  private let limits: PluginLimits

  /// Starts a process and waits until the plug-in is loaded.
  ///
  /// - Throws: ``PluginFailure``, ``PluginError/notReady(path:reason:)`` or `IsolationError`.
  init(path: String, limits: PluginLimits) throws {
    self.limits = limits
    note = try FaultNote()
    (child, channel) = try Self.start(path, note, limits)
    let answer: PluginReply
    do {
      answer = try PluginReply(channel.receive(until: Deadline(after: limits.seconds)))
    } catch {
      throw PluginError.notReady(
        path: path, reason: Self.reason(error, child, note, seconds: limits.seconds, describe: { _ in nil }))
    }
    switch answer {
    case .ready(let name, let summary):
      (self.name, self.summary) = (name, summary)
    case .failed(let failure):
      throw failure
    default:
      throw PluginError.notReady(path: path, reason: "answers before it was asked")
    }
  }

  /// The child alone holds the other end of the channel afterwards.
  private static func start(
    _ path: String, _ note: FaultNote, _ limits: PluginLimits
  ) throws(IsolationError) -> (ChildProcess, MessageChannel) {
    let (channel, otherEnd) = try MessageChannel.withOtherEnd()
    let child = try ChildProcess(
      [KeeperProgram.path(), PluginServer.subcommand, path],
      descriptors: [PluginServer.channel: otherEnd, PluginServer.note: note.descriptor],
      memoryByteCount: limits.memoryByteCount)
    return (child, channel)
  }

  /// Asks, and waits for the answer.
  ///
  /// - Parameter describe: where an address lies that a fault touched, in bytes from the base of the request's memory.
  /// - Throws: ``PluginFailure`` where the plug-in says so; ``PluginError/failed(what:reason:)`` where it does not
  ///   answer: the process is gone then.
  func ask(
    _ request: PluginRequest, what: String, describe: (_ offset: Int) -> String? = { _ in nil }
  ) throws -> PluginReply {
    let deadline = Deadline(after: limits.seconds)
    do {
      try channel.send(request.message, until: deadline)
      return try PluginReply(channel.receive(until: deadline))
    } catch {
      throw PluginError.failed(
        what: what, reason: Self.reason(error, child, note, seconds: limits.seconds, describe: describe))
    }
  }

  /// Ends the process, and says why there was no answer.
  private static func reason(
    _ error: ChannelError, _ child: ChildProcess, _ note: FaultNote, seconds: Double, describe: (Int) -> String?
  ) -> String {
    var reason =
      switch error {
      case .timedOut: "did not return within \(seconds.formatted()) s"
      case .malformed: "wrote to a file descriptor that is not its own: \(error)"
      // A process that ends closes the connection first.
      case .closed:
        switch child.wait(until: Deadline(after: 1)) {
        case .signalled(let signal): death(signal, note, describe)
        case .exited(PluginServer.lostConnection), nil: "closed a file descriptor that is not its own"
        case .exited(let status): "ended the process with status \(status) before it returned"
        case .unknown: ChildEnd.unknown.description
        }
      }
    child.kill()
    if let line = child.lastLine() { reason += "; it printed '\(line)'" }
    return reason
  }

  private static func death(_ signal: Int32, _ note: FaultNote, _ describe: (Int) -> String?) -> String {
    let name = "was killed by \(ChildEnd.name(ofSignal: signal))"
    guard let fault = note.fault(ofSignal: signal) else { return name }
    if fault.isOutOfMemory { return "\(name): out of memory" }
    if fault.isStackOverflow { return "\(name): stack overflow" }
    return fault.offset.flatMap(describe).map { "\(name): it touched \($0)" } ?? name
  }
}
