import HDF5
import Models
import RoPE

/// Writes the golden file of one model.
enum GoldenWriter {
  /// Computes and writes every case of a model; the same recipes give the same bytes.
  ///
  /// Memory holds only a few cases at a time.
  ///
  /// `path` is the file, replaced if it exists. `progress` is called with the number of cases just written.
  ///
  /// - Returns: the entries of the manifest.
  /// - Throws: ``GoldenError``, `ConfigurationError`, or `HDF5Error` if writing fails; the file is then incomplete.
  static func write(
    _ recipes: [Recipe], of model: Model, to path: String, progress: (_ written: Int) -> Void = { _ in }
  ) throws -> [Manifest.Entry] {
    let file = try File(creating: path)
    let entries = try write(recipes, of: model, to: file.root(), progress: progress)
    try file.close()
    return entries
  }

  private static func write(
    _ recipes: [Recipe], of model: Model, to root: consuming Group, progress: (_ written: Int) -> Void
  ) throws -> [Manifest.Entry] {
    try root.attributes().set("format", to: GoldenFormat.name)
    try root.attributes().set("format_version", to: GoldenFormat.version)
    try root.attributes().set("description", to: GoldenFormat.description(of: model))
    // Whoever makes goldens of another model chooses their licence.
    if try Model.bundled.contains(model) { try root.attributes().set("license", to: GoldenFormat.license) }
    try root.attributes().set("model", to: model.name)
    try root.attributes().set("source", to: model.source)
    try root.attributes().set("generator", to: GoldenFormat.generator)
    try root.attributes().set("reference", to: GoldenFormat.reference)
    try root.attributes().set("configuration", to: GoldenFormat.json(model.convention))
    var cases = CaseFileWriter(.inputsAndExpected)
    var entries: [Manifest.Entry] = []
    for batch in GoldenGenerator.batches(of: recipes) {
      for golden in try GoldenGenerator.goldens(for: batch) {
        try cases.write(golden, to: root)
        entries.append(Manifest.Entry(golden.goldenCase))
      }
      progress(batch.count)
    }
    return entries
  }
}

/// Writes cases into a file, each with its plan.
struct CaseFileWriter {
  /// The parts of a case that are written.
  enum Content {
    case inputsAndExpected
    /// Only the inputs; those of a sampled case are written in full.
    case inputs
  }

  private let content: Content
  private var plans: [(plan: Plan, path: String)] = []

  init(_ content: Content) { self.content = content }

  /// Writes one case, and its plan if no earlier case had it.
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
