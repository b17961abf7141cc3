import HDF5
import Reference
import RoPE

/// Reads one case from the golden file of a model.
enum GoldenReader {
  /// The golden of a case.
  ///
  /// - Throws: ``GoldenError`` where the file is no golden of this version or contradicts itself, `HDF5Error` where it
  ///   is damaged or a dataset has another type or shape.
  static func read(caseNamed name: String, from path: String) throws -> Golden {
    let file = try File(opening: path)
    let root = try file.root()
    func malformed(_ object: String, _ reason: String) -> GoldenError {
      .malformed(path: path, object: object, reason: reason)
    }
    let format = try root.attributes().string("format")
    guard format == GoldenFormat.name else { throw malformed("/", "format '\(format)' is not \(GoldenFormat.name)") }
    let version = try root.attributes().int("format_version")
    guard version <= GoldenFormat.version else {
      throw GoldenError.newerFormat(path: path, version: version, supported: GoldenFormat.version)
    }
    let group = try root.group("cases/\(name)")
    let model = try root.attributes().string("model")
    let attributes = try CaseAttributes(attributes: group.attributes(), path: path, object: group.path)
    let goldenCase = try attributes.goldenCase(model: model)
    guard goldenCase.name == name else { throw malformed(group.path, "describes the case '\(goldenCase.name)'") }
    try attributes.check(goldenCase)
    let plan: Plan
    do {
      // Before the plan is made, whose size the file claims.
      try goldenCase.validate()
      plan = try Plan(goldenCase.configuration)
    } catch {
      throw malformed(group.path, "\(error)")
    }
    let frequencies = try readPlan(root.group(GoldenFormat.planPath(goldenCase.configuration)), plan, path: path)
    return try CaseReader(group: group, goldenCase: goldenCase, plan: plan, path: path).golden(frequencies)
  }

  /// Checks that the stored plan is the one that the configuration gives.
  ///
  /// - Returns: the inverse frequencies.
  private static func readPlan(_ group: consuming Group, _ plan: Plan, path: String) throws -> [Double] {
    let count = plan.pairs.count
    func flat(_ channels: [Plan.Channels]) -> [Int32] { channels.flatMap { [Int32($0.first), Int32($0.second)] } }
    func require(_ isSame: Bool, _ object: String) throws {
      guard isSame else {
        throw GoldenError.malformed(
          path: path, object: "\(group.path)/\(object)", reason: "is not what the configuration gives")
      }
    }
    try require(group.read("in", shape: [count, 2]) == flat(plan.pairs.map(\.input)), "in")
    try require(group.read("out", shape: [count, 2]) == flat(plan.pairs.map(\.output)), "out")
    try require(group.read("axis", shape: [count]) == plan.pairs.map { Int32($0.axis) }, "axis")
    try require(group.attributes().double("attention_factor") == plan.attentionFactor, "attention_factor")
    try require(group.attributes().int("head_dim") == plan.headDimension, "head_dim")
    // Limits grow with the frequencies, so that a large one would excuse anything.
    let frequencies = ExactTables(plan).inverseFrequencies()
    try require(group.read("inv_freq", shape: [count]) == frequencies, "inv_freq")
    return frequencies
  }
}

/// Reads what belongs to one case, each dataset with the type and shape that the case demands.
private struct CaseReader: ~Copyable {
  let group: Group
  let goldenCase: Case
  let plan: Plan
  let path: String

  func golden(_ frequencies: [Double]) throws -> Golden {
    if goldenCase.workload.isSampled {
      // The positions last: the file only claims how many there are.
      let rows = try sampledRows()
      return Golden(
        goldenCase: goldenCase, plan: plan, inverseFrequencies: frequencies,
        positions: Array(0..<Int64(goldenCase.workload.sequence)), content: .sampled(rows))
    }
    let positions: [Int64] = try group.read(
      "position_ids", shape: GoldenFormat.tokenAxes(goldenCase.workload).map(\.count))
    return Golden(
      goldenCase: goldenCase, plan: plan, inverseFrequencies: frequencies, positions: positions,
      content: .stored(try storedTensors(positions)))
  }

  private func sampledRows() throws -> Golden.SampledRows {
    let workload = goldenCase.workload, dimension = plan.headDimension
    let tokens = SampledStream.sampleTokens(of: workload.sequence)
    let stored: [Int64] = try group.read("sample_tokens", shape: [tokens.count])
    guard stored == tokens.map(Int64.init) else { throw malformed("sample_tokens", "has other tokens") }
    return Golden.SampledRows(
      tokens: tokens,
      expectedQuery: try group.read("expected_q", shape: [tokens.count, workload.queryHeads, dimension]),
      expectedKey: try group.read("expected_k", shape: [tokens.count, workload.keyHeads, dimension]))
  }

  private func storedTensors(_ positions: [Int64]) throws -> Golden.StoredTensors {
    let workload = goldenCase.workload, dimension = plan.headDimension
    try checkSequences()
    let query = workload.axes(heads: workload.queryHeads, headDimension: dimension).map(\.count)
    let key = workload.axes(heads: workload.keyHeads, headDimension: dimension).map(\.count)
    return Golden.StoredTensors(
      angles: try angles(positions), query: try elements("q", goldenCase.elementType, query),
      key: try elements("k", goldenCase.elementType, key),
      expectedQuery: try group.read("expected_q", shape: query),
      expectedKey: try group.read("expected_k", shape: key))
  }

  private func checkSequences() throws {
    guard let lengths = goldenCase.workload.sequenceLengths else { return }
    let starts: [Int32] = try group.read("cu_seqlens", shape: [lengths.count + 1])
    guard starts.first == 0, zip(starts, starts.dropFirst()).map({ Int($1) - Int($0) }) == lengths else {
      throw malformed("cu_seqlens", "\(starts) are not the boundaries of sequences of lengths \(lengths)")
    }
  }

  private func angles(_ positions: [Int64]) throws -> Angles {
    switch goldenCase.contract {
    case .unrotated: return .none
    case .position: return .positions(positions)
    case .frequency: return .frequencies(try group.read("inv_freq", shape: [plan.pairs.count]), positions: positions)
    case .table:
      let type = goldenCase.tableType ?? goldenCase.elementType
      let shape = GoldenFormat.tokenAxes(goldenCase.workload).map(\.count) + [plan.pairs.count]
      let cosines = try elements("cos", type, shape), sines = try elements("sin", type, shape)
      let rows = TableRows(positions: positions)
      return .table(
        CosSinTable(
          type: type, pairCount: plan.pairs.count, cosines: try compact(cosines, rows, "cos"),
          sines: try compact(sines, rows, "sin")), rows: rows.rows)
    }
  }

  /// One row per distinct position, out of one row per token.
  private func compact(_ values: ElementArray, _ rows: TableRows, _ name: String) throws -> [UInt32] {
    let count = plan.pairs.count
    var table = [UInt32?](repeating: nil, count: rows.distinct.count * count)
    for (token, row) in rows.rows.enumerated() {
      for pair in 0..<count {
        let value = values[token * count + pair], index = Int(row) * count + pair
        guard table[index] ?? value == value else {
          throw malformed(name, "tokens of position \(rows.distinct[Int(row)]) have different rows")
        }
        table[index] = value
      }
    }
    return table.compactMap { $0 }
  }

  private func elements(_ name: String, _ type: ElementType, _ shape: [Int]) throws -> ElementArray {
    if type == .float32 {
      let values: [Float] = try group.read(name, type: type.numberType, shape: shape)
      return ElementArray(type: type, bytes: values.withUnsafeBytes { Array($0) })
    }
    let values: [UInt16] = try group.read(name, type: type.numberType, shape: shape)
    return ElementArray(type: type, bytes: values.withUnsafeBytes { Array($0) })
  }

  private func malformed(_ dataset: String, _ reason: String) -> GoldenError {
    .malformed(path: path, object: "\(group.path)/\(dataset)", reason: reason)
  }
}
