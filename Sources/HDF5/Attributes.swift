internal import CHDF5

/// The attributes of one group or dataset: small named values.
///
/// Each is written once.
package struct Attributes: ~Copyable, Sendable {
  /// A second reference to the group's or dataset's identifier, which then lives at least as long as this value.
  let owner: Handle
  let location: Location

  init(of owner: borrowing Handle, at location: Location) throws(HDF5Error) {
    let id = owner.id
    self.owner = try Handle("reach the attributes", at: location) { H5Iinc_ref(id) < 0 ? -1 : id }
    self.location = location
  }

  /// The names of all attributes, sorted.
  ///
  /// - Throws: `HDF5Error` if the file is damaged or closed.
  package func names() throws(HDF5Error) -> [String] {
    try Library.names("list the attributes", at: location) { context in
      chdf5_iterate_attributes(owner.id, { _, name, _, context in Library.collect(name, context) }, context)
    }
  }

  /// Writes an integer, stored in 64 bits.
  ///
  /// - Throws: `HDF5Error` if an attribute of this name exists, or the file cannot be written.
  package func set(_ name: String, to value: Int) throws(HDF5Error) {
    let type = try NumberType.int64.makeDatatype(writing(name), at: location)
    var value = Int64(value)
    try create(name, type, count: nil, &value)
  }

  /// Writes a number, stored as float64.
  ///
  /// - Throws: `HDF5Error` if an attribute of this name exists, or the file cannot be written.
  package func set(_ name: String, to value: Double) throws(HDF5Error) {
    let type = try NumberType.float64.makeDatatype(writing(name), at: location)
    var value = value
    try create(name, type, count: nil, &value)
  }

  /// Writes a string, stored as its UTF-8 bytes.
  ///
  /// - Throws: `HDF5Error` if an attribute of this name exists, the string contains a NUL character, or the file
  ///   cannot be written.
  package func set(_ name: String, to value: String) throws(HDF5Error) {
    try create(name, [value], count: nil)
  }

  /// Writes a list of strings, each stored in as many UTF-8 bytes as the longest has.
  ///
  /// - Throws: `HDF5Error` if an attribute of this name exists, a string contains a NUL character, or the file cannot
  ///   be written.
  package func set(_ name: String, to values: [String]) throws(HDF5Error) {
    try create(name, values, count: values.count)
  }

  private func create(_ name: String, _ values: [String], count: Int?) throws(HDF5Error) {
    if values.contains(where: { $0.utf8.contains(0) }) {
      throw location.refusal(writing(name), "a string contains a NUL character, which would end it")
    }
    let width = values.map(\.utf8.count).max().map { max($0, 1) } ?? 1
    var bytes = values.flatMap { Array($0.utf8) + repeatElement(0, count: width - $0.utf8.count) }
    // H5Awrite wants a buffer even for no elements.
    if bytes.isEmpty { bytes = [0] }
    let operation = writing(name)
    let type = try Handle(operation, at: location) { H5Tcopy(chdf5_type_string()) }
    _ = try Library.call(operation, at: location) { H5Tset_size(type.id, width) }
    _ = try Library.call(operation, at: location) { H5Tset_strpad(type.id, H5T_STR_NULLPAD) }
    _ = try Library.call(operation, at: location) { H5Tset_cset(type.id, H5T_CSET_UTF8) }
    try create(name, type, count: count, &bytes)
  }

  /// `count` is the number of elements of a list, nil for a single value; `value` points to the elements as they are
  /// stored.
  private func create(
    _ name: String, _ type: borrowing Handle, count: Int?, _ value: UnsafeRawPointer
  ) throws(HDF5Error) {
    let operation = writing(name)
    try location.checkName(name, operation)
    let typeID = type.id
    let space = try Dataspace.make(shape: count.map { [$0] } ?? [], operation, at: location)
    let properties = try PropertyList.attributeCreation.make(
      operation, at: location, [{ H5Pset_char_encoding($0, H5T_CSET_UTF8) }])
    let attribute = try Handle(operation, at: location) {
      H5Acreate2(owner.id, name, typeID, space.id, properties.id, hid_t(H5P_DEFAULT))
    }
    _ = try Library.call(operation, at: location) { H5Awrite(attribute.id, typeID, value) }
  }

  private func writing(_ name: String) -> String { "write attribute \(name)" }
}
