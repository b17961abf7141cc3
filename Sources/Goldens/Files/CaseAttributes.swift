import Foundation
import HDF5
import RoPE

/// Reads and checks the attributes of one case.
struct CaseAttributes: ~Copyable {
  let attributes: Attributes
  let object: String
  let path: String

  func goldenCase(model: String) throws -> Case {
    Case(
      model: model, convention: try decode("configuration"), workload: try decode("workload"),
      elementType: try value("element_type"), contract: try value("contract"),
      tableType: try attributes.names().contains("table_type") ? value("table_type") : nil)
  }

  /// Checks the attributes that repeat facts for readers that know neither `configuration` nor `workload`.
  func checkRedundant(_ goldenCase: Case, attentionFactor: Double) throws {
    let workload = goldenCase.workload
    func check<Value: Equatable>(_ name: String, _ found: Value, is expected: Value) throws {
      guard found != expected else { return }
      throw malformed(name, "'\(found)' contradicts the configuration or workload, which says '\(expected)'")
    }
    if let configuration = goldenCase.convention.configuration {
      let hasOutputPairing = try attributes.names().contains("output_pairing")
      try check("pairing", attributes.string("pairing"), is: configuration.pairing.rawValue)
      try check(
        "output_pairing", attributes.string(hasOutputPairing ? "output_pairing" : "pairing"),
        is: configuration.outputPairing.rawValue)
      try check("rotary_dim", attributes.int("rotary_dim"), is: configuration.rotaryDimension)
      try check("rotary_offset", attributes.int("rotary_offset"), is: configuration.rotaryOffset)
      try check("base", attributes.double("base"), is: configuration.base)
    }
    try check("head_dim", attributes.int("head_dim"), is: goldenCase.convention.headDimension)
    try check("attention_factor", attributes.double("attention_factor"), is: attentionFactor)
    try check("layout", attributes.string("layout"), is: workload.layout.rawValue)
    try check("direction", attributes.string("direction"), is: workload.direction.rawValue)
    try check("seed", attributes.int("seed"), is: Int(goldenCase.seed))
  }

  private func decode<Value: Decodable>(_ name: String) throws -> Value {
    let text = try attributes.string(name)
    do {
      return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    } catch {
      throw malformed(name, "'\(text)' is not valid: \(error)")
    }
  }

  private func value<Value: RawRepresentable<String>>(_ name: String) throws -> Value {
    let text = try attributes.string(name)
    guard let value = Value(rawValue: text) else { throw malformed(name, "unknown value '\(text)'") }
    return value
  }

  private func malformed(_ name: String, _ reason: String) -> GoldenError {
    .malformed(path: path, object: "\(object), attribute \(name)", reason: reason)
  }
}
