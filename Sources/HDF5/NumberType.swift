internal import CHDF5

#if _endian(big)
  #error("Elements are passed to libhdf5 as they lie in memory, which must be little-endian.")
#endif

/// The storage type of one number in a dataset, always little-endian.
package enum NumberType: String, Sendable, CaseIterable {
  case float32
  /// IEEE 754 binary16.
  case float16
  /// The upper half of binary32: 8 exponent bits, 7 stored significand bits.
  case bfloat16
  case float64
  case int32
  case int64

  /// Bytes per number.
  package var byteCount: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// The libhdf5 type of such numbers, as a new datatype.
  func makeDatatype(_ operation: String, at location: Location) throws(HDF5Error) -> Handle {
    switch self {
    case .float32: try Handle(operation, at: location) { H5Tcopy(chdf5_type_float32()) }
    case .float64: try Handle(operation, at: location) { H5Tcopy(chdf5_type_float64()) }
    case .int32: try Handle(operation, at: location) { H5Tcopy(chdf5_type_int32()) }
    case .int64: try Handle(operation, at: location) { H5Tcopy(chdf5_type_int64()) }
    case .float16: try Self.makeHalf(exponentBits: 5, bias: 15, operation, at: location)
    case .bfloat16: try Self.makeHalf(exponentBits: 8, bias: 127, operation, at: location)
    }
  }

  /// A 16-bit floating-point type: from the top, one sign bit, the exponent, the fraction.
  private static func makeHalf(
    exponentBits: Int, bias: Int, _ operation: String, at location: Location
  ) throws(HDF5Error) -> Handle {
    let type = try Handle(operation, at: location) { H5Tcopy(chdf5_type_float32()) }
    let fractionBits = 15 - exponentBits
    // The fields must lie inside the type at every step, so they move before the type shrinks.
    _ = try Library.call(operation, at: location) {
      H5Tset_fields(type.id, 15, fractionBits, exponentBits, 0, fractionBits)
    }
    _ = try Library.call(operation, at: location) { H5Tset_size(type.id, 2) }
    _ = try Library.call(operation, at: location) { H5Tset_ebias(type.id, bias) }
    return type
  }

  /// The number type that equals a datatype, or nil.
  static func matching(
    _ datatype: borrowing Handle, _ operation: String, at location: Location
  ) throws(HDF5Error) -> NumberType? {
    let id = datatype.id
    for candidate in allCases {
      let expected = try candidate.makeDatatype(operation, at: location)
      if try Library.call(operation, at: location, { H5Tequal(id, expected.id) }) > 0 { return candidate }
    }
    return nil
  }

  /// The description of a datatype in a message.
  static func words(for datatype: borrowing Handle) -> String {
    let id = datatype.id
    let (kind, bitCount, isBigEndian, isSigned) = Library.callWithoutFailure {
      (H5Tget_class(id), 8 * H5Tget_size(id), H5Tget_order(id) == H5T_ORDER_BE, H5Tget_sign(id) == H5T_SGN_2)
    }
    let order = isBigEndian ? "big-endian " : ""
    switch kind {
    case H5T_INTEGER: return "\(order)\(isSigned ? "" : "unsigned ")integers of \(bitCount) bits"
    case H5T_FLOAT: return "\(order)real numbers of \(bitCount) bits"
    default: return "not numbers"
    }
  }
}

/// A Swift type that holds the numbers of some `NumberType`s, bit for bit.
package protocol DatasetElement: BitwiseCopyable, Sendable {
  /// The types of dataset that can be written from and read into this type.
  static var numberTypes: [NumberType] { get }
}

extension Float: DatasetElement {
  package static var numberTypes: [NumberType] { [.float32] }
}

extension Double: DatasetElement {
  package static var numberTypes: [NumberType] { [.float64] }
}

extension Int32: DatasetElement {
  package static var numberTypes: [NumberType] { [.int32] }
}

extension Int64: DatasetElement {
  package static var numberTypes: [NumberType] { [.int64] }
}

/// The bit patterns of 16-bit floating-point numbers.
extension UInt16: DatasetElement {
  package static var numberTypes: [NumberType] { [.float16, .bfloat16] }
}
