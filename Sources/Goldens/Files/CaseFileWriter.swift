import HDF5
import RoPE

/// Writes cases into a file, each with its plan.
struct CaseFileWriter {
  /// What is written of a case.
  enum Content {
    case inputsAndExpected
    /// Inputs alone, and those of a sampled case in full.
    case inputs
  }

  private let content: Content
  private var plans: [(plan: Plan, path: String)] = []

  init(_ content: Content) { self.content = content }

  /// Writes one case, and its plan where no earlier case had it.
  mutating func write(_ golden: Golden, to root: borrowing Group) throws {
    var path = plans.first { $0.plan == golden.plan }?.path
    if path == nil {
      let new = GoldenFormat.planPath(
        golden.plan, others: plans.count { $0.plan.pairs.isEmpty == golden.plan.pairs.isEmpty })
      try write(golden, planTo: root.createGroup(new))
      plans.append((golden.plan, new))
      path = new
    }
    try CaseWriter(
      group: root.createGroup("cases/\(golden.goldenCase.name)"), planPath: path ?? "", content: content
    ).write(golden)
  }

  private func write(_ golden: Golden, planTo group: consuming Group) throws {
    let plan = golden.plan, count = golden.plan.pairs.count
    try group.attributes().set("attention_factor", to: golden.attentionFactor)
    try group.attributes().set("head_dim", to: plan.headDimension)
    func channels(_ name: String, _ values: [Plan.Channels]) throws {
      let dataset = try group.createDataset(name, type: .int32, shape: [count, 2])
      try dataset.write(values.flatMap { [Int32($0.first), Int32($0.second)] })
      try dataset.labelDimensions(["pair", "partner"])
    }
    try channels("in", plan.pairs.map(\.input))
    try channels("out", plan.pairs.map(\.output))
    let axis = try group.createDataset("axis", type: .int32, shape: [count])
    try axis.write(plan.pairs.map { Int32($0.axis) })
    try axis.labelDimensions(["pair"])
    let frequencies = try group.createDataset("inv_freq", type: .float64, shape: [count])
    try frequencies.write(golden.inverseFrequencies)
    try frequencies.labelDimensions(["pair"])
  }
}
