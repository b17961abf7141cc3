import Foundation
import RoPE
import Workers

/// Reads files of recorded outputs, one request at a time, in a process of its own that may crash or hang.
package final class RecordedReader: @unchecked Sendable {
  // The lock guards the properties below, and each exchange with the process.
  private let lock = NSLock()
  private var location: Location

  private enum Location {
    /// In this process.
    case here(RecordedFiles)
    /// In another process, which is started if there is none.
    case apart(WorkerClient?, WorkerLimits)
  }

  /// The alignment of the memory that slabs come in, in bytes.
  static let alignment = 64

  /// - Parameter limits: nil to read in this process, where a crash ends everything.
  package init(limits: WorkerLimits?) { location = limits.map { .apart(nil, $0) } ?? .here(RecordedFiles()) }

  /// Opens a file, even if it is open already.
  func open(_ path: String) throws(RecordedError) -> RecordedHeader {
    lock.lock()
    defer { lock.unlock() }
    if case .here(let files) = location { return try files.open(path).header }
    guard case .opened(let header) = try ask(.open(path: path)) else { throw foreign }
    return header
  }

  func state(of recorded: RecordedCase, in path: String) throws(RecordedError) -> RecordedState {
    lock.lock()
    defer { lock.unlock() }
    if case .here(let files) = location { return try files[path].state(of: recorded) }
    guard case .state(let state) = try ask(.state(recorded, path: path)) else { throw foreign }
    return state
  }

  func read(
    _ tensor: TensorName, of recorded: RecordedCase, in path: String, at start: [Int], count: [Int],
    into bytes: UnsafeMutableRawBufferPointer
  ) throws(RecordedError) {
    lock.lock()
    defer { lock.unlock() }
    if case .here(let files) = location {
      return try files[path].read(tensor, of: recorded, at: start, count: count, into: bytes)
    }
    let memory: GuardedMemory
    do throws(WorkerError) {
      memory = try GuardedMemory(byteCounts: [bytes.count], alignment: Self.alignment)
    } catch {
      throw RecordedError("\(error)")
    }
    let request = RecordedRequest.read(
      tensor, recorded, path: path, start: start, count: count, byteCount: bytes.count, memory.descriptor)
    guard case .done = try ask(request) else { throw foreign }
    bytes.copyMemory(from: UnsafeRawBufferPointer(memory.buffers[0]))
  }

  // MARK: - Under the lock

  /// Asks the process, which is dropped if it does not answer.
  private func ask(_ request: RecordedRequest) throws(RecordedError) -> RecordedReply {
    guard case .apart(let running, let limits) = location else { throw RecordedError("no process is reading the file") }
    location = .apart(nil, limits)
    let process: WorkerClient, reply: RecordedReply
    do throws(WorkerError) {
      if let running {
        process = running
      } else {
        process = try WorkerClient([RecordedServer.subcommand], limits: limits)
      }
    } catch {
      throw RecordedError("\(error)")
    }
    do throws(WorkerClient.Silence) {
      reply = try process.answer(to: request.message, RecordedReply.init)
    } catch {
      throw RecordedError("the process that reads the file \(error.reason)")
    }
    location = .apart(process, limits)
    if case .failed(let error) = reply { throw error }
    return reply
  }

  /// The error for a reply that does not fit its request; the process is no longer trusted.
  private var foreign: RecordedError {
    if case .apart(_, let limits) = location { location = .apart(nil, limits) }
    return RecordedError("the process that reads the file gave an answer that does not fit what it was asked")
  }
}

/// The process that reads recorded outputs: libhdf5 may crash or hang on a hostile file.
///
///     rope-conformance serve-outputs
package enum RecordedServer {
  /// The name of the hidden subcommand that calls ``run()``.
  package static let subcommand = "serve-outputs"

  /// Answers requests until the connection is lost, then ends this process.
  package static func run() -> Never {
    WorkerMain.run { channel, _ in
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
