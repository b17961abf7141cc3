import Foundation
import RoPE
import Workers

/// A backend from a shared library that implements `rope_backend.h`.
///
/// It runs in a process of its own, which receives inputs but never expected values. If that process crashes, exits,
/// hangs or writes nonsense, the call fails and the next call gets a new process.
package final class PluginBackend: MemoryMakingBackend, CallLimitedBackend, ProblemNotingBackend,
  @unchecked Sendable
{
  package let name: String
  package let summary: String

  private let path: String
  private let limits: WorkerLimits
  private let converted: CallConversion
  /// The plug-in in this process; nil if it is isolated.
  private let functions: PluginFunctions?

  // The lock guards the process, and each exchange with it.
  private let lock = NSLock()
  private var process: PluginProcess?
  private var ends: [String] = []
  /// The words for what the process answered last.
  private var lastAnswer = "it was loaded"

  /// The seconds after the last call in which a thread can still end the process.
  private static let patience = 0.2

  /// Loads a plug-in.
  ///
  /// Without `limits` it is loaded into this process, where a crash of it is a crash of all.
  ///
  /// - Throws: ``PluginError``, ``PluginBreakdown`` or `WorkerError`.
  package init(path: String, limits: WorkerLimits? = WorkerLimits()) throws {
    self.path = path
    self.limits = limits ?? WorkerLimits()
    if limits == nil {
      let functions = try PluginLibrary.load(path), words = functions.words(path: path)
      (name, summary, self.functions) = (words.name, words.summary, functions)
      converted = CallConversion(minorVersion: functions.minorVersion)
    } else {
      let process = try PluginProcess(path: path, limits: self.limits)
      (name, summary, functions) = (process.name, process.summary, nil)
      converted = CallConversion(minorVersion: process.minorVersion)
      self.process = process
    }
  }

  package var refusesInvalidCalls: Bool { true }

  package func finish() -> [String] {
    lock.withLock {
      noteEnd(within: Self.patience)
      process = nil
      return ends
    }
  }

  package func support(for call: RotationCall) throws -> Support {
    if let reason = limit(for: call) { return .unsupported(reason: reason) }
    let call = converted(call)
    if let functions { return try functions.support(for: call) }
    switch try ask(.support(call), what: "asked for support") {
    case .supported: return .supported
    case .unsupported(let reason): return .unsupported(reason: reason)
    case let reply: throw unexpected(reply, what: "asked for support")
    }
  }

  package func makeMemory(byteCounts: [Int]) throws -> CallMemory {
    let memory = try GuardedMemory(byteCounts: byteCounts, alignment: TensorView.bufferAlignment)
    return CallMemory(buffers: memory.buffers, owner: memory)
  }

  package func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    guard let shared = memory.owner as? GuardedMemory else {
      throw PluginError.failed(what: "rotating", reason: "needs memory from its makeMemory")
    }
    if let reason = limit(for: call) {
      throw PluginError.failed(what: "rotating", reason: "cannot be given this call: \(reason)")
    }
    let names = BufferNames(call), call = converted(call)
    if let functions {
      try functions.apply(call, at: shared.buffers.map(\.baseAddress))
    } else {
      let request = PluginRequest.apply(call, byteCounts: memory.byteCounts, shared.descriptor)
      let reply = try ask(request, what: "rotating") { shared.address(ofOffset: $0).map(names.text) }
      guard case .done = reply else { throw unexpected(reply, what: "rotating") }
    }
    if let address = shared.strayWrite() {
      throw PluginError.failed(what: "rotating", reason: "wrote \(names.text(address))")
    }
    return nil
  }

  package func limit(for call: RotationCall) -> String? { converted.limit(for: call) }

  /// Asks the process, which is started if there is none and dropped if it fails.
  private func ask(
    _ request: PluginRequest, what: String, describe: (Int) -> String? = { _ in nil }
  ) throws -> PluginReply {
    try lock.withLock {
      noteEnd()
      let process = try process ?? PluginProcess(path: path, limits: limits)
      self.process = nil
      lastAnswer = request.words
      let reply = try process.ask(request, what: what, describe: describe)
      self.process = process
      switch reply {
      case .failed(let failure): throw failure
      case .broke(let breakdown): throw breakdown
      default: return reply
      }
    }
  }

  /// Notes that the process ended although no call was running, as a thread can make it; the next call gets a new one.
  private func noteEnd(within seconds: Double = 0) {
    guard let end = process?.endByItself(within: seconds) else { return }
    process = nil
    ends.append("the plug-in's process \(end) after \(lastAnswer)")
  }

  /// The error for a reply that does not fit the request and so is not the server's; the process is no longer trusted.
  private func unexpected(_ reply: PluginReply, what: String) -> PluginError {
    lock.withLock { process = nil }
    return .failed(what: what, reason: "wrote to a file descriptor that is not its own: \(reply) is not an answer")
  }
}

/// Descriptions of the buffers of a call.
private struct BufferNames {
  private let names: [Int: String]

  init(_ call: RotationCall) {
    let views = TensorName.rotated.flatMap { name in
      call.tensors[name].map { [("\(name.rawValue) input", $0.input), ("\(name.rawValue) output", $0.output)] } ?? []
    }
    names = Dictionary(grouping: views, by: \.1.buffer).mapValues { views in
      views.map(\.0).joined(separator: ", ")
    }
  }

  func text(_ address: GuardedMemory.Address) -> String {
    let (byte, count) = (address.byte, address.byteCount)
    let name = "the buffer of \(names[address.buffer] ?? "no tensor")"
    if byte < 0 { return "\(-byte) bytes before the start of \(name)" }
    if byte >= count { return "\(byte - count + 1) bytes past the end of \(name)" }
    return "byte \(byte) of \(count) in \(name)"
  }
}
