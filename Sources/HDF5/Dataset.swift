internal import CHDF5

/// An open dataset: an array of numbers of one type, in row-major order.
package struct Dataset: ~Copyable, Sendable {
  let handle: Handle
  let location: Location

  /// The storage type of each number.
  package let type: NumberType

  /// The extents, slowest first; `[]` for a single number.
  package let shape: [Int]

  /// The dataset's absolute path inside the file.
  package var path: String { location.object }

  /// The number of elements: the product of `shape`.
  package var elementCount: Int { shape.reduce(1, *) }

  /// Throws if elements lie in other files: in external storage, or behind a virtual layout.
  fileprivate func checkIsSelfContained() throws(HDF5Error) {
    let operation = "open the dataset"
    let list = try Handle(operation, at: location) { H5Dget_create_plist(handle.id) }
    let layout = Library.callWithoutFailure { H5Pget_layout(list.id) }
    let externalCount = try Library.call(operation, at: location) { H5Pget_external_count(list.id) }
    guard layout != H5D_VIRTUAL, externalCount == 0 else {
      throw location.refusal(operation, "its elements are in other files: they must be in the file itself")
    }
  }

  /// Throws if nothing was ever written.
  package func checkIsWritten() throws(HDF5Error) {
    guard elementCount == 0 || Library.callWithoutFailure({ H5Dget_storage_size(handle.id) }) > 0 else {
      throw location.refusal("read the dataset", "it was never written")
    }
  }

  /// The dataset's attributes.
  ///
  /// - Throws: `HDF5Error` if the file was closed.
  package func attributes() throws(HDF5Error) -> Attributes { try .init(of: handle, at: location) }
}

extension Group {
  /// Creates a dataset: contiguous, not compressed, without times.
  ///
  /// Once a part is written, the rest is zero.
  ///
  /// `name` is its name in this group, or a path whose groups exist. `shape` lists the extents, slowest first; `[]` for
  /// a single number. Zeros are allowed.
  ///
  /// - Throws: `HDF5Error` if something of this name exists, an extent is negative, or the shape is too large.
  package func createDataset(_ name: String, type: NumberType, shape: [Int]) throws(HDF5Error) -> Dataset {
    let operation = "create dataset \(name)"
    try location.checkName(name, operation)
    let space = try Dataspace.make(shape: shape, operation, at: location)
    guard let count = Dataspace.elementCount(of: shape), count <= Int.max / type.byteCount else {
      throw location.refusal(operation, "shape \(shape) is too large")
    }
    let datatype = try type.makeDatatype(operation, at: location)
    let creation = try PropertyList.datasetCreation.make(
      operation, at: location,
      [
        { H5Pset_obj_track_times($0, false) },
        { H5Pset_layout($0, H5D_CONTIGUOUS) },
        // Unwritten parts are zeros, so that they hold the same bytes in every file. Storage is allocated with the
        // first write, so that a dataset that was never written can be recognised.
        { H5Pset_fill_time($0, H5D_FILL_TIME_ALLOC) },
        { H5Pset_alloc_time($0, H5D_ALLOC_TIME_LATE) },
      ])
    let link = try Self.linkProperties(operation, at: location)
    return .init(
      handle: try Handle(operation, at: location) {
        H5Dcreate2(handle.id, name, datatype.id, space.id, link.id, creation.id, hid_t(H5P_DEFAULT))
      },
      location: location.appending(name), type: type, shape: shape)
  }

  /// Opens a dataset.
  ///
  /// - Throws: `HDF5Error` if there is no dataset at this path, a link leads to it, its elements are of no `NumberType`,
  ///   or they are in other files.
  package func dataset(_ path: String) throws(HDF5Error) -> Dataset {
    let operation = "open dataset \(path)"
    try refuseLinks(on: path, operation)
    let dataset = try Handle(operation, at: location) { H5Dopen2(handle.id, path, hid_t(H5P_DEFAULT)) }
    let datatype = try Handle(operation, at: location) { H5Dget_type(dataset.id) }
    let space = try Handle(operation, at: location) { H5Dget_space(dataset.id) }
    guard let type = try NumberType.matching(datatype, operation, at: location) else {
      let names = NumberType.allCases.map(\.rawValue).joined(separator: ", ")
      throw location.refusal(
        operation, "its elements are \(NumberType.words(for: datatype)): they must be little-endian \(names)")
    }
    guard let shape = try Dataspace.shape(of: space, operation, at: location) else {
      throw location.refusal(operation, "it has no shape")
    }
    let opened = Dataset(handle: dataset, location: location.appending(path), type: type, shape: shape)
    try opened.checkIsSelfContained()
    return opened
  }
}
