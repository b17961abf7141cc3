import Workers

/// A request of the suite to the process that a plug-in runs in.
enum PluginRequest {
  /// Asks if the plug-in can carry out a call.
  case support(PluginCall)
  /// Carries out a call in memory of these sizes; the request brings the memory's descriptor.
  case apply(PluginCall, byteCounts: [Int], Descriptor)

  /// The words for its answer.
  var words: String {
    switch self {
    case .support: "it had said whether it supports a call"
    case .apply: "a call had returned"
    }
  }
}

/// A reply of that process: one when it is ready, then one to each request.
enum PluginReply {
  case ready(name: String, summary: String, minorVersion: UInt32)
  case supported
  case unsupported(reason: String)
  case done
  /// The plug-in says that it failed.
  case failed(PluginFailure)
  /// Any other error, which is no answer to the request.
  case broke(PluginBreakdown)
}

/// The plug-in's own word that it failed, which refuses an invalid call.
struct PluginFailure: Error, CustomStringConvertible {
  let description: String
}

/// An error of a plug-in's process that is no word of the plug-in, and refuses nothing.
struct PluginBreakdown: BackendBreakdown, CustomStringConvertible {
  let description: String
}

extension PluginRequest {
  private enum Kind: UInt32 {
    case support = 1
    case apply = 2
  }

  var message: Message {
    var writer = ByteWriter()
    switch self {
    case .support(let call):
      call.write(to: &writer)
      return Message(kind: Kind.support.rawValue, payload: writer.bytes)
    case .apply(let call, let byteCounts, let descriptor):
      call.write(to: &writer)
      writer.write(byteCounts)
      return Message(kind: Kind.apply.rawValue, payload: writer.bytes, descriptor: descriptor)
    }
  }

  init(_ message: Message) throws(ChannelError) {
    var reader = ByteReader(message.payload)
    let call = try PluginCall(from: &reader)
    switch (Kind(rawValue: message.kind), message.descriptor) {
    case (.support, _): self = .support(call)
    case (.apply, let descriptor?): self = .apply(call, byteCounts: try reader.read(arrayOf: Int.self), descriptor)
    default: throw .malformed("a request of kind \(message.kind)")
    }
  }
}

extension PluginReply {
  private enum Kind: UInt32 {
    case ready = 101
    case supported, unsupported, done, failed, broke
  }

  var message: Message {
    var writer = ByteWriter()
    let kind: Kind
    switch self {
    case .ready(let name, let summary, let minorVersion):
      kind = .ready
      writer.write(name)
      writer.write(summary)
      writer.write(minorVersion)
    case .supported: kind = .supported
    case .unsupported(let reason):
      kind = .unsupported
      writer.write(reason)
    case .done: kind = .done
    case .failed(let failure):
      kind = .failed
      writer.write(failure.description)
    case .broke(let breakdown):
      kind = .broke
      writer.write(breakdown.description)
    }
    return Message(kind: kind.rawValue, payload: writer.bytes)
  }

  init(_ message: Message) throws(ChannelError) {
    var reader = ByteReader(message.payload)
    switch Kind(rawValue: message.kind) {
    case .ready:
      self = .ready(
        name: try reader.readText(), summary: try reader.readText(), minorVersion: try reader.read())
    case .supported: self = .supported
    case .unsupported: self = .unsupported(reason: try reader.readText())
    case .done: self = .done
    case .failed: self = .failed(PluginFailure(description: try reader.readText()))
    case .broke: self = .broke(PluginBreakdown(description: try reader.readText()))
    case nil: throw .malformed("a reply of kind \(message.kind)")
    }
  }
}
