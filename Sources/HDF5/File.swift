internal import CHDF5
import Synchronization

/// An open HDF5 file.
///
/// It closes at the end of its life, and with it everything that was opened from it: a group or dataset that outlives
/// its file throws from every call.
package struct File: ~Copyable, Sendable {
  /// The path that the file was created or opened with.
  package let path: String

  private let handle: Handle

  /// Creates a file, replacing one that is already there.
  ///
  /// The format is limited to that of HDF5 1.8, and no times are recorded, so that the same calls give the same bytes.
  ///
  /// - Throws: `HDF5Error` if the file cannot be created, or is open.
  package init(creating path: String) throws(HDF5Error) {
    let operation = "create the file"
    let location = try Self.location(of: path, operation)
    let creation = try PropertyList.fileCreation.make(
      operation, at: location, [{ H5Pset_obj_track_times($0, false) }])
    let access = try PropertyList.fileAccess.make(
      operation, at: location,
      [
        { H5Pset_libver_bounds($0, H5F_LIBVER_V18, H5F_LIBVER_V18) },
        { H5Pset_fclose_degree($0, H5F_CLOSE_STRONG) }, Self.withoutLock,
      ])
    handle = try Handle(operation, at: location) { H5Fcreate(path, chdf5_truncate(), creation.id, access.id) }
    self.path = path
  }

  /// Opens a file for reading.
  ///
  /// - Throws: `HDF5Error` if the file is missing, is not a regular file, is empty or truncated, or is not HDF5.
  package init(opening path: String) throws(HDF5Error) {
    let operation = "open the file"
    let location = try Self.location(of: path, operation)
    let access = try PropertyList.fileAccess.make(
      operation, at: location, [{ H5Pset_fclose_degree($0, H5F_CLOSE_STRONG) }, Self.withoutLock])
    handle = try Handle(operation, at: location) { H5Fopen(path, chdf5_read_only(), access.id) }
    self.path = path
  }

  /// Opens the bytes of a file for reading.
  ///
  /// `path` is the name of the file in errors. Nothing is read from there, so that what was checked is what is read.
  ///
  /// - Throws: `HDF5Error` if the bytes are not those of an HDF5 file.
  package init(image: [UInt8], path: String) throws(HDF5Error) {
    let operation = "open the file"
    let location = Location(file: path, object: "/")
    try location.checkName(path, operation)
    if image.isEmpty { throw location.refusal(operation, "it is empty") }
    let access = try PropertyList.fileAccess.make(
      operation, at: location,
      [
        { H5Pset_fclose_degree($0, H5F_CLOSE_STRONG) }, { H5Pset_fapl_core($0, 1 << 16, false) },
        // libhdf5 copies the bytes.
        { list in
          image.withUnsafeBytes { bytes in
            H5Pset_file_image(list, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
          }
        },
      ])
    // libhdf5 refuses the name of a file that exists, and takes an image of a name that is open for the same file.
    let number = Self.imageCount.add(1, ordering: .relaxed).newValue
    handle = try Handle(operation, at: location) {
      H5Fopen("/dev/null/\(number)", chdf5_read_only(), access.id)
    }
    self.path = path
  }

  private static let imageCount = Atomic(0)

  /// Disables the file lock: a process started meanwhile would inherit it and hold it as long as it runs.
  private static func withoutLock(_ list: hid_t) -> herr_t { H5Pset_file_locking(list, false, true) }

  /// The group at the top of the file.
  ///
  /// - Throws: `HDF5Error` if the file is damaged.
  package func root() throws(HDF5Error) -> Group {
    let location = Location(file: path, object: "/")
    return .init(
      handle: try Handle("open the root group", at: location) { H5Gopen2(handle.id, "/", hid_t(H5P_DEFAULT)) },
      location: location)
  }

  /// Writes buffered data and closes the file, with everything that was opened from it.
  ///
  /// - Throws: `HDF5Error` if writing or closing fails. The file is then incomplete.
  package consuming func close() throws(HDF5Error) {
    let location = Location(file: path, object: "/")
    _ = try Library.call("write the file", at: location) { H5Fflush(handle.id, H5F_SCOPE_LOCAL) }
    try handle.close("close the file", at: location)
  }

  /// Refuses a path that C would cut short or that would block.
  private static func location(of path: String, _ operation: String) throws(HDF5Error) -> Location {
    let location = Location(file: path, object: "/")
    try location.checkName(path, operation)
    if chdf5_is_special_file(path) != 0 { throw location.refusal(operation, "it is not a regular file") }
    return location
  }
}
