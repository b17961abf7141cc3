import Foundation

/// Files that are read whole.
package enum InputFile {
  /// The bytes of a regular file of at most `limit` bytes.
  ///
  /// - Throws: ``FileError/unreadable(path:reason:)``, also for a folder, a pipe or a device, which could have no end.
  package static func bytes(of path: String, limit: Int) throws(FileError) -> Data {
    Data(try array(of: path, limit: limit))
  }

  /// The same, as an array.
  package static func array(of path: String, limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    try forEachPiece(of: path, limit: limit, sized: { bytes.reserveCapacity($0) }) { bytes += $0 }
    return bytes
  }

  /// Reads a regular file of at most `limit` bytes in pieces of a megabyte; `sized` is given its size first.
  ///
  /// - Throws: as ``bytes(of:limit:)``.
  package static func forEachPiece(
    of path: String, limit: Int, sized: (Int) -> Void = { _ in }, _ take: (UnsafeRawBufferPointer) -> Void
  ) throws(FileError) {
    // A pipe that nobody writes to would block without O_NONBLOCK.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: systemReason()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, reason: systemReason()) }
    if let reason = status.reasonNotRegular { throw .unreadable(path: path, reason: reason) }
    guard status.st_size <= limit else {
      throw .unreadable(path: path, reason: "it has \(status.st_size) bytes, more than \(limit)")
    }
    sized(Int(status.st_size))
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { piece.deallocate() }
    var count = 0
    while true {
      let got = read(descriptor, piece.baseAddress, piece.count)
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw .unreadable(path: path, reason: systemReason()) }
      guard got > 0 else { return }
      count += got
      // The file can grow while it is read.
      guard count <= status.st_size else { throw .unreadable(path: path, reason: "it grew while it was read") }
      take(UnsafeRawBufferPointer(rebasing: piece[..<got]))
    }
  }
}

extension stat {
  /// The reason why this is no regular file; nil if it is one.
  var reasonNotRegular: String? {
    switch st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "it is a folder"
    case S_IFIFO: "it is a pipe, not a regular file"
    default: "it is not a regular file"
    }
  }
}
