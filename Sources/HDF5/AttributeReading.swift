internal import CHDF5

extension Attributes {
  /// Reads an integer of any width whose values all fit an `Int`.
  ///
  /// - Throws: `HDF5Error` if there is no such attribute, or it is not a single integer.
  package func int(_ name: String) throws(HDF5Error) -> Int {
    let attribute = try OpenAttribute(name, of: self, wanted: "one integer", typeClass: H5T_INTEGER, rank: 0)
    let (bitCount, isSigned) = Library.callWithoutFailure {
      (8 * H5Tget_size(attribute.type.id), H5Tget_sign(attribute.type.id) == H5T_SGN_2)
    }
    guard bitCount < 64 || bitCount == 64 && isSigned else {
      throw attribute.location.refusal(
        attribute.operation, "its \(bitCount) bits can hold values that do not fit an Int")
    }
    var value: Int64 = 0
    try attribute.read(as: chdf5_type_int64(), into: &value)
    return Int(value)
  }

  /// Reads a floating-point number of at most 64 bits.
  ///
  /// - Throws: `HDF5Error` if there is no such attribute, or it is not a single floating-point number.
  package func double(_ name: String) throws(HDF5Error) -> Double {
    let attribute = try OpenAttribute(name, of: self, wanted: "one real number", typeClass: H5T_FLOAT, rank: 0)
    let bitCount = Library.callWithoutFailure { 8 * H5Tget_size(attribute.type.id) }
    guard bitCount <= 64 else {
      throw attribute.location.refusal(
        attribute.operation, "its \(bitCount) bits can hold values that do not fit a Double")
    }
    var value: Double = 0
    try attribute.read(as: chdf5_type_float64(), into: &value)
    return value
  }

  /// Reads a string of fixed or variable length.
  ///
  /// - Throws: `HDF5Error` if there is no such attribute, or it is not a single string of valid UTF-8.
  package func string(_ name: String) throws(HDF5Error) -> String {
    let attribute = try OpenAttribute(name, of: self, wanted: "one string", typeClass: H5T_STRING, rank: 0)
    return try attribute.readStrings()[0]
  }

  /// Reads a list of strings of fixed or variable length.
  ///
  /// - Throws: `HDF5Error` if there is no such attribute, or it is not a one-dimensional list of valid UTF-8.
  package func strings(_ name: String) throws(HDF5Error) -> [String] {
    try OpenAttribute(name, of: self, wanted: "a list of strings", typeClass: H5T_STRING, rank: 1).readStrings()
  }
}

/// An open attribute that has the wanted type and rank.
private struct OpenAttribute: ~Copyable {
  let operation: String
  let location: Location
  let handle: Handle
  let type: Handle
  let count: Int

  init(
    _ name: String, of attributes: borrowing Attributes, wanted: String, typeClass: H5T_class_t, rank: Int
  ) throws(HDF5Error) {
    let operation = "read attribute \(name)"
    let location = attributes.location
    try location.checkName(name, operation)
    let owner = attributes.owner.id
    let handle = try Handle(operation, at: location) { H5Aopen(owner, name, hid_t(H5P_DEFAULT)) }
    let type = try Handle(operation, at: location) { H5Aget_type(handle.id) }
    let space = try Handle(operation, at: location) { H5Aget_space(handle.id) }
    let found = Library.callWithoutFailure { H5Tget_class(type.id) }
    let shape = try Dataspace.shape(of: space, operation, at: location)
    guard found == typeClass, shape?.count == rank else {
      let foundShape = shape.map { $0.isEmpty ? "single" : "of shape \($0)" } ?? "empty"
      throw location.refusal(operation, "expected \(wanted), found \(found.noun), \(foundShape)")
    }
    self.operation = operation
    self.location = location
    self.handle = handle
    self.type = type
    count = shape?.reduce(1, *) ?? 0
  }

  /// Reads all elements, converted to a type.
  func read(as memoryType: hid_t, into buffer: UnsafeMutableRawPointer) throws(HDF5Error) {
    _ = try Library.call(operation, at: location) { H5Aread(handle.id, memoryType, buffer) }
  }

  func readStrings() throws(HDF5Error) -> [String] {
    if count == 0 { return [] }
    let isVariable = try Library.call(operation, at: location) { H5Tis_variable_str(type.id) } > 0
    var strings: [String] = []
    for bytes in isVariable ? try readVariable() : try readFixed() {
      guard let string = String(validating: bytes, as: UTF8.self) else {
        throw location.refusal(operation, "the string is not valid UTF-8")
      }
      strings.append(string)
    }
    return strings
  }

  /// The bytes of each string, without its padding.
  private func readFixed() throws(HDF5Error) -> [[UInt8]] {
    let (width, isSpacePadded) = Library.callWithoutFailure {
      (H5Tget_size(type.id), H5Tget_strpad(type.id) == H5T_STR_SPACEPAD)
    }
    var bytes = [UInt8](repeating: 0, count: count * width)
    try read(as: type.id, into: &bytes)
    return (0..<count).map { index in
      let string = bytes[index * width..<(index + 1) * width].prefix { $0 != 0 }
      let last = isSpacePadded ? string.lastIndex { $0 != UInt8(ascii: " ") } : string.indices.last
      return last.map { Array(string[...$0]) } ?? []
    }
  }

  /// The bytes of each string, which libhdf5 allocates and frees.
  private func readVariable() throws(HDF5Error) -> [[UInt8]] {
    let space = try Handle(operation, at: location) { H5Aget_space(handle.id) }
    var pointers = [UnsafePointer<CChar>?](repeating: nil, count: count)
    try read(as: type.id, into: &pointers)
    let strings: [[UInt8]] = pointers.map { start in
      guard let start else { return [] }
      return sequence(first: start) { $0 + 1 }.lazy.map { UInt8(bitPattern: $0.pointee) }.prefix { $0 != 0 }
    }
    _ = try Library.call(operation, at: location) {
      H5Dvlen_reclaim(type.id, space.id, hid_t(H5P_DEFAULT), &pointers)
    }
    return strings
  }
}

extension H5T_class_t {
  /// The name of a value of this class in a message.
  fileprivate var noun: String {
    switch self {
    case H5T_INTEGER: "integer"
    case H5T_FLOAT: "real number"
    case H5T_STRING: "string"
    case H5T_ENUM: "enumeration"
    default: "value of class \(rawValue)"
    }
  }
}
