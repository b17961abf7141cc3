import Foundation

/// The worker's own side: a process of this program that a ``WorkerClient`` has started.
package enum WorkerMain {
  /// The descriptors that it inherits: the connection to its client, and the record of a crash.
  static let channel: Int32 = 3
  static let crashRecord: Int32 = 4

  /// The status that says that the connection to the client is lost.
  static let lostConnection: Int32 = 86

  /// Serves until the connection is lost, then ends this process.
  ///
  /// - Parameter body: receives requests and sends answers, and throws when it no longer can.
  package static func run(_ body: (MessageChannel, CrashRecord) throws -> Never) -> Never {
    do {
      let channel = MessageChannel(Descriptor(channel), acceptsDescriptors: true)
      try body(channel, CrashRecord(inherited: Descriptor(crashRecord)))
    } catch {
      // The client is gone, or the served code closed the connection. Exit handlers of that code could do anything, so
      // they do not run.
      _exit(lostConnection)
    }
  }
}
