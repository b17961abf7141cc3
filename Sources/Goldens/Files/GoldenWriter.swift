import HDF5
public import Models
import RoPE

/// Writes the golden file of one model.
public enum GoldenWriter {
  /// Writes every case of a model; the same goldens give the same bytes.
  ///
  /// - Parameter path: the file, replaced where it exists.
  /// - Throws: `HDF5Error` where writing fails; the file is then incomplete.
  public static func write(_ goldens: [Golden], of model: Model, to path: String) throws {
    let file = try File(creating: path)
    try write(goldens, of: model, to: file.root())
    try file.close()
  }

  private static func write(_ goldens: [Golden], of model: Model, to root: consuming Group) throws {
    try root.attributes().set("format", to: GoldenFormat.name)
    try root.attributes().set("format_version", to: GoldenFormat.version)
    try root.attributes().set("model", to: model.name)
    try root.attributes().set("source", to: model.source)
    try root.attributes().set("generator", to: GoldenFormat.generator)
    try root.attributes().set("reference", to: GoldenFormat.reference)
    try root.attributes().set("configuration", to: GoldenFormat.json(model.configuration))
    for golden in goldens {
      let plan = GoldenFormat.planPath(golden.goldenCase.configuration)
      if try !root.contains(plan) { try write(golden, planTo: root.createGroup(plan)) }
      try CaseWriter(group: root.createGroup("cases/\(golden.goldenCase.name)")).write(golden)
    }
  }

  private static func write(_ golden: Golden, planTo group: consuming Group) throws {
    let plan = golden.plan, count = golden.plan.pairs.count
    try group.attributes().set("attention_factor", to: plan.attentionFactor)
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

  func write(_ golden: Golden) throws {
    try writeAttributes(golden)
    switch golden.content {
    case .stored(let tensors): try write(tensors, of: golden)
    case .sampled(let rows): try write(rows, of: golden)
    }
  }

  private func writeAttributes(_ golden: Golden) throws {
    let goldenCase = golden.goldenCase
    for (name, value) in GoldenFormat.attributes(of: goldenCase) {
      switch value {
      case .text(let text): try group.attributes().set(name, to: text)
      case .integer(let integer): try group.attributes().set(name, to: integer)
      case .real(let real): try group.attributes().set(name, to: real)
      }
    }
    if !goldenCase.flags.isEmpty { try group.attributes().set("flags", to: goldenCase.flags) }
    try group.attributes().set("workload", to: GoldenFormat.json(goldenCase.workload))
    try group.attributes().set("configuration", to: GoldenFormat.json(goldenCase.configuration))
  }

  private func write(_ tensors: Golden.StoredTensors, of golden: Golden) throws {
    let goldenCase = golden.goldenCase, workload = golden.goldenCase.workload
    let dimension = golden.plan.headDimension, type = goldenCase.elementType.numberType
    let tokens = GoldenFormat.tokenAxes(workload)
    try dataset("position_ids", .int64, tokens) { try $0.write(golden.positions) }
    if let lengths = workload.sequenceLengths {
      let starts = lengths.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32($1)) }
      try dataset("cu_seqlens", .int32, [("boundary", starts.count)]) { try $0.write(starts) }
    }
    switch tensors.angles {
    case .none, .positions: break
    case .frequencies(let frequencies, _):
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
