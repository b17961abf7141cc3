public import Goldens
import RoPE

extension Golden {
  /// What a case is, line by line, with its first elements.
  public var text: String {
    let workload = goldenCase.workload
    var lines = [
      "case: \(goldenCase.name)",
      "section: \(goldenCase.section.rawValue)",
      "convention: head dimension \(plan.headDimension), "
        + (plan.pairs.isEmpty ? "no rotation" : "\(rotation), attention factor \(attentionFactor)"),
      "contract: \(goldenCase.contract.rawValue)"
        + (goldenCase.tableType.map { ", table in \($0.rawValue)" } ?? ""),
      "elements: \(goldenCase.elementType.rawValue), \(workload.pattern.rawValue)",
      "shape: batch \(workload.batch), sequence \(workload.sequence), query heads \(workload.queryHeads), "
        + "key heads \(workload.keyHeads)" + (workload.sequenceLengths.map { ", packed lengths \($0)" } ?? ""),
      "memory: layout \(workload.layout.rawValue), \(workload.storage.rawValue), "
        + (workload.inPlace ? "in place" : "out of place"),
      "positions: \(Self.list(positions, limit: 24))",
    ]
    if !goldenCase.flags.isEmpty { lines.append("catches: \(goldenCase.flags.joined(separator: " "))") }
    switch content {
    case .stored(let tensors):
      let last = tensors.query.count - plan.headDimension
      lines.append("query, last row: \(Self.list(Array(tensors.query.values[last...]), limit: 4))")
      lines.append("expected query, last row: \(Self.list(Array(tensors.expectedQuery[last...]), limit: 4))")
    case .sampled(let rows):
      lines.append("inputs: from seed \(goldenCase.seed); stored rows of tokens \(Self.list(rows.tokens, limit: 24))")
    }
    return lines.joined(separator: "\n")
  }

  /// What rotates, and how.
  private var rotation: String {
    switch goldenCase.convention {
    case .configuration(let configuration):
      "rotary dimension \(configuration.rotaryDimension) from channel \(configuration.rotaryOffset), "
        + "\(configuration.pairing.rawValue) pairing, base \(configuration.base)"
    case .explicit(let plan): "\(plan.pairCount) pairs of an explicit plan"
    }
  }

  private static func list<Value>(_ values: [Value], limit: Int) -> String {
    values.prefix(limit).map { "\($0)" }.joined(separator: " ")
      + (values.count > limit ? " … (\(values.count) in all)" : "")
  }
}
