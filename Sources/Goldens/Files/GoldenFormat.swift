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

  /// A single value of an attribute.
  enum AttributeValue: Equatable, CustomStringConvertible {
    case text(String)
    case integer(Int)
    case real(Double)

    var description: String {
      switch self {
      case .text(let text): "'\(text)'"
      case .integer(let integer): "\(integer)"
      case .real(let real): "\(real)"
      }
    }
  }

  /// The attributes that say in plain values what a case is. A reader that does not know the JSON beside them relies on
  /// them, so that they are compared with it on loading.
  static func attributes(of goldenCase: Case) -> [(name: String, value: AttributeValue)] {
    let configuration = goldenCase.configuration
    var attributes: [(name: String, value: AttributeValue)] = [
      ("contract", .text(goldenCase.contract.rawValue)), ("element_type", .text(goldenCase.elementType.rawValue)),
      ("pairing", .text(configuration.pairing.rawValue)), ("head_dim", .integer(configuration.headDimension)),
      ("rotary_dim", .integer(configuration.rotaryDimension)), ("rotary_offset", .integer(configuration.rotaryOffset)),
      ("base", .real(configuration.base)), ("attention_factor", .real(configuration.attentionFactor)),
      ("layout", .text(goldenCase.workload.layout.rawValue)), ("direction", .text(Direction.forward.rawValue)),
      ("seed", .integer(Int(goldenCase.seed))), ("plan", .text("/\(planPath(configuration))")),
    ]
    if let type = goldenCase.tableType { attributes.append(("table_type", .text(type.rawValue))) }
    if configuration.outputPairing != configuration.pairing {
      attributes.append(("output_pairing", .text(configuration.outputPairing.rawValue)))
    }
    return attributes
  }

  /// Those of ``attributes(of:)`` that not every case has.
  static let optionalAttributes = ["table_type", "output_pairing"]

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
