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
    case .stored(let truth): try write(truth, of: golden)
    case .computed(let truth):
      if case .inputsAndExpected = content, let samples = truth.samples {
        try write(samples, of: golden)
      } else {
        try writeInputs(of: golden)
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
    // Only the plan says how its channels are paired.
    case .explicit(let plan): try group.attributes().set("head_dim", to: plan.headDimension)
    }
    try group.attributes().set("attention_factor", to: golden.attentionFactor)
    try group.attributes().set("layout", to: goldenCase.workload.layout.rawValue)
    try group.attributes().set("direction", to: goldenCase.workload.direction.rawValue)
    if let twin = goldenCase.twin { try group.attributes().set("twin", to: twin.name) }
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

  private func write(_ truth: StoredTruth, of golden: Golden) throws {
    let goldenCase = golden.goldenCase, dimension = golden.plan.headDimension
    try writeGivens(of: golden)
    for tensor in goldenCase.workload.tensors {
      let axes = goldenCase.workload.axes(of: tensor, headDimension: dimension)
      try dataset(tensor.dataset, goldenCase.elementType.numberType, axes) { try $0.write(truth.tensors[tensor].input) }
    }
    guard case .inputsAndExpected = content else { return }
    for tensor in goldenCase.workload.tensors {
      let axes = goldenCase.workload.axes(of: tensor, headDimension: dimension)
      try dataset("expected_\(tensor.dataset)", .float64, axes) { try $0.write(truth.tensors[tensor].expected) }
    }
  }

  /// Writes positions, boundaries of packed sequences, and the angles that the contract gives.
  private func writeGivens(of golden: Golden) throws {
    try writeTokens(of: .query, golden, prefix: "")
    if golden.keyTokens != nil { try writeTokens(of: .key, golden, prefix: "key_") }
    switch golden.angles {
    case .none, .positions: break
    case .frequencies(let frequencies, _, _):
      try dataset("inv_freq", .float32, [("pair", frequencies.count)]) { try $0.write(frequencies) }
    case .table(let table, _):
      for (name, values) in [("cos", table.cosines), ("sin", table.sines)] {
        let elements = ElementArray(type: table.type, patterns: values)
        try dataset(name, table.type.numberType, [("row", table.rowCount), ("pair", table.pairCount)]) {
          try $0.write(elements)
        }
      }
    }
  }

  /// Writes what is given for each token of a tensor, under names that begin with `prefix`.
  private func writeTokens(of tensor: TensorName, _ golden: Golden, prefix: String) throws {
    let workload = golden.goldenCase.workload, positions = golden.positions(of: tensor)
    let axes = GoldenFormat.positionAxes(workload, of: tensor, count: golden.plan.axisCount)
    if let integers = positions.integers {
      try dataset("\(prefix)position_ids", .int64, axes) { try $0.write(integers) }
    } else {
      try dataset("\(prefix)position_ids", .float64, axes) { try $0.write(positions.values) }
    }
    if let starts = workload.sequenceStarts(of: tensor) {
      try dataset("\(prefix)cu_seqlens", .int32, [("boundary", starts.count)]) { try $0.write(starts) }
    }
    if case .table(_, let rows) = golden.angles(of: tensor) {
      try dataset("\(prefix)table_rows", .int32, GoldenFormat.tokenAxes(workload, of: tensor)) { try $0.write(rows) }
    }
  }

  /// Writes all tokens of a case whose inputs follow from its seed, one slab at a time.
  private func writeInputs(of golden: Golden) throws {
    let goldenCase = golden.goldenCase, workload = goldenCase.workload, dimension = golden.plan.headDimension
    try writeGivens(of: golden)
    for tensor in workload.tensors {
      let axes = workload.axes(of: tensor, headDimension: dimension), heads = 0..<workload.heads(of: tensor)
      let sequence = workload.sequence(of: tensor)
      try dataset(tensor.dataset, goldenCase.elementType.numberType, axes) { dataset in
        for row in 0..<workload.batch {
          for first in stride(from: 0, to: sequence, by: Self.slab) {
            let tokens = first..<min(first + Self.slab, sequence)
            let size = [tokens.count, heads.count, dimension]
            func elements(_ heads: Range<Int>) -> [UInt8] {
              inputs(of: golden, tensor, row * sequence + first..<row * sequence + tokens.upperBound, heads)
            }
            switch workload.layout {
            case .bshd: try dataset.write(elements(heads), at: [row, first, 0, 0], count: [1] + size)
            case .thd: try dataset.write(elements(heads), at: [first, 0, 0], count: size)
            // The slab of each head is contiguous.
            case .bhsd:
              for head in heads {
                try dataset.write(
                  elements(head..<head + 1), at: [row, head, first, 0], count: [1, 1, tokens.count, dimension])
              }
            }
          }
        }
      }
    }
  }

  /// The inputs of some tokens, counted over all rows of the batch, and heads: `[tokens, heads, D]`.
  private func inputs(of golden: Golden, _ tensor: TensorName, _ tokens: Range<Int>, _ heads: Range<Int>) -> [UInt8] {
    let size = golden.plan.headDimension * golden.goldenCase.elementType.byteCount
    var elements = [UInt8](repeating: 0, count: tokens.count * heads.count * size)
    elements.withUnsafeMutableBytes { elements in
      for index in 0..<tokens.count * heads.count {
        let (token, head) = index.quotientAndRemainder(dividingBy: heads.count)
        golden.truth.input(
          RowIndex(tensor: tensor, token: tokens.lowerBound + token, head: heads.lowerBound + head),
          into: UnsafeMutableRawBufferPointer(rebasing: elements[index * size..<(index + 1) * size]))
      }
    }
    return elements
  }

  private func write(_ samples: ComputedTruth.Samples, of golden: Golden) throws {
    let workload = golden.goldenCase.workload, count = samples.tokens.count
    try dataset("sample_tokens", .int64, [("sample", count)]) { try $0.write(samples.tokens.map(Int64.init)) }
    for tensor in TensorName.rotated {
      let axes = [("sample", count), ("head", workload.heads(of: tensor)), ("channel", golden.plan.headDimension)]
      try dataset("expected_\(tensor.dataset)", .float64, axes) { try $0.write(samples.expected[tensor]) }
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

  fileprivate func write(_ elements: [UInt8], at start: [Int], count: [Int]) throws {
    try elements.withUnsafeBytes { try write($0, at: start, count: count) }
  }
}
