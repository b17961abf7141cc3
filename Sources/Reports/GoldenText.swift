import Goldens
import RoPE

extension Golden {
  /// The description of the case, line by line, with the first elements of the last row of each tensor.
  package var text: String {
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
        + (workload.isQueryAlone ? "no key" : "key heads \(workload.keyHeads)")
        + (workload.keyTokens.map { ", key sequence \($0.sequence)" } ?? "")
        + (workload.sequenceLengths.map { ", packed lengths \($0)" } ?? ""),
      "memory: layout \(workload.layout.rawValue), \(workload.storage.rawValue), "
        + (workload.inPlace ? "in place" : "out of place"),
      "positions: \(Self.list(positions.values.map(\.shortest), limit: 24))",
    ]
    if let keyTokens {
      lines.append("key positions: \(Self.list(keyTokens.positions.values.map(\.shortest), limit: 24))")
    }
    if let refusedValue { lines.append("must be refused: \(refusedValue)") }
    if !goldenCase.flags.isEmpty { lines.append("catches: \(goldenCase.flags.joined(separator: " "))") }
    switch content {
    case .stored(let truth):
      for tensor in tensors {
        let rows = truth.rows(tensor.name, tensor.tokenCount - 1..<tensor.tokenCount)
        for (name, values) in [("", rows.values), ("expected ", rows.expected)] {
          let row = Array(values.suffix(plan.headDimension))
          lines.append("\(name)\(tensor.name.rawValue), last row: \(Self.list(row, limit: 4))")
        }
      }
    case .computed(let truth):
      lines.append(
        "inputs: from seed \(goldenCase.seed); "
          + (truth.samples.map { "the stored rows are those of tokens \(Self.list($0.tokens, limit: 24))" }
            ?? "no row is stored"))
    }
    return lines.joined(separator: "\n")
  }

  /// The channels that rotate, and their convention.
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
