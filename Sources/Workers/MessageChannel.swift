import CWorkers
import Foundation

/// A message between two processes.
package struct Message: Sendable {
  /// The kind of message; sender and receiver agree on the numbers.
  package var kind: UInt32
  package var payload: [UInt8]
  /// A descriptor that the receiver gets a copy of.
  package var descriptor: Descriptor?

  package init(kind: UInt32, payload: [UInt8] = [], descriptor: Descriptor? = nil) {
    self.kind = kind
    self.payload = payload
    self.descriptor = descriptor
  }
}

/// The reason that no message came, or that none could be sent.
package enum ChannelError: Error, Equatable, CustomStringConvertible {
  /// The other side is gone.
  case closed
  case timedOut
  /// The received bytes are not a message.
  case malformed(String)

  package var description: String {
    switch self {
    case .closed: "the connection is closed"
    case .timedOut: "no answer in time"
    case .malformed(let reason): "malformed message: \(reason)"
    }
  }
}

/// Sends whole messages over a socket, and receives only what is a valid message.
///
/// A message is a header of 24 bytes, in the byte order of the machine, and its payload. The header holds a magic
/// number, the kind, the length of the payload (8 bytes) and its FNV-1a checksum (8 bytes). Only one thread at a time
/// may use a channel.
package final class MessageChannel: Sendable {
  private let socket: Descriptor
  private let acceptsDescriptors: Bool

  private static let magic: UInt32 = 0x45504F52
  private static let headerByteCount = 24
  /// The longest payload that is accepted.
  private static let limit = 1 << 28

  /// If `acceptsDescriptors`, descriptors come with messages; otherwise they are dropped.
  package init(_ socket: Descriptor, acceptsDescriptors: Bool = false) {
    self.socket = socket
    self.acceptsDescriptors = acceptsDescriptors
  }

  /// Makes a channel, and the descriptor of its other end, which a child inherits.
  package static func withOtherEnd() throws(WorkerError) -> (MessageChannel, otherEnd: Descriptor) {
    let (near, far) = try Descriptor.socketPair()
    return (MessageChannel(near), far)
  }

  /// Sends a message.
  package func send(_ message: Message, until deadline: Deadline = .never) throws(ChannelError) {
    var bytes = [UInt8](repeating: 0, count: Self.headerByteCount)
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: Self.magic, toByteOffset: 0, as: UInt32.self)
      $0.storeBytes(of: message.kind, toByteOffset: 4, as: UInt32.self)
      $0.storeBytes(of: UInt64(message.payload.count), toByteOffset: 8, as: UInt64.self)
      $0.storeBytes(
        of: worker_checksum(message.payload, message.payload.count), toByteOffset: 16, as: UInt64.self)
    }
    bytes += message.payload
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        worker_send(socket.number, $0.baseAddress, $0.count, sent == 0 ? message.descriptor?.number ?? -1 : -1)
      }
      if count > 0 {
        sent += count
      } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
        guard deadline.wait(for: socket.number, toWrite: true) else { throw .timedOut }
      } else {
        throw .closed
      }
    }
  }

  /// Receives the next message.
  package func receive(until deadline: Deadline = .never) throws(ChannelError) -> Message {
    let (header, descriptor) = try receive(Self.headerByteCount, deadline)
    let (magic, kind, length, checksum) = header.withUnsafeBytes {
      (
        $0.load(as: UInt32.self), $0.load(fromByteOffset: 4, as: UInt32.self),
        $0.load(fromByteOffset: 8, as: UInt64.self), $0.load(fromByteOffset: 16, as: UInt64.self)
      )
    }
    guard magic == Self.magic else { throw .malformed("the magic number is \(String(magic, radix: 16))") }
    guard length <= UInt64(Self.limit) else { throw .malformed("a length of \(length) bytes is beyond \(Self.limit)") }
    let (payload, _) = try receive(Int(length), deadline)
    guard worker_checksum(payload, payload.count) == checksum else { throw .malformed("the checksum is wrong") }
    return Message(kind: kind, payload: payload, descriptor: descriptor)
  }

  /// Receives a number of bytes, and the descriptor that came with the first.
  private func receive(
    _ count: Int, _ deadline: Deadline
  ) throws(ChannelError) -> (bytes: [UInt8], descriptor: Descriptor?) {
    var bytes = [UInt8](repeating: 0, count: count)
    var descriptor: Descriptor?
    var received = 0
    while received < count {
      var number: Int32 = -1
      let more = bytes[received...].withUnsafeMutableBytes {
        worker_receive(socket.number, $0.baseAddress, $0.count, acceptsDescriptors ? 1 : 0, &number)
      }
      if number >= 0 { descriptor = Descriptor(number) }
      if more > 0 {
        received += more
      } else if more < 0, errno == EAGAIN || errno == EWOULDBLOCK {
        guard deadline.wait(for: socket.number) else { throw .timedOut }
      } else {
        throw .closed
      }
    }
    return (bytes, descriptor)
  }
}
