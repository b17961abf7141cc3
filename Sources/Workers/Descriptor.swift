import Foundation

/// A file descriptor that is closed when it is released.
package final class Descriptor: Sendable {
  /// The number of the descriptor.
  package let number: Int32

  /// Takes ownership of a descriptor, and keeps programs that this process starts from inheriting it.
  package init(_ number: Int32) {
    self.number = number
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(number) }

  /// A descriptor of the null device: it has nothing to read, and discards output.
  package static func null() throws(WorkerError) -> Descriptor {
    let number = open("/dev/null", O_RDWR)
    guard number >= 0 else { throw .system("opening /dev/null") }
    return Descriptor(number)
  }

  /// The reading and the writing end of a pipe.
  static func pipe() throws(WorkerError) -> (reading: Descriptor, writing: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard Foundation.pipe(&ends) == 0 else { throw .system("making a pipe") }
    return (Descriptor(ends[0]), Descriptor(ends[1]))
  }

  /// The two ends of a connection that carries bytes both ways.
  static func socketPair() throws(WorkerError) -> (Descriptor, Descriptor) {
    var ends: [Int32] = [-1, -1]
    #if os(Linux)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .system("making a pair of sockets") }
    return (Descriptor(ends[0]), Descriptor(ends[1]))
  }
}
