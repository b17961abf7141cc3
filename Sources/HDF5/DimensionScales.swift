internal import CHDF5

extension Dataset {
  /// Names the axes, slowest first, for tools that show names: `ds.dims[0].label` in h5py.
  ///
  /// - Throws: `HDF5Error` if there is not one name per axis, or the file cannot be written.
  package func labelDimensions(_ names: [String]) throws(HDF5Error) {
    let operation = "label the dimensions"
    guard names.count == shape.count else {
      throw location.refusal(operation, "\(names.count) names \(names) given for shape \(shape)")
    }
    for (axis, name) in names.enumerated() {
      try location.checkName(name, operation)
      _ = try Library.call(operation, at: location) { H5DSset_label(handle.id, UInt32(axis), name) }
    }
  }

  /// Attaches a dimension scale to an axis as its coordinates; its name becomes the axis name in xarray.
  ///
  /// - Parameters:
  ///   - scale: made by `createDimensionScale`, with the length of the axis.
  ///   - axis: counted from 0, the slowest.
  /// - Throws: `HDF5Error` if there is no such axis, the scale's length differs or it is not a scale, or the file
  ///   cannot be written.
  package func attachScale(_ scale: borrowing Dataset, axis: Int) throws(HDF5Error) {
    let operation = "attach scale \(scale.path) to axis \(axis)"
    guard shape.indices.contains(axis), scale.shape == [shape[axis]] else {
      throw location.refusal(operation, "the scale has shape \(scale.shape), the dataset \(shape)")
    }
    let scaleID = scale.handle.id
    _ = try Library.call(operation, at: location) { H5DSattach_scale(handle.id, scaleID, UInt32(axis)) }
  }
}

extension Group {
  /// Creates a dimension scale: the coordinates along an axis, as an int64 dataset of one dimension.
  ///
  /// `name` is the name of the axis, and `values` are the coordinates of its indices.
  ///
  /// - Throws: `HDF5Error` if something of this name exists, or the file cannot be written.
  package func createDimensionScale(_ name: String, values: [Int64]) throws(HDF5Error) -> Dataset {
    let scale = try createDataset(name, type: .int64, shape: [values.count])
    try scale.write(values)
    _ = try Library.call("make dimension scale \(name)", at: location) { H5DSset_scale(scale.handle.id, name) }
    return scale
  }
}
