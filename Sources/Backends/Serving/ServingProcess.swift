import Foundation
import Isolation

/// A ``ServedProcess`` from the inside.
enum ServingProcess {
  /// The descriptors that it inherits: the connection to the suite, and what it notes of a fault.
  static let channel: Int32 = 3
  static let note: Int32 = 4

  /// The status that says that the connection to the suite is lost.
  static let lostConnection: Int32 = 86

  /// Serves until the connection is lost, and ends this process.
  ///
  /// - Parameter body: receives requests and sends answers; what it throws says that it cannot any more.
  static func run(_ body: (MessageChannel, FaultNote) throws -> Never) -> Never {
    do {
      let channel = MessageChannel(Descriptor(channel), acceptsDescriptors: true)
      try body(channel, FaultNote(inherited: Descriptor(note)))
    } catch {
      // The suite is gone, or what was served took the connection away. Its own handlers of an exit may do anything.
      _exit(lostConnection)
    }
  }
}
