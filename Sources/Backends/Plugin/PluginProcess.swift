import Isolation
import RoPE

/// The process that a plug-in runs in, from the outside.
final class PluginProcess {
  /// What ``PluginReply/ready(name:summary:)`` says.
  let name: String
  let summary: String

  private let process: ServedProcess

  /// Starts a process and waits until the plug-in is loaded.
  ///
  /// - Throws: ``PluginFailure``, ``PluginError/notReady(path:reason:)`` or `IsolationError`.
  init(path: String, limits: ProcessLimits) throws {
    process = try ServedProcess([PluginServer.subcommand, path], limits: limits)
    let answer: PluginReply
    do throws(ServedProcess.Silence) {
      answer = try process.answer(PluginReply.init)
    } catch {
      throw PluginError.notReady(path: path, reason: error.reason)
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

  /// Asks, and waits for the answer.
  ///
  /// - Parameter describe: where an address lies that a fault touched, in bytes from the base of the request's memory.
  /// - Throws: ``PluginFailure`` where the plug-in says so; ``PluginError/failed(what:reason:)`` where it does not
  ///   answer: the process is gone then.
  func ask(
    _ request: PluginRequest, what: String, describe: (_ offset: Int) -> String? = { _ in nil }
  ) throws -> PluginReply {
    do throws(ServedProcess.Silence) {
      return try process.answer(to: request.message, describe: describe, PluginReply.init)
    } catch {
      throw PluginError.failed(what: what, reason: error.reason)
    }
  }
}
