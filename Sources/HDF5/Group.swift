internal import CHDF5

/// An open group: a folder inside a file.
///
/// Paths are relative to it, with `/` between names, or absolute.
package struct Group: ~Copyable, Sendable {
  let handle: Handle
  let location: Location

  /// The group's absolute path inside the file.
  package var path: String { location.object }

  /// The group's attributes.
  ///
  /// - Throws: `HDF5Error` if the file was closed.
  package func attributes() throws(HDF5Error) -> Attributes { try .init(of: handle, at: location) }

  /// The error for content of this group that a reader refuses.
  package func refusal(_ operation: String, _ reason: String) -> HDF5Error { location.refusal(operation, reason) }

  /// Creates a group, and the groups above it that are missing.
  ///
  /// - Throws: `HDF5Error` if something of this name exists, or a name above it is not a group.
  package func createGroup(_ path: String) throws(HDF5Error) -> Group {
    let operation = "create group \(path)"
    try location.checkName(path, operation)
    let creation = try PropertyList.groupCreation.make(
      operation, at: location,
      [
        { H5Pset_obj_track_times($0, false) },
        // Up to 64 attributes go into the object's header; a separate heap takes kilobytes per group.
        { H5Pset_attr_phase_change($0, 64, 0) },
      ])
    let link = try Self.linkProperties(operation, at: location)
    // libhdf5 can create the groups above by itself, but would record their times.
    for parent in Self.prefixes(of: path).dropLast() where try !contains(parent) {
      _ = try Handle(operation, at: location) {
        H5Gcreate2(handle.id, parent, link.id, creation.id, hid_t(H5P_DEFAULT))
      }
    }
    return .init(
      handle: try Handle(operation, at: location) {
        H5Gcreate2(handle.id, path, link.id, creation.id, hid_t(H5P_DEFAULT))
      },
      location: location.appending(path))
  }

  /// Opens a group.
  ///
  /// - Throws: `HDF5Error` if there is no group at this path, or a link leads to it.
  package func group(_ path: String) throws(HDF5Error) -> Group {
    let operation = "open group \(path)"
    try refuseLinks(on: path, operation)
    return .init(
      handle: try Handle(operation, at: location) { H5Gopen2(handle.id, path, hid_t(H5P_DEFAULT)) },
      location: location.appending(path))
  }

  /// The names of the groups directly in this one, sorted.
  ///
  /// Soft and external links are left out.
  ///
  /// - Throws: `HDF5Error` if the file is damaged or closed.
  package func groupNames() throws(HDF5Error) -> [String] { try names(of: H5O_TYPE_GROUP) }

  /// The names of the datasets directly in this group, sorted.
  ///
  /// Soft and external links are left out.
  ///
  /// - Throws: `HDF5Error` if the file is damaged or closed.
  package func datasetNames() throws(HDF5Error) -> [String] { try names(of: H5O_TYPE_DATASET) }

  /// Indicates whether a group or dataset is at a path.
  ///
  /// - Throws: `HDF5Error` if the file is damaged or closed.
  package func contains(_ path: String) throws(HDF5Error) -> Bool {
    let operation = "look up \(path)"
    try location.checkName(path, operation)
    let prefixes = Self.prefixes(of: path)
    // libhdf5 reports a missing group above the name as a failure, so each is looked up in turn.
    for (index, prefix) in prefixes.enumerated() {
      guard
        try Library.call(operation, at: location, { H5Lexists(handle.id, prefix, hid_t(H5P_DEFAULT)) }) > 0,
        try Library.call(operation, at: location, { H5Oexists_by_name(handle.id, prefix, hid_t(H5P_DEFAULT)) }) > 0
      else { return false }
      let type = try Library.call(operation, at: location) { chdf5_object_type(handle.id, prefix) }
      if index < prefixes.count - 1, type != H5O_TYPE_GROUP.rawValue { return false }
    }
    return true
  }

  /// Indicates whether an object is at a path in this file.
  ///
  /// - Throws: `HDF5Error` if it, or a group on the way to it, is a soft or external link, which may lead anywhere, or
  ///   if the file is damaged or closed.
  package func containsWithoutLinks(_ path: String) throws(HDF5Error) -> Bool {
    try refuseLinks(on: path, "look up \(path)")
  }

  /// Throws if an object at a path, or a group on the way to it, is a soft or external link.
  ///
  /// - Returns: false if there is nothing at this path.
  @discardableResult func refuseLinks(on path: String, _ operation: String) throws(HDF5Error) -> Bool {
    try location.checkName(path, operation)
    for prefix in Self.prefixes(of: path) {
      guard try Library.call(operation, at: location, { H5Lexists(handle.id, prefix, hid_t(H5P_DEFAULT)) }) > 0 else {
        return false
      }
      let type = try Library.call(operation, at: location) { chdf5_link_type(handle.id, prefix) }
      guard type == H5L_TYPE_HARD.rawValue else {
        let kind = type == H5L_TYPE_SOFT.rawValue ? "a soft link" : "an external link"
        throw location.refusal(operation, "\(prefix) is \(kind): the object must be in the file itself")
      }
    }
    return true
  }

  private func names(of type: H5O_type_t) throws(HDF5Error) -> [String] {
    let links = try Library.names("list the group", at: location) { context in
      chdf5_iterate_links(
        handle.id,
        { _, name, info, context in chdf5_is_hard_link(info) != 0 ? Library.collect(name, context) : 0 }, context)
    }
    var names: [String] = []
    for link in links {
      let found = try Library.call("look up \(link)", at: location) { chdf5_object_type(handle.id, link) }
      if found == type.rawValue { names.append(link) }
    }
    return names
  }

  /// `a`, `a/b`, `a/b/c` for `a/b/c`; with a leading `/` if the path has one.
  private static func prefixes(of path: String) -> [String] {
    let names = path.split(separator: "/")
    let start = path.hasPrefix("/") ? "/" : ""
    return names.indices.map { start + names[...$0].joined(separator: "/") }
  }

  /// The properties that link a new object into its group under a UTF-8 name.
  static func linkProperties(_ operation: String, at location: Location) throws(HDF5Error) -> Handle {
    try PropertyList.linkCreation.make(operation, at: location, [{ H5Pset_char_encoding($0, H5T_CSET_UTF8) }])
  }
}
