import Foundation

/// The ownership of temporary files and folders: a process holds the system's lock on its own as long as it lives.
enum Claim {
  private static let digits = 16

  /// Makes a file or folder whose name no other has, and claims it; it is registered as unfinished.
  ///
  /// `create` makes and opens it, or throws and leaves nothing there; a negative number asks for another try.
  static func make(
    prefix: String, suffix: String = "", _ create: (_ path: String) throws(FileError) -> Int32
  ) throws(FileError) -> (path: String, descriptor: Int32) {
    while true {
      let number = String(UInt64.random(in: 0...(.max)), radix: 16)
      let path = prefix + String(repeating: "0", count: digits - number.count) + number + suffix
      let descriptor: Int32
      do {
        descriptor = try UnfinishedFiles.shared.add(path) { () throws(FileError) in try create(path) }
      } catch {
        UnfinishedFiles.shared.forget(path)
        throw error
      }
      // Where the system has no locks, nobody can claim or remove anything. Where they do not reach other machines, the
      // folder must not be shared with these.
      flock(descriptor, LOCK_EX)
      var here = stat(), there = stat()
      if descriptor >= 0, fstat(descriptor, &here) == 0, lstat(path, &there) == 0, here.st_ino == there.st_ino {
        return (path, descriptor)
      }
      // Another process took it for abandoned before it was claimed.
      if descriptor >= 0 { close(descriptor) }
      UnfinishedFiles.shared.forget(path)
    }
  }

  /// Removes the files and folders of this user in a folder that have such names and that no process claims.
  static func removeAbandoned(in folder: String, prefix: String, suffix: String = "") {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      let number = name.dropFirst(prefix.count).dropLast(suffix.count)
      guard number.utf8.count == digits, number.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else { continue }
      remove("\(folder)/\(name)")
    }
  }

  /// Removes a file or folder of this user unless a process claims it.
  private static func remove(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(), flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      return
    }
    try? FileManager.default.removeItem(atPath: path)
  }
}
