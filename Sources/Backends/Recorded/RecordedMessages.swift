import RoPE
import Workers

/// A request to the process that reads recorded outputs.
enum RecordedRequest {
  /// Opens the file at this path, even if it is open already.
  case open(path: String)
  case state(RecordedCase, path: String)
  /// Reads a slab into memory of its size; the request brings the memory's descriptor.
  case read(TensorName, RecordedCase, path: String, start: [Int], count: [Int], byteCount: Int, Descriptor)
}

/// A reply of that process, one to each request.
enum RecordedReply {
  case opened(RecordedHeader)
  case state(RecordedState)
  case done
  case failed(RecordedError)
}

extension RecordedRequest {
  private enum Kind: UInt32 {
    case open = 1
    case state, readQuery, readKey
  }

  var message: Message {
    var writer = ByteWriter()
    switch self {
    case .open(let path):
      writer.write(path)
      return Message(kind: Kind.open.rawValue, payload: writer.bytes)
    case .state(let recorded, let path):
      recorded.write(to: &writer)
      writer.write(path)
      return Message(kind: Kind.state.rawValue, payload: writer.bytes)
    case .read(let tensor, let recorded, let path, let start, let count, let byteCount, let descriptor):
      recorded.write(to: &writer)
      writer.write(path)
      writer.write(start)
      writer.write(count)
      writer.write(byteCount)
      let kind = tensor == .query ? Kind.readQuery : Kind.readKey
      return Message(kind: kind.rawValue, payload: writer.bytes, descriptor: descriptor)
    }
  }

  init(_ message: Message) throws(ChannelError) {
    var reader = ByteReader(message.payload)
    switch (Kind(rawValue: message.kind), message.descriptor) {
    case (.open, _): self = .open(path: try reader.readText())
    case (.state, _): self = .state(try RecordedCase(from: &reader), path: try reader.readText())
    case (.readQuery, let descriptor?): self = try Self.read(.query, &reader, descriptor)
    case (.readKey, let descriptor?): self = try Self.read(.key, &reader, descriptor)
    default: throw .malformed("a request of kind \(message.kind)")
    }
  }

  private static func read(
    _ tensor: TensorName, _ reader: inout ByteReader, _ descriptor: Descriptor
  ) throws(ChannelError) -> RecordedRequest {
    .read(
      tensor, try RecordedCase(from: &reader), path: try reader.readText(), start: try reader.read(arrayOf: Int.self),
      count: try reader.read(arrayOf: Int.self), byteCount: try reader.read(), descriptor)
  }
}

extension RecordedReply {
  private enum Kind: UInt32 {
    case opened = 101
    case recorded, unsupported, caseFailed, absent, done, failed
  }

  var message: Message {
    var writer = ByteWriter()
    let kind: Kind
    switch self {
    case .opened(let header):
      kind = .opened
      writer.write(header.backend)
      writer.write(header.goldens)
      writer.write(header.summary == nil ? 0 : 1)
      writer.write(header.summary ?? "")
      writer.write(header.caseNames.count)
      for name in header.caseNames { writer.write(name) }
    case .state(.recorded): kind = .recorded
    case .state(.unsupported(let reason)):
      kind = .unsupported
      writer.write(reason)
    case .state(.failed(let text)):
      kind = .caseFailed
      writer.write(text)
    case .state(.absent): kind = .absent
    case .done: kind = .done
    case .failed(let error):
      kind = .failed
      writer.write(error.description)
    }
    return Message(kind: kind.rawValue, payload: writer.bytes)
  }

  init(_ message: Message) throws(ChannelError) {
    var reader = ByteReader(message.payload)
    switch Kind(rawValue: message.kind) {
    case .opened:
      let backend = try reader.readText(), goldens = try reader.readText()
      let hasSummary = try reader.read(Int.self) == 1, summary = try reader.readText()
      var names: [String] = []
      for _ in 0..<max(0, try reader.read(Int.self)) { names.append(try reader.readText()) }
      self = .opened(
        RecordedHeader(
          backend: backend, summary: hasSummary ? summary : nil, goldens: goldens, caseNames: names))
    case .recorded: self = .state(.recorded)
    case .unsupported: self = .state(.unsupported(reason: try reader.readText()))
    case .caseFailed: self = .state(.failed(message: try reader.readText()))
    case .absent: self = .state(.absent)
    case .done: self = .done
    case .failed: self = .failed(RecordedError(try reader.readText()))
    case nil: throw .malformed("a reply of kind \(message.kind)")
    }
  }
}

extension RecordedCase {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(name)
    writer.write(elementType.rawValue)
    // A tensor that is there has extents.
    for shape in shapes.all { writer.write(shape ?? []) }
  }

  fileprivate init(from reader: inout ByteReader) throws(ChannelError) {
    let name = try reader.readText(), type = try reader.readText()
    guard let elementType = ElementType(rawValue: type) else { throw .malformed("element type \(type)") }
    let shapes = PerTensor(query: try reader.read(arrayOf: Int.self), key: try reader.read(arrayOf: Int.self))
    self.init(name: name, elementType: elementType, shapes: shapes.map { $0.isEmpty ? nil : $0 })
  }
}
