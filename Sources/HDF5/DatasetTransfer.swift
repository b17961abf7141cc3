internal import CHDF5

extension Dataset {
  /// Writes elements from memory: little-endian, row-major.
  ///
  /// - Parameters:
  ///   - bytes: exactly the bytes of the elements in the slab.
  ///   - start: the slab's first index on each axis; nil for the first element.
  ///   - count: the slab's extents; nil for all from `start` to the end.
  /// - Throws: `HDF5Error` if the byte count differs, the slab does not lie in the dataset, or writing fails.
  package func write(
    _ bytes: UnsafeRawBufferPointer, at start: [Int]? = nil, count: [Int]? = nil
  ) throws(HDF5Error) {
    let slab = try Slab(of: self, start, count, byteCount: bytes.count, "write")
    guard let address = bytes.baseAddress, slab.elementCount > 0 else { return }
    try transfer(slab) { type, memory, file in
      H5Dwrite(handle.id, type, memory, file, hid_t(H5P_DEFAULT), address)
    }
  }

  /// Reads elements into memory: little-endian, row-major.
  ///
  /// - Parameters:
  ///   - bytes: receives exactly the bytes of the elements in the slab. After an error its content is undefined.
  ///   - start: the slab's first index on each axis; nil for the first element.
  ///   - count: the slab's extents; nil for all from `start` to the end.
  /// - Throws: `HDF5Error` if the byte count differs, the slab does not lie in the dataset, or reading fails.
  package func read(
    into bytes: UnsafeMutableRawBufferPointer, at start: [Int]? = nil, count: [Int]? = nil
  ) throws(HDF5Error) {
    let slab = try Slab(of: self, start, count, byteCount: bytes.count, "read")
    try checkStorage(slab)
    guard let address = bytes.baseAddress, slab.elementCount > 0 else { return }
    try transfer(slab) { type, memory, file in
      H5Dread(handle.id, type, memory, file, hid_t(H5P_DEFAULT), address)
    }
  }

  /// Writes an array, row-major.
  ///
  /// - Parameters:
  ///   - values: exactly the elements of the slab.
  ///   - start: the slab's first index on each axis; nil for the first element.
  ///   - count: the slab's extents; nil for all from `start` to the end.
  /// - Throws: `HDF5Error` if the dataset is of another type, the element count differs, the slab does not lie in the
  ///   dataset, or writing fails.
  package func write<Element: DatasetElement>(
    _ values: [Element], at start: [Int]? = nil, count: [Int]? = nil
  ) throws(HDF5Error) {
    try checkType(Element.self, "write")
    try values.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      try write(UnsafeRawBufferPointer(buffer), at: start, count: count)
    }
  }

  /// Reads an array, row-major.
  ///
  /// `element` is the Swift type of an element; `UInt16` gives the bit patterns of a 16-bit type. A slab begins at the
  /// index `start` on each axis, nil for the first element, and has the extents `count`, nil for all from `start` to
  /// the end.
  ///
  /// - Throws: `HDF5Error` if the dataset is of another type, the slab does not lie in the dataset, the dataset has
  ///   less data than its shape needs, or reading fails.
  package func read<Element: DatasetElement>(
    as element: Element.Type = Element.self, at start: [Int]? = nil, count: [Int]? = nil
  ) throws(HDF5Error) -> [Element] {
    try checkType(Element.self, "read")
    let slab = try Slab(of: self, start, count, byteCount: nil, "read")
    try checkStorage(slab)
    var failure: HDF5Error?
    let values = [Element](unsafeUninitializedCapacity: slab.elementCount) { buffer, initializedCount in
      do throws(HDF5Error) {
        try read(into: UnsafeMutableRawBufferPointer(buffer), at: slab.start, count: slab.count)
        initializedCount = slab.elementCount
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }

  /// Moves the elements of a slab between the file and memory, where they are contiguous.
  private func transfer(
    _ slab: Slab, _ body: (_ type: hid_t, _ memory: hid_t, _ file: hid_t) -> herr_t
  ) throws(HDF5Error) {
    let type = try type.makeDatatype(slab.operation, at: location)
    let file = try Handle(slab.operation, at: location) { H5Dget_space(handle.id) }
    if !shape.isEmpty {
      let start = slab.start.map { hsize_t($0) }
      let count = slab.count.map { hsize_t($0) }
      _ = try Library.call(slab.operation, at: location) {
        H5Sselect_hyperslab(file.id, H5S_SELECT_SET, start, nil, count, nil)
      }
    }
    let memory = try Dataspace.make(shape: slab.count, slab.operation, at: location)
    _ = try Library.call(slab.operation, at: location) { body(type.id, memory.id, file.id) }
  }

  private func checkType<Element: DatasetElement>(_ element: Element.Type, _ verb: String) throws(HDF5Error) {
    guard Element.numberTypes.contains(type) else {
      throw location.refusal("\(verb) the dataset", "its elements are \(type.rawValue), not \(Element.self)")
    }
  }

  /// Throws if nothing was ever written, or too little for the slab, before memory for it is allocated.
  ///
  /// The best filter shrinks data about a thousandfold, so a larger ratio means damage.
  private func checkStorage(_ slab: Slab) throws(HDF5Error) {
    let stored = Library.callWithoutFailure { H5Dget_storage_size(handle.id) }
    if stored == 0, slab.elementCount > 0 { throw location.refusal(slab.operation, "it was never written") }
    guard slab.byteCount / 1100 <= stored else {
      throw location.refusal(slab.operation, "\(stored) bytes are stored for shape \(shape) of \(type.rawValue)")
    }
  }
}

/// A box of elements inside a dataset.
private struct Slab {
  let operation: String
  let start: [Int]
  let count: [Int]
  let elementCount: Int
  let byteCount: Int

  /// `byteCount` counts the bytes that the caller has for it; nil if that follows from the slab.
  init(
    of dataset: borrowing Dataset, _ start: [Int]?, _ count: [Int]?, byteCount: Int?, _ verb: String
  ) throws(HDF5Error) {
    let operation = "\(verb) the dataset"
    let shape = dataset.shape
    let location = dataset.location
    let start = start ?? shape.map { _ in 0 }
    guard start.count == shape.count, zip(start, shape).allSatisfy({ 0 <= $0 && $0 <= $1 }) else {
      throw location.refusal(operation, "a slab cannot start at \(start) in shape \(shape)")
    }
    let count = count ?? zip(shape, start).map { $0 - $1 }
    guard count.count == shape.count, zip(count, zip(shape, start)).allSatisfy({ 0 <= $0 && $0 <= $1.0 - $1.1 }) else {
      throw location.refusal(operation, "a slab at \(start) of \(count) does not lie in shape \(shape)")
    }
    let elementCount = count.reduce(1, *)
    let (needed, overflow) = elementCount.multipliedReportingOverflow(by: dataset.type.byteCount)
    if overflow { throw location.refusal(operation, "shape \(shape) is too large") }
    if let byteCount, byteCount != needed {
      throw location.refusal(
        operation, "\(byteCount) bytes given for \(elementCount) elements of \(dataset.type.rawValue)")
    }
    self.operation = operation
    self.start = start
    self.count = count
    self.elementCount = elementCount
    self.byteCount = needed
  }
}

extension Group {
  /// Reads a whole dataset that must have a given type and shape.
  ///
  /// `element` is the Swift type of an element; `UInt16` gives the bit patterns of a 16-bit type. `type` is the stored
  /// type; nil for any that `element` can hold. `shape` lists the extents, slowest first.
  ///
  /// - Throws: `HDF5Error` if there is no such dataset, its type or shape differs (the message has both), or reading
  ///   fails.
  package func read<Element: DatasetElement>(
    _ path: String, as element: Element.Type = Element.self, type: NumberType? = nil, shape: [Int]
  ) throws(HDF5Error) -> [Element] {
    let dataset = try dataset(path)
    let allowed = type.map { [$0] } ?? Element.numberTypes
    guard allowed.contains(dataset.type), dataset.shape == shape else {
      let expected = allowed.map(\.rawValue).joined(separator: " or ")
      throw dataset.location.refusal(
        "read the dataset", "expected \(expected) \(shape), found \(dataset.type.rawValue) \(dataset.shape)")
    }
    return try dataset.read()
  }
}
