import Foundation
import Isolation
import RoPE

/// The process that a plug-in runs in, from the inside: it answers requests until there are no more.
///
///     rope-conformance serve-plugin PATH
public enum PluginServer {
  /// The name of the hidden subcommand that calls ``run(path:)``.
  public static let subcommand = "serve-plugin"

  /// Serves the plug-in at a path, and ends this process.
  public static func run(path: String) -> Never {
    ServingProcess.run { channel, note in
      let library: PluginLibrary
      do {
        library = try PluginLibrary(path: path)
      } catch {
        try channel.send(PluginReply.failed(PluginFailure(description: "\(error)")).message)
        exit(1)
      }
      try channel.send(PluginReply.ready(name: library.name, summary: library.summary).message)
      let process = getpid()
      while true {
        let reply = answer(try PluginRequest(channel.receive()), library, note)
        // A child that the plug-in made and that comes back here has nothing to say.
        guard getpid() == process else { _exit(1) }
        try channel.send(reply.message)
      }
    }
  }

  private static func answer(_ request: PluginRequest, _ library: PluginLibrary, _ note: FaultNote) -> PluginReply {
    do {
      switch request {
      case .support(let call):
        switch try library.support(for: call) {
        case .supported: return .supported
        case .unsupported(let reason): return .unsupported(reason: reason)
        }
      case .apply(let call, let byteCounts, let descriptor):
        let memory = try GuardedMemory(
          byteCounts: byteCounts, alignment: CallMemory.alignment, descriptor: descriptor)
        note.work(on: memory)
        defer { note.work(on: nil) }
        try library.apply(call, in: memory.buffers)
        return .done
      }
    } catch {
      return .failed(PluginFailure(description: "\(error)"))
    }
  }
}
