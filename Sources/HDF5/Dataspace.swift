internal import CHDF5

/// The shape of a dataset or attribute, as libhdf5 keeps it.
enum Dataspace {
  /// Makes the dataspace of a shape; `[]` stands for a single value.
  ///
  /// - Throws: `HDF5Error` if an extent is negative, or there are more than 32.
  static func make(shape: [Int], _ operation: String, at location: Location) throws(HDF5Error) -> Handle {
    if shape.contains(where: { $0 < 0 }) {
      throw location.refusal(operation, "shape \(shape) has a negative extent")
    }
    if shape.isEmpty { return try Handle(operation, at: location) { H5Screate(H5S_SCALAR) } }
    let extents = shape.map { hsize_t($0) }
    return try Handle(operation, at: location) { H5Screate_simple(Int32(clamping: extents.count), extents, nil) }
  }

  /// The shape of a dataspace: `[]` for a single value, nil for a space that cannot hold any value.
  ///
  /// - Throws: `HDF5Error` if the element count does not fit an `Int`.
  static func shape(
    of space: borrowing Handle, _ operation: String, at location: Location
  ) throws(HDF5Error) -> [Int]? {
    let id = space.id
    if Library.callWithoutFailure({ H5Sget_simple_extent_type(id) }) == H5S_NULL { return nil }
    let rank = try Library.call(operation, at: location) { H5Sget_simple_extent_ndims(id) }
    var extents = [hsize_t](repeating: 0, count: Int(rank))
    _ = try Library.call(operation, at: location) { H5Sget_simple_extent_dims(id, &extents, nil) }
    let shape = extents.compactMap { Int(exactly: $0) }
    guard shape.count == extents.count, elementCount(of: shape) != nil else {
      throw location.refusal(operation, "shape \(extents) is too large")
    }
    return shape
  }

  /// The product of the extents, nil if it is too large.
  static func elementCount(of shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count
  }
}
