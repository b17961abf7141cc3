internal import CHDF5

/// An identifier of libhdf5 with one owner, which releases it at the end of its life.
struct Handle: ~Copyable, Sendable {
  /// Valid as long as this value lives, for calls inside `Library.call`.
  let id: Int64

  /// Takes ownership of the identifier that a call returns.
  ///
  /// - Throws: `HDF5Error` if the call fails; then there is nothing to release.
  init(_ operation: String, at location: Location, _ body: () -> hid_t) throws(HDF5Error) {
    id = try Library.call(operation, at: location, body)
  }

  deinit {
    let id = id
    // If the file was closed with everything that was opened from it, nothing is left to release.
    _ = Library.callWithoutFailure { H5Idec_ref(id) }
  }

  /// Releases the identifier and reports the error that `deinit` would hide.
  consuming func close(_ operation: String, at location: Location) throws(HDF5Error) {
    let id = id
    discard self
    _ = try Library.call(operation, at: location) { H5Idec_ref(id) }
  }
}

/// The kinds of property list in use.
enum PropertyList {
  case fileCreation, fileAccess, groupCreation, datasetCreation, linkCreation, attributeCreation

  /// Makes a list with default properties, then sets its properties.
  ///
  /// `set` lists the calls that set properties; each returns a negative value on failure.
  func make(
    _ operation: String, at location: Location, _ set: [(hid_t) -> herr_t]
  ) throws(HDF5Error) -> Handle {
    let list = try Handle(operation, at: location) { H5Pcreate(classID) }
    for property in set { _ = try Library.call(operation, at: location) { property(list.id) } }
    return list
  }

  private var classID: hid_t {
    switch self {
    case .fileCreation: chdf5_file_create_class()
    case .fileAccess: chdf5_file_access_class()
    case .groupCreation: chdf5_group_create_class()
    case .datasetCreation: chdf5_dataset_create_class()
    case .linkCreation: chdf5_link_create_class()
    case .attributeCreation: chdf5_attribute_create_class()
    }
  }
}
