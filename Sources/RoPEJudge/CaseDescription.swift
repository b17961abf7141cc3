import Foundation
import Goldens
import Judging
import RoPE

/// The facts of a case that its call does not have.
struct CaseDescription: Encodable {
  private let name: String
  private let model: String
  private let section: Workload.Section
  private let contract: Contract
  private let elementType: ElementType
  private let tableType: ElementType?
  private let layout: Layout
  private let direction: Direction
  private let configuration: Convention
  private let workload: Workload
  private let flags: [String]
  private let tolerance: String

  private enum CodingKeys: String, CodingKey {
    case name, model, section, contract, layout, direction, configuration, workload, flags, tolerance
    case elementType = "element_type"
    case tableType = "table_type"
  }

  init(_ goldenCase: Case, _ rule: ToleranceRule) {
    name = goldenCase.name
    model = goldenCase.model
    section = goldenCase.section
    contract = goldenCase.contract
    elementType = goldenCase.elementType
    tableType = goldenCase.tableType
    layout = goldenCase.workload.layout
    direction = goldenCase.workload.direction
    configuration = goldenCase.convention
    workload = goldenCase.workload
    flags = goldenCase.flags
    tolerance = rule.description
  }

  /// The description as a JSON object on one line.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
