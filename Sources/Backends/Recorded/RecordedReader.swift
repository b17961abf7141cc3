import Foundation
import Isolation
import RoPE

/// Reads files of recorded outputs, one request at a time, in a process of its own that may crash or hang.
public final class RecordedReader: @unchecked Sendable {
  // The lock guards what follows, and each exchange with the process.
  private let lock = NSLock()
  private var place: Place

  private enum Place {
    /// In this process.
    case here(RecordedFiles)
    /// In another, which is started where there is none.
    case apart(ServedProcess?, ProcessLimits)
  }

  /// The alignment of the memory that slabs come in, in bytes.
  static let alignment = 64

  /// - Parameter limits: nil to read in this process, where a crash is a crash of all.
  public init(limits: ProcessLimits?) { place = limits.map { .apart(nil, $0) } ?? .here(RecordedFiles()) }

  /// Opens a file, also where it is open already.
  func open(_ path: String) throws(RecordedError) -> RecordedHeader {
    lock.lock()
    defer { lock.unlock() }
    if case .here(let files) = place { return try files.open(path).header }
    guard case .opened(let header) = try ask(.open(path: path)) else { throw foreign }
    return header
  }

  func state(of recorded: RecordedCase, in path: String) throws(RecordedError) -> RecordedState {
    lock.lock()
    defer { lock.unlock() }
    if case .here(let files) = place { return try files[path].state(of: recorded) }
    guard case .state(let state) = try ask(.state(recorded, path: path)) else { throw foreign }
    return state
  }

  func read(
    _ tensor: RecordedTensor, of recorded: RecordedCase, in path: String, at start: [Int], count: [Int],
    into bytes: UnsafeMutableRawBufferPointer
  ) throws(RecordedError) {
    lock.lock()
    defer { lock.unlock() }
    if case .here(let files) = place {
      return try files[path].read(tensor, of: recorded, at: start, count: count, into: bytes)
    }
    let memory: GuardedMemory
    do throws(IsolationError) {
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

  /// Asks the process, which is forgotten where it does not answer.
  private func ask(_ request: RecordedRequest) throws(RecordedError) -> RecordedReply {
    guard case .apart(let running, let limits) = place else { throw RecordedError("no process reads the file") }
    place = .apart(nil, limits)
    let process: ServedProcess, reply: RecordedReply
    do throws(IsolationError) {
      if let running {
        process = running
      } else {
        process = try ServedProcess([RecordedServer.subcommand], limits: limits)
      }
    } catch {
      throw RecordedError("\(error)")
    }
    do throws(ServedProcess.Silence) {
      reply = try process.answer(to: request.message, RecordedReply.init)
    } catch {
      throw RecordedError("the process that reads the file \(error.reason)")
    }
    place = .apart(process, limits)
    if case .failed(let error) = reply { throw error }
    return reply
  }

  /// The error of a reply that is none to its request; the process is not to be trusted any more.
  private var foreign: RecordedError {
    if case .apart(_, let limits) = place { place = .apart(nil, limits) }
    return RecordedError("the process that reads the file answered something else than it was asked")
  }
}
