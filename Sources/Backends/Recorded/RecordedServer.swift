import Isolation
import RoPE

/// The process that reads recorded outputs, from the inside: libhdf5 may crash or hang on a file that is hostile enough.
///
///     rope-conformance serve-outputs
public enum RecordedServer {
  /// The name of the hidden subcommand that calls ``run()``.
  public static let subcommand = "serve-outputs"

  /// Answers requests, and ends this process.
  public static func run() -> Never {
    ServingProcess.run { channel, _ in
      let files = RecordedFiles()
      while true {
        let request = try RecordedRequest(channel.receive())
        let reply: RecordedReply
        do {
          reply = try answer(request, files)
        } catch let error as RecordedError {
          reply = .failed(error)
        }
        try channel.send(reply.message)
      }
    }
  }

  private static func answer(_ request: RecordedRequest, _ files: RecordedFiles) throws -> RecordedReply {
    switch request {
    case .open(let path):
      return .opened(try files.open(path).header)
    case .state(let recorded, let path):
      return .state(try files[path].state(of: recorded))
    case .read(let tensor, let recorded, let path, let start, let count, let byteCount, let descriptor):
      let memory = try GuardedMemory(
        byteCounts: [byteCount], alignment: RecordedReader.alignment, descriptor: descriptor)
      try files[path].read(tensor, of: recorded, at: start, count: count, into: memory.buffers[0])
      return .done
    }
  }
}
