import Conformance
import Foundation
import RoPE

/// Numbers as reports write them.
enum ElementText {
  /// A value to as many digits as tell it from its neighbours, and its bits: `0.15625 (0x3E200000)`.
  static func value(_ bits: UInt32, _ type: ElementType) -> String {
    let value = type.value(ofBits: bits)
    let digits = type == .float32 ? "\(Float(value))" : String(format: "%.5g", value)
    return "\(digits) (0x\(hex(bits, digits: 2 * type.byteCount)))"
  }

  static func hex(_ bits: UInt32, digits: Int) -> String {
    let text = String(bits, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// Three significant digits: `0.501`, `1.23e+07`.
  static func short(_ value: Double) -> String {
    value.isFinite ? String(format: "%.3g", value) : value.isNaN ? "NaN" : "infinite"
  }

  static func place(_ tensor: TensorName, _ place: PlaceReport) -> String {
    "\(tensor.rawValue)[batch \(place.batch), token \(place.token), head \(place.head), channel \(place.channel)]"
  }
}
