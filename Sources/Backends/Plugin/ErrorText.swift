import CRoPEBackend
import Foundation

extension rope_error {
  private static let textCapacity = 1_024

  /// Calls a function of C with an empty error, then reads the error's text.
  static func reading<Result>(
    _ body: (UnsafeMutablePointer<rope_error>) -> Result
  ) -> (result: Result, text: String) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: textCapacity) { buffer in
      buffer.initialize(repeating: 0)
      var error = rope_error(
        struct_size: MemoryLayout<rope_error>.size, text: buffer.baseAddress, capacity: textCapacity)
      let result = body(&error)
      // The text is read from the original buffer, whatever the function did to pointer and capacity.
      let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let text = line(String(decoding: bytes, as: UTF8.self))
      return (result, text.isEmpty ? "it gives no reason" : text)
    }
  }

  /// A text of C as one line, no longer than the text of an error.
  static func line(_ start: UnsafePointer<CChar>) -> String {
    let bytes = UnsafeBufferPointer(start: start, count: strnlen(start, textCapacity)).map { UInt8(bitPattern: $0) }
    return line(String(decoding: bytes, as: UTF8.self))
  }

  private static func line(_ text: String) -> String {
    let printable = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
    return String(printable).trimmingCharacters(in: .whitespaces)
  }
}
