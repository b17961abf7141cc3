import Foundation
import RoPE

/// The bit pattern of an element, with the type that gives it a value.
package struct ElementBits: Sendable, Equatable, CustomStringConvertible {
  package let type: ElementType
  package let bits: UInt32

  package init(type: ElementType, bits: UInt32) {
    self.type = type
    self.bits = bits
  }

  package var value: Double { type.value(ofBits: bits) }

  /// The value with enough digits to distinguish it from its neighbours, and its bits: `0.15625 (0x3E200000)`.
  package var description: String {
    let digits = type == .float32 ? "\(Float(value))" : String(format: "%.5g", value)
    return "\(digits) (0x\(bits.hexadecimal(digits: 2 * type.byteCount)))"
  }
}

extension ElementIndex {
  /// The element in words: `key[batch 0, token 1, head 2, channel 3]`.
  package func text(of tensor: TensorName) -> String {
    "\(tensor.rawValue)[batch \(batch), token \(token), head \(head), channel \(channel)]"
  }

  /// The indices, outermost first, for finding the first of several elements.
  private var order: [Int] { [batch, token, head, channel] }

  /// Indicates whether the element comes before another of its tensor.
  package func isBefore(_ other: ElementIndex) -> Bool { order.lexicographicallyPrecedes(other.order) }
}

extension UInt32 {
  /// Hexadecimal digits with leading zeros.
  func hexadecimal(digits: Int) -> String {
    let text = String(self, radix: 16, uppercase: true)
    return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
  }
}

extension Double {
  /// Three significant digits: `0.501`, `1.23e+07`.
  package var threeDigits: String {
    isFinite ? String(format: "%.3g", self) : isNaN ? "NaN" : "infinite"
  }

  /// A mean signed error: `-0.498 ULP`; 0 where it is below a thousandth.
  package var inULP: String {
    let digits = String(format: "%+.3f", self)
    return (Double(digits) == 0 ? "0" : digits) + " ULP"
  }
}
