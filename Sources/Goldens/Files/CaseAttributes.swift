import Foundation
import HDF5
import RoPE

/// Reads from the attributes of its group what a case is.
struct CaseAttributes: ~Copyable {
  let attributes: Attributes
  let path: String
  let object: String

  /// The case by its JSON, types and contract.
  func goldenCase(model: String) throws -> Case {
    Case(
      model: model, configuration: try decode("configuration"), workload: try decode("workload"),
      elementType: try value("element_type"), contract: try value("contract"),
      tableType: try attributes.names().contains("table_type") ? value("table_type") : nil)
  }

  /// Checks that the redundant attributes agree with a case.
  func check(_ goldenCase: Case) throws {
    let expected = GoldenFormat.attributes(of: goldenCase), names = try attributes.names()
    for (name, value) in expected { try check(name, value) }
    for name in GoldenFormat.optionalAttributes
    where names.contains(name) && !expected.contains(where: { $0.name == name }) {
      throw malformed(name, "does not belong to this case")
    }
  }

  private func check(_ name: String, _ expected: GoldenFormat.AttributeValue) throws {
    let found: GoldenFormat.AttributeValue =
      switch expected {
      case .text: .text(try attributes.string(name))
      case .integer: .integer(try attributes.int(name))
      case .real: .real(try attributes.double(name))
      }
    guard found == expected else { throw malformed(name, "is \(found), the rest of the case says \(expected)") }
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
    .malformed(path: path, object: "attribute \(name) of \(object)", reason: reason)
  }
}
