import Foundation
import HDF5
import RoPE

/// Names and values that writer and reader of a golden file share.
enum GoldenFormat {
  static let name = "rope-conformance"
  static let version = 1
  static let generator = "rope-conformance generate"
  static let reference = "MPFR, rounding to float64 proven"

  /// Text that is the same wherever it is made.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The group of the plan of a configuration.
  static func planPath(_ configuration: Configuration) -> String {
    configuration.rotaryDimension == 0 ? "plan-without-rope" : "plan"
  }

  /// The shape of what belongs to tokens, with the names of its axes.
  static func tokenAxes(_ workload: Workload) -> [(name: String, count: Int)] {
    workload.layout == .thd
      ? [("token", workload.sequence)] : [("batch", workload.batch), ("sequence", workload.sequence)]
  }
}

extension ElementType {
  var numberType: NumberType {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    }
  }
}
