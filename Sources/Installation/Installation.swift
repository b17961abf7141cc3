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
      // Foundation would take one page for the whole file, because its size is said to be 0.
      guard let maps = fopen("/proc/self/maps", "r") else { return nil }
      defer { fclose(maps) }
      var text: UnsafeMutablePointer<CChar>?, capacity = 0
      defer { free(text) }
      while getline(&text, &capacity, maps) > 0, let text {
        // 'start-end permissions offset device inode path', with spaces before the path.
        let fields = String(cString: text).split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
        guard fields.count == 6 else { continue }
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] <= address, address < ends[1] else { continue }
        return fields[5].trimmingCharacters(in: .whitespacesAndNewlines)
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
