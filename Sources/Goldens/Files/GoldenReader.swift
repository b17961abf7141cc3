import HDF5
import Reference
import RoPE

/// Reads one case from the golden file of a model.
enum GoldenReader {
  /// The version whose formulas computed the frequencies of a file.
  enum Formulas {
    /// This version: frequencies that differ are an error.
    case ofThisVersion
    /// Any version, so that two can be compared.
    case ofAnotherVersion
  }

  /// A case as the file describes it, without its datasets.
  ///
  /// - Throws: as ``read(caseNamed:in:formulas:)``.
  static func goldenCase(named name: String, in file: borrowing File) throws -> Case {
    let root = try file.root(), group = try root.group("cases/\(name)")
    return try CaseAttributes(attributes: try group.attributes(), object: group.path, path: file.path)
      .goldenCase(model: root.attributes().string("model"))
  }

  /// The golden of a case.
  ///
  /// - Throws: ``GoldenError`` if the file is not a golden of this version or contradicts itself, `HDF5Error` if it is
  ///   damaged or a dataset has another type or shape.
  static func read(
    caseNamed name: String, in file: borrowing File, formulas: Formulas = .ofThisVersion
  ) throws -> Golden {
    let root = try file.root(), path = file.path
    func malformed(_ object: String, _ reason: String) -> GoldenError {
      .malformed(path: path, object: object, reason: reason)
    }
    let format = try root.attributes().string("format")
    guard format == GoldenFormat.name else { throw malformed("/", "format '\(format)' is not \(GoldenFormat.name)") }
    try GoldenFormat.check(version: root.attributes().int("format_version"), of: path)
    let group = try root.group("cases/\(name)")
    let attributes = CaseAttributes(attributes: try group.attributes(), object: group.path, path: path)
    let goldenCase = try attributes.goldenCase(model: root.attributes().string("model"))
    guard goldenCase.name == name else { throw malformed("/cases/\(name)", "describes the case '\(goldenCase.name)'") }
    do {
      try goldenCase.validate()
      _ = try goldenCase.convention.plan()
    } catch {
      throw malformed("/cases/\(name)", "\(error)")
    }
    let positions = try CaseReader.positions(of: goldenCase, in: group, path: path)
    // The convention was validated above, so this does not throw.
    let plan = try goldenCase.convention.plan(length: positions.length)
    let planGroup = try root.group(group.attributes().string("plan"))
    let attentionFactor = try planGroup.attributes().double("attention_factor")
    try attributes.checkRedundant(goldenCase, attentionFactor: attentionFactor)
    let frequencies = try readPlan(planGroup, plan, formulas, path: path)
    let reader = CaseReader(
      group: group, goldenCase: goldenCase, plan: plan, attentionFactor: attentionFactor, formulas: formulas,
      path: path)
    let angles = try reader.angles(positions)
    return Golden(
      goldenCase: goldenCase, plan: plan, inverseFrequencies: frequencies, attentionFactor: attentionFactor,
      positions: positions, angles: angles, content: try reader.content(positions, angles))
  }

  /// The golden of a case in the file at a path.
  ///
  /// - Throws: as ``read(caseNamed:in:formulas:)``.
  static func read(
    caseNamed name: String, from path: String, formulas: Formulas = .ofThisVersion
  ) throws -> Golden {
    try read(caseNamed: name, in: File(opening: path), formulas: formulas)
  }

  /// Checks that the stored plan is the one that the configuration gives.
  ///
  /// - Returns: the inverse frequencies.
  private static func readPlan(
    _ group: consuming Group, _ plan: Plan, _ formulas: Formulas, path: String
  ) throws -> [Double] {
    let count = plan.pairs.count
    func flat(_ channels: [Plan.Channels]) -> [Int32] { channels.flatMap { [Int32($0.first), Int32($0.second)] } }
    let input: [Int32] = try group.read("in", shape: [count, 2])
    let output: [Int32] = try group.read("out", shape: [count, 2])
    let axis: [Int32] = try group.read("axis", shape: [count])
    guard input == flat(plan.pairs.map(\.input)), output == flat(plan.pairs.map(\.output)),
      axis == plan.pairs.map({ Int32($0.axis) })
    else {
      throw GoldenError.malformed(
        path: path, object: group.path, reason: "it differs from the plan that follows from the configuration")
    }
    guard try group.attributes().int("head_dim") == plan.headDimension else {
      throw GoldenError.malformed(path: path, object: group.path, reason: "head_dim differs from the configuration's")
    }
    // Limits grow with the angle, so a frequency that is too large would excuse any error.
    let tables = ExactTables(plan), frequencies: [Double] = try group.read("inv_freq", shape: [count])
    guard
      try formulas == .ofAnotherVersion
        || frequencies == tables.inverseFrequencies()
          && group.attributes().double("attention_factor") == tables.attentionFactor()
    else {
      throw GoldenError.malformed(
        path: path, object: group.path, reason: "inv_freq or attention_factor differs from the configuration's")
    }
    return frequencies
  }
}

/// Reads the datasets of one case, each with the type and shape that the case demands.
private struct CaseReader: ~Copyable {
  let group: Group
  let goldenCase: Case
  let plan: Plan
  let attentionFactor: Double
  let formulas: GoldenReader.Formulas
  let path: String

  static func positions(of goldenCase: Case, in group: borrowing Group, path: String) throws -> Positions {
    let workload = goldenCase.workload
    if workload.isSampled { return Positions((0..<workload.sequence).map(Double.init)) }
    let axisCount = goldenCase.convention.axisCount
    let shape = GoldenFormat.positionAxes(workload, count: axisCount)
    let positions: [Int64] = try group.read("position_ids", shape: shape.map(\.count))
    // Backends take no larger positions, and the length of a call is one more than the largest.
    if let position = positions.first(where: { $0.magnitude > RotationCall.largestPosition }) {
      throw GoldenError.malformed(
        path: path, object: "\(group.path)/position_ids",
        reason: "position \(position) is beyond ±\(RotationCall.largestPosition)")
    }
    return Positions(positions, axisCount: axisCount)
  }

  func content(_ positions: Positions, _ angles: Angles) throws -> Golden.Content {
    let workload = goldenCase.workload, dimension = plan.headDimension
    if workload.isSampled {
      let tokens = ComputedTruth.sampleTokens(of: workload.sequence)
      let stored: [Int64] = try group.read("sample_tokens", shape: [tokens.count])
      guard stored == tokens.map(Int64.init) else {
        throw malformed("sample_tokens", "it lists other tokens than the case")
      }
      let samples = ComputedTruth.Samples(
        tokens: tokens,
        expected: try PerTensor { tensor in
          try group.read(
            "expected_\(tensor.dataset)", shape: [tokens.count, workload.heads(of: tensor), dimension])
        })
      return .computed(
        ComputedTruth(goldenCase, plan: plan, angles: angles, samples: samples))
    }
    try checkSequences()
    return .stored(
      StoredTruth(try PerTensor { try tensor($0) }, workload: workload, headDimension: dimension))
  }

  private func tensor(_ tensor: TensorName) throws -> StoredTruth.Tensor {
    let shape = goldenCase.workload.axes(of: tensor, headDimension: plan.headDimension).map(\.count)
    return StoredTruth.Tensor(
      input: try elements(tensor.dataset, goldenCase.elementType, shape),
      expected: try group.read("expected_\(tensor.dataset)", shape: shape))
  }

  private func checkSequences() throws {
    guard let lengths = goldenCase.workload.sequenceLengths else { return }
    let starts: [Int32] = try group.read("cu_seqlens", shape: [lengths.count + 1])
    guard starts.first == 0, zip(starts, starts.dropFirst()).map({ Int($1) - Int($0) }) == lengths else {
      throw malformed("cu_seqlens", "\(starts) do not mark the boundaries of sequences of lengths \(lengths)")
    }
  }

  func angles(_ positions: Positions) throws -> Angles {
    switch goldenCase.contract {
    case .unrotated: return .none
    case .position: return .positions(positions)
    case .frequency:
      let frequencies: [Float] = try group.read("inv_freq", shape: [plan.pairs.count])
      guard formulas == .ofAnotherVersion || frequencies == ExactTables(plan).inverseFrequencies32() else {
        throw malformed("inv_freq", "it differs from the configuration's, rounded to float32")
      }
      return .frequencies(frequencies, attentionFactor: attentionFactor, positions)
    case .table:
      let type = goldenCase.tableTypeOrElements, pairCount = plan.pairs.count
      let rows: [Int32] = try group.read(
        "table_rows", shape: GoldenFormat.tokenAxes(goldenCase.workload).map(\.count))
      let rowCount = try group.dataset("cos").shape.first ?? 0
      let cosines = try elements("cos", type, [rowCount, pairCount])
      let sines = try elements("sin", type, [rowCount, pairCount])
      guard let row = rows.first(where: { !(0..<rowCount).contains(Int($0)) }) else {
        return .table(
          CosSinTable(type: type, pairCount: pairCount, cosines: cosines.patterns, sines: sines.patterns), rows: rows)
      }
      throw malformed("table_rows", "it has row \(row), but cos has \(rowCount) rows")
    }
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
