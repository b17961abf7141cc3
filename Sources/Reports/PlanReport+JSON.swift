import Models
import RoPE

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

  /// The plan as the golden files have it: arrays, one entry for each pair.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encode(source, forKey: .source)
    try values.encode(convention, forKey: .configuration)
    try values.encodeIfPresent(heads?.query, forKey: .queryHeads)
    try values.encodeIfPresent(heads?.key, forKey: .keyHeads)
    try values.encode(defaults.map { ["key": $0.key, "value": $0.value, "source": $0.source] }, forKey: .defaults)
    try values.encode(notes.map { ["key": $0.key, "value": $0.value, "remark": $0.remark] }, forKey: .notes)
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
