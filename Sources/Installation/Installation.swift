import Foundation

/// The place where this code is installed: a program, or a library that another program loads.
package enum Installation {
  /// The folder of the file that holds this code; nil if the system does not say it.
  package static let folder = file.map {
    URL(fileURLWithPath: $0).resolvingSymlinksInPath().deletingLastPathComponent().path
  }

  #if os(Linux)
    /// The file from which the system mapped this code.
    ///
    /// `dladdr` would give a program the name that it was started with, such as a word that was found in PATH.
    private static var file: String? {
      let address = UInt(bitPattern: #dsohandle)
      guard let maps = FileManager.default.contents(atPath: "/proc/self/maps") else { return nil }
      // A line is 'start-end permissions offset device inode path'.
      for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
        let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard fields.count == 6, ends.count == 2, ends[0] <= address, address < ends[1] else { continue }
        return String(fields[5].drop { $0 == " " })
      }
      return nil
    }
  #else
    private static var file: String? {
      var image = Dl_info()
      return dladdr(#dsohandle, &image) == 0 ? nil : image.dli_fname.map { String(cString: $0) }
    }
  #endif
}
