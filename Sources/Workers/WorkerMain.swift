import Foundation

/// A worker from the inside: a process of this program that a ``WorkerClient`` has started.
package enum WorkerMain {
  /// The descriptors that it inherits: the connection to its client, and the record of a crash.
  static let channel: Int32 = 3
  static let crashRecord: Int32 = 4

  /// The status that says that the connection to the client is lost.
  static let lostConnection: Int32 = 86

  /// Serves until the connection is lost, and ends this process.
  ///
  /// - Parameter body: receives requests and sends answers; what it throws says that it cannot any more.
  package static func run(_ body: (MessageChannel, CrashRecord) throws -> Never) -> Never {
    do {
      let channel = MessageChannel(Descriptor(channel), acceptsDescriptors: true)
      try body(channel, CrashRecord(inherited: Descriptor(crashRecord)))
    } catch {
      // The client is gone, or what was served took the connection away. Its own handlers of an exit may do anything.
      _exit(lostConnection)
    }
  }
}
