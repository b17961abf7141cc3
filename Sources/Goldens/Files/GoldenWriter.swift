import HDF5
import RoPE

/// Writes the golden file of one convention.
enum GoldenWriter {
  /// Computes and writes every case of a convention; the same recipes give the same bytes. A few cases are in memory at a
  /// time.
  ///
  /// - Parameters:
  ///   - path: the file, replaced where it exists.
  ///   - progress: called with the number of cases after some were written.
  /// - Returns: the entries of the manifest.
  /// - Throws: ``GoldenError``, `ConfigurationError`, or `HDF5Error` where writing fails; the file is then incomplete.
  static func write(
    _ recipes: [Recipe], of subject: NamedConvention, to path: String, progress: (_ written: Int) -> Void = { _ in }
  ) throws -> [Manifest.Entry] {
    let file = try File(creating: path)
    let entries = try write(recipes, of: subject, to: file.root(), progress: progress)
    try file.close()
    return entries
  }

  private static func write(
    _ recipes: [Recipe], of subject: NamedConvention, to root: consuming Group, progress: (_ written: Int) -> Void
  ) throws -> [Manifest.Entry] {
    try root.attributes().set("format", to: GoldenFormat.name)
    try root.attributes().set("format_version", to: GoldenFormat.version)
    try root.attributes().set("model", to: subject.name)
    try root.attributes().set("source", to: subject.source)
    try root.attributes().set("generator", to: GoldenFormat.generator)
    try root.attributes().set("reference", to: GoldenFormat.reference)
    try root.attributes().set("configuration", to: GoldenFormat.json(subject.convention))
    var plans: [(plan: Plan, path: String)] = []
    var entries: [Manifest.Entry] = []
    for batch in GoldenGenerator.batches(of: recipes) {
      for golden in try GoldenGenerator.goldens(for: batch) {
        try write(golden, to: root, plans: &plans)
        entries.append(Manifest.Entry(golden.goldenCase))
      }
      progress(batch.count)
    }
    return entries
  }

  /// Writes one case, and its plan where no earlier case had it.
  private static func write(
    _ golden: Golden, to root: borrowing Group, plans: inout [(plan: Plan, path: String)]
  ) throws {
    var path = plans.first { $0.plan == golden.plan }?.path
    if path == nil {
      let new = GoldenFormat.planPath(golden.plan, others: plans.count { !$0.plan.pairs.isEmpty })
      try write(golden, planTo: root.createGroup(new))
      plans.append((golden.plan, new))
      path = new
    }
    try CaseWriter(group: root.createGroup("cases/\(golden.goldenCase.name)"), planPath: path ?? "").write(golden)
  }

  private static func write(_ golden: Golden, planTo group: consuming Group) throws {
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

/// Writes one case into its group.
private struct CaseWriter: ~Copyable {
  let group: Group
  let planPath: String

  func write(_ golden: Golden) throws {
    try writeAttributes(golden)
    switch golden.content {
    case .stored(let tensors): try write(tensors, of: golden)
    case .sampled(let rows): try write(rows, of: golden)
    }
  }

  private func writeAttributes(_ golden: Golden) throws {
    let goldenCase = golden.goldenCase
    try group.attributes().set("contract", to: goldenCase.contract.rawValue)
    try group.attributes().set("element_type", to: goldenCase.elementType.rawValue)
    if let type = goldenCase.tableType { try group.attributes().set("table_type", to: type.rawValue) }
    switch goldenCase.convention {
    case .configuration(let configuration): try write(configuration)
    // How its channels are paired, only the plan says.
    case .explicit(let plan): try group.attributes().set("head_dim", to: plan.headDimension)
    }
    try group.attributes().set("attention_factor", to: golden.attentionFactor)
    try group.attributes().set("layout", to: goldenCase.workload.layout.rawValue)
    try group.attributes().set("direction", to: goldenCase.workload.direction.rawValue)
    if !goldenCase.flags.isEmpty { try group.attributes().set("flags", to: goldenCase.flags) }
    try group.attributes().set("workload", to: GoldenFormat.json(goldenCase.workload))
    try group.attributes().set("configuration", to: GoldenFormat.json(goldenCase.convention))
    try group.attributes().set("seed", to: Int(goldenCase.seed))
    try group.attributes().set("plan", to: "/\(planPath)")
  }

  private func write(_ configuration: Configuration) throws {
    try group.attributes().set("pairing", to: configuration.pairing.rawValue)
    if configuration.outputPairing != configuration.pairing {
      try group.attributes().set("output_pairing", to: configuration.outputPairing.rawValue)
    }
    try group.attributes().set("head_dim", to: configuration.headDimension)
    try group.attributes().set("rotary_dim", to: configuration.rotaryDimension)
    try group.attributes().set("rotary_offset", to: configuration.rotaryOffset)
    try group.attributes().set("base", to: configuration.base)
  }

  private func write(_ tensors: Golden.StoredTensors, of golden: Golden) throws {
    let goldenCase = golden.goldenCase, workload = golden.goldenCase.workload
    let dimension = golden.plan.headDimension, type = goldenCase.elementType.numberType
    let tokens = GoldenFormat.tokenAxes(workload)
    let axes = GoldenFormat.positionAxes(workload, count: golden.plan.axisCount)
    try dataset("position_ids", .int64, axes) { try $0.write(golden.positions) }
    if let lengths = workload.sequenceLengths {
      let starts = lengths.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32($1)) }
      try dataset("cu_seqlens", .int32, [("boundary", starts.count)]) { try $0.write(starts) }
    }
    switch tensors.angles {
    case .none, .positions: break
    case .frequencies(let frequencies, _, _):
      try dataset("inv_freq", .float32, [("pair", frequencies.count)]) { try $0.write(frequencies) }
    case .table(let table, let rows):
      let axes = tokens + [("pair", table.pairCount)]
      for (name, values) in [("cos", table.cosines), ("sin", table.sines)] {
        var elements = ElementArray(type: table.type, count: rows.count * table.pairCount)
        for (token, row) in rows.enumerated() {
          for pair in 0..<table.pairCount {
            elements[token * table.pairCount + pair] = values[Int(row) * table.pairCount + pair]
          }
        }
        try dataset(name, table.type.numberType, axes) { try $0.write(elements) }
      }
    }
    let query = workload.axes(heads: workload.queryHeads, headDimension: dimension)
    let key = workload.axes(heads: workload.keyHeads, headDimension: dimension)
    try dataset("q", type, query) { try $0.write(tensors.query) }
    try dataset("k", type, key) { try $0.write(tensors.key) }
    try dataset("expected_q", .float64, query) { try $0.write(tensors.expectedQuery) }
    try dataset("expected_k", .float64, key) { try $0.write(tensors.expectedKey) }
  }

  private func write(_ rows: Golden.SampledRows, of golden: Golden) throws {
    let workload = golden.goldenCase.workload, count = rows.tokens.count
    try dataset("sample_tokens", .int64, [("sample", count)]) { try $0.write(rows.tokens.map(Int64.init)) }
    for (name, heads, values) in [
      ("expected_q", workload.queryHeads, rows.expectedQuery), ("expected_k", workload.keyHeads, rows.expectedKey),
    ] {
      let axes = [("sample", count), ("head", heads), ("channel", golden.plan.headDimension)]
      try dataset(name, .float64, axes) { try $0.write(values) }
    }
  }

  private func dataset(
    _ name: String, _ type: NumberType, _ axes: [(name: String, count: Int)], _ fill: (borrowing Dataset) throws -> Void
  ) throws {
    let dataset = try group.createDataset(name, type: type, shape: axes.map(\.count))
    try fill(dataset)
    try dataset.labelDimensions(axes.map(\.name))
  }
}

extension Dataset {
  fileprivate func write(_ elements: ElementArray) throws {
    try elements.bytes.withUnsafeBytes { try write($0) }
  }
}
