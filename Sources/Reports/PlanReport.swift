import Models
import RoPE

/// A convention and its plan, for people and for programs.
package struct PlanReport: Sendable {
  package let model: Model
  package let plan: Plan
  /// The float64 nearest to each pair's frequency.
  package let frequencies: [Double]
  /// The float64 nearest to the attention factor.
  package let attentionFactor: Double

  package init(of model: Model, plan: Plan, frequencies: [Double], attentionFactor: Double) {
    self.model = model
    self.plan = plan
    self.frequencies = frequencies
    self.attentionFactor = attentionFactor
  }

  /// The convention in words, the defaults and notes, and a table of pairs.
  ///
  /// If `all`, every pair has its row; otherwise a long table shows only its ends.
  package func text(all: Bool) -> String {
    let headline = model.heads.map { "\(model.name): \($0.query) query heads, \($0.key) key heads" } ?? model.name
    var lines = [headline, "source: \(model.source)"] + model.convention.words
    if !plan.pairs.isEmpty { lines.append("attention factor \(attentionFactor)") }
    lines += model.defaults.map { "default: \($0.key) = \($0.value) (\($0.source))" }
    lines += model.notes.map { "note: \($0)" }
    guard !plan.pairs.isEmpty else { return lines.joined(separator: "\n") }
    let ends = 6, count = plan.pairs.count
    let shown = all || count <= 2 * ends + 1 ? Array(0..<count) : Array(0..<ends) + Array(count - ends..<count)
    lines += ["", row("pair", "in", "out", "axis", "radians per position")]
    for (place, index) in shown.enumerated() {
      if place > 0, shown[place - 1] != index - 1 {
        lines.append("  … \(count - 2 * ends) more pairs; --all shows them")
      }
      let pair = plan.pairs[index]
      lines.append(
        row(
          "\(index)", "\(pair.input.first), \(pair.input.second)", "\(pair.output.first), \(pair.output.second)",
          "\(pair.axis)", "\(frequencies[index])"))
    }
    return lines.joined(separator: "\n")
  }

  private func row(_ cells: String...) -> String {
    zip(cells, [6, 10, 10, 5, 0]).map { cell, width in
      cell + String(repeating: " ", count: max(0, width - cell.count))
    }.joined(separator: " ")
  }
}

extension PlanReport {
  /// The differences between this convention and another, a line for each part; empty if the plans are the same.
  ///
  /// Axes are compared by the pairs that they drive, bases only if frequencies differ, head counts never. Scalings are
  /// compared by their parameters too, because the pairs of dynamic NTK and LongRoPE depend on the length.
  package func differences(from other: PlanReport) -> [String] {
    var lines: [String] = []
    func compare<Value: Equatable>(_ part: String, _ mine: Value, _ theirs: Value) {
      if mine != theirs { lines.append("\(part): \(mine) in \(model.name), \(theirs) in \(other.model.name)") }
    }
    compare("head dimension", plan.headDimension, other.plan.headDimension)
    compare("pairs", plan.pairs.count, other.plan.pairs.count)
    compare("position axes", plan.axisCount, other.plan.axisCount)
    compare("scaling", model.convention.scaling.words, other.model.convention.scaling.words)
    compare("attention factor", attentionFactor, other.attentionFactor)
    let shared = 0..<min(plan.pairs.count, other.plan.pairs.count)
    func compareFirst(_ part: String, _ value: (PlanReport, Int) -> String) {
      let different = shared.filter { value(self, $0) != value(other, $0) }
      guard let first = different.first else { return }
      lines.append(
        "\(part): \(different.count) of \(shared.count) pairs differ, first pair \(first): \(value(self, first)) in "
          + "\(model.name), \(value(other, first)) in \(other.model.name)")
    }
    compareFirst("channels read") { "\($0.plan.pairs[$1].input.first), \($0.plan.pairs[$1].input.second)" }
    compareFirst("channels written") { "\($0.plan.pairs[$1].output.first), \($0.plan.pairs[$1].output.second)" }
    compareFirst("axis") { "\($0.plan.pairs[$1].axis)" }
    let known = lines.count
    compareFirst("frequency") { "\($0.frequencies[$1])" }
    if lines.count > known, let base = model.convention.configuration?.base,
      let otherBase = other.model.convention.configuration?.base
    {
      compare("base", base, otherBase)
    }
    return lines
  }
}

extension PlanReport: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, source, configuration, defaults, notes, plan
    case queryHeads = "query_heads"
    case keyHeads = "key_heads"
  }

  private enum PlanKeys: String, CodingKey {
    case `in`, out, axis
    case frequencies = "inv_freq"
    case attentionFactor = "attention_factor"
    case headDimension = "head_dim"
    case axisCount = "axis_count"
  }

  /// Encodes the plan in the form of the golden files: arrays with one entry for each pair.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(model.name, forKey: .name)
    try values.encode(model.source, forKey: .source)
    try values.encode(model.convention, forKey: .configuration)
    try values.encodeIfPresent(model.heads?.query, forKey: .queryHeads)
    try values.encodeIfPresent(model.heads?.key, forKey: .keyHeads)
    try values.encode(
      model.defaults.map { ["key": $0.key, "value": $0.value, "source": $0.source] }, forKey: .defaults)
    try values.encode(model.notes.map { ["key": $0.key, "value": $0.value, "remark": $0.remark] }, forKey: .notes)
    var plan = values.nestedContainer(keyedBy: PlanKeys.self, forKey: .plan)
    try plan.encode(self.plan.headDimension, forKey: .headDimension)
    try plan.encode(self.plan.axisCount, forKey: .axisCount)
    try plan.encode(self.plan.pairs.map { [$0.input.first, $0.input.second] }, forKey: .in)
    try plan.encode(self.plan.pairs.map { [$0.output.first, $0.output.second] }, forKey: .out)
    try plan.encode(self.plan.pairs.map(\.axis), forKey: .axis)
    try plan.encode(frequencies, forKey: .frequencies)
    try plan.encode(attentionFactor, forKey: .attentionFactor)
  }
}
