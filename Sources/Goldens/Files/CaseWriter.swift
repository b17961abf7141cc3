import HDF5
import RoPE

/// Writes one case into its group.
struct CaseWriter: ~Copyable {
  let group: Group
  let planPath: String
  let content: CaseFileWriter.Content

  /// Tokens of a sampled case that are in memory at a time.
  private static let slab = 256

  func write(_ golden: Golden) throws {
    try writeAttributes(golden)
    switch golden.content {
    case .stored(let tensors): try write(tensors, of: golden)
    case .sampled(let rows):
      switch content {
      case .inputsAndExpected: try write(rows, of: golden)
      case .inputs: try writeSampledInputs(of: golden)
      }
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
    try writePositions(of: golden)
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
    guard case .inputsAndExpected = content else { return }
    try dataset("expected_q", .float64, query) { try $0.write(tensors.expectedQuery) }
    try dataset("expected_k", .float64, key) { try $0.write(tensors.expectedKey) }
  }

  private func writePositions(of golden: Golden) throws {
    let axes = GoldenFormat.positionAxes(golden.goldenCase.workload, count: golden.plan.axisCount)
    try dataset("position_ids", .int64, axes) { try $0.write(golden.positions) }
  }

  /// All tokens of a case whose inputs follow from its seed.
  private func writeSampledInputs(of golden: Golden) throws {
    let goldenCase = golden.goldenCase, workload = goldenCase.workload, dimension = golden.plan.headDimension
    try writePositions(of: golden)
    let stream = SampledStream(goldenCase, plan: golden.plan)
    for (name, heads, isKey) in [("q", workload.queryHeads, false), ("k", workload.keyHeads, true)] {
      let axes = workload.axes(heads: heads, headDimension: dimension)
      try dataset(name, goldenCase.elementType.numberType, axes) { dataset in
        var elements = [UInt8](repeating: 0, count: Self.slab * heads * dimension * goldenCase.elementType.byteCount)
        for first in stride(from: 0, to: workload.sequence, by: Self.slab) {
          let tokens = first..<min(first + Self.slab, workload.sequence)
          try elements.withUnsafeMutableBytes { elements in
            let bytes = UnsafeMutableRawBufferPointer(
              rebasing: elements[..<(elements.count / Self.slab * tokens.count)])
            stream.fill(bytes, tokens: tokens, isKey: isKey)
            try dataset.write(
              UnsafeRawBufferPointer(bytes), at: [0, first, 0, 0], count: [1, tokens.count, heads, dimension])
          }
        }
      }
    }
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
