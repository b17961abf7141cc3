import Foundation
import Testing
import Workers

@Suite("MessageChannel", .timeLimit(.minutes(30))) struct MessageChannelTests {
  private let near: MessageChannel
  private let socket: Descriptor

  init() throws { (near, socket) = try MessageChannel.withOtherEnd() }

  @Test("A message arrives whole, however long it is, with its descriptor")
  func roundTrip() throws {
    let far = MessageChannel(socket, acceptsDescriptors: true)
    let payload = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let file = Descriptor(open("/dev/null", O_RDONLY))
    let near = near
    Thread.detachNewThread {
      try? near.send(Message(kind: 7, payload: payload, descriptor: file), until: Deadline(after: 20))
    }
    let message = try far.receive(until: Deadline(after: 20))
    #expect(message.kind == 7)
    #expect(message.payload == payload)
    #expect(message.descriptor != nil)
    #expect(message.descriptor?.number != file.number)
    try far.send(Message(kind: 8), until: Deadline(after: 20))
    let answer = try near.receive(until: Deadline(after: 20))
    #expect(answer.kind == 8 && answer.payload.isEmpty && answer.descriptor == nil)
  }

  @Test("Descriptors that nobody asked for are dropped")
  func unwanted() throws {
    let file = Descriptor(open("/dev/null", O_RDONLY))
    try MessageChannel(socket).send(Message(kind: 1, descriptor: file), until: Deadline(after: 20))
    #expect(try near.receive(until: Deadline(after: 20)).descriptor == nil)
  }

  private func header(magic: UInt32 = 0x45504F52, length: UInt64 = 0, checksum: UInt64 = 0) -> [UInt8] {
    [magic, 1].withUnsafeBytes(Array.init) + [length, checksum].withUnsafeBytes(Array.init)
  }

  @Test("Garbage is no message: magic number, length, checksum")
  func garbage() throws {
    let cases: [([UInt8], ChannelError)] = [
      (Array(repeating: 0x41, count: 24), .malformed("the magic number is 41414141")),
      (header(length: 1 << 40), .malformed("a length of 1099511627776 bytes is beyond 268435456")),
      (header(length: 1, checksum: 3) + [9], .malformed("the checksum is wrong")),
    ]
    for (bytes, error) in cases {
      let (near, socket) = try MessageChannel.withOtherEnd()
      #expect(write(socket.number, bytes, bytes.count) == bytes.count)
      #expect(throws: error) { try near.receive(until: Deadline(after: 20)) }
    }
  }

  @Test("Silence, half a message and a closed connection")
  func silence() throws {
    #expect(throws: ChannelError.timedOut) { try near.receive(until: Deadline(after: 0.01)) }
    #expect(write(socket.number, header(length: 9), 20) == 20)
    #expect(throws: ChannelError.timedOut) { try near.receive(until: Deadline(after: 0.01)) }
    shutdown(socket.number, Int32(SHUT_RDWR))
    #expect(throws: ChannelError.closed) { try near.receive(until: Deadline(after: 20)) }
    #expect(throws: ChannelError.closed) { try near.send(Message(kind: 1), until: Deadline(after: 20)) }
  }

  @Test("Nobody reads: sending ends in time")
  func full() {
    let message = Message(kind: 1, payload: Array(repeating: 0, count: 10_000_000))
    #expect(throws: ChannelError.timedOut) { try near.send(message, until: Deadline(after: 0.05)) }
  }
}
