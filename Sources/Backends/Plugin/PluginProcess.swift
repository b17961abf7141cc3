import Foundation
import RoPE
import Workers

/// The suite's side of the process that a plug-in runs in.
final class PluginProcess {
  /// The values of ``PluginReply/ready(name:summary:minorVersion:)``.
  let name: String
  let summary: String
  let minorVersion: UInt32

  private let process: WorkerClient

  /// Starts a process and waits until the plug-in is loaded.
  ///
  /// - Throws: ``PluginBreakdown``, ``PluginError/notReady(path:reason:)`` or `WorkerError`.
  init(path: String, limits: WorkerLimits) throws {
    process = try WorkerClient([PluginServer.subcommand, path], limits: limits)
    let answer: PluginReply
    do throws(WorkerClient.Silence) {
      answer = try process.answer(PluginReply.init)
    } catch {
      throw PluginError.notReady(path: path, reason: error.reason)
    }
    switch answer {
    case .ready(let name, let summary, let minorVersion):
      (self.name, self.summary, self.minorVersion) = (name, summary, minorVersion)
    case .broke(let breakdown):
      throw breakdown
    default:
      throw PluginError.notReady(path: path, reason: "answered before it was asked")
    }
  }

  /// The way the process has ended between two calls, or does within some seconds; nil if it runs.
  func endByItself(within seconds: Double = 0) -> String? { process.endByItself(within: seconds) }

  /// Sends a request, and waits for the answer.
  ///
  /// `describe` says where an address lies that a fault touched, in bytes from the base of the request's memory.
  ///
  /// - Throws: ``PluginFailure`` if the plug-in reports a failure; ``PluginError/failed(what:reason:)`` if it does not
  ///   answer, and then the process is gone.
  func ask(
    _ request: PluginRequest, what: String, describe: (_ offset: Int) -> String? = { _ in nil }
  ) throws -> PluginReply {
    do throws(WorkerClient.Silence) {
      return try process.answer(to: request.message, describe: describe, PluginReply.init)
    } catch {
      throw PluginError.failed(what: what, reason: error.reason)
    }
  }
}

/// The plug-in's side of that process: it answers requests until there are no more.
///
///     rope-conformance serve-plugin PATH
package enum PluginServer {
  /// The name of the hidden subcommand that calls ``run(path:)``.
  package static let subcommand = "serve-plugin"

  /// Serves the plug-in at a path, and ends this process.
  package static func run(path: String) -> Never {
    WorkerMain.run { channel, crash in
      let functions: PluginFunctions
      do {
        functions = try PluginLibrary.load(path)
      } catch {
        try channel.send(PluginReply.broke(PluginBreakdown(description: "\(error)")).message)
        exit(1)
      }
      let (name, summary) = functions.words(path: path)
      try channel.send(
        PluginReply.ready(name: name, summary: summary, minorVersion: functions.minorVersion).message)
      let process = getpid()
      while true {
        let reply = answer(try PluginRequest(channel.receive()), functions, crash)
        // A child that the plug-in forked must not answer if it returns here.
        guard getpid() == process else { _exit(1) }
        try channel.send(reply.message)
      }
    }
  }

  private static func answer(
    _ request: PluginRequest, _ functions: PluginFunctions, _ crash: CrashRecord
  ) -> PluginReply {
    do {
      switch request {
      case .support(let call):
        switch try functions.support(for: call) {
        case .supported: return .supported
        case .unsupported(let reason): return .unsupported(reason: reason)
        }
      case .apply(let call, let byteCounts, let descriptor):
        let memory = try GuardedMemory(
          byteCounts: byteCounts, alignment: TensorView.bufferAlignment, descriptor: descriptor)
        crash.work(on: memory)
        defer { crash.work(on: nil) }
        try functions.apply(call, at: memory.buffers.map(\.baseAddress))
        return .done
      }
    } catch let failure as PluginFailure {
      return .failed(failure)
    } catch {
      return .broke(PluginBreakdown(description: "\(error)"))
    }
  }
}
