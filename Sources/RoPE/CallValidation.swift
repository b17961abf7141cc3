extension RotationCall {
  /// The largest magnitude of a position, `2^31 − 1`.
  public static let largestPosition: Int64 = 2_147_483_647

  /// Checks everything that a backend relies on, so that none has to check it again.
  ///
  /// - Parameter bufferByteCounts: the size in bytes of each buffer that the views name.
  /// - Throws: ``CallError`` naming the first thing that is wrong.
  /// - Complexity: O(tokens).
  public func validate(bufferByteCounts: [Int]) throws(CallError) {
    for (axis, count) in [
      ("batch", batch), ("sequence", sequence), ("query heads", query.heads), ("key heads", key.heads),
    ] {
      guard count >= 1 else { throw .empty(axis: axis, count: count) }
    }
    guard !batch.multipliedReportingOverflow(by: sequence).overflow else {
      throw .tooManyTokens(batch: batch, sequence: sequence)
    }
    try validateAngles()
    let views = [
      Footprint("query input", query.input, query.heads, self),
      Footprint("query output", query.output, query.heads, self),
      Footprint("key input", key.input, key.heads, self),
      Footprint("key output", key.output, key.heads, self),
    ]
    for view in views { try view.validate(bufferByteCounts: bufferByteCounts, elementSize: elementType.byteCount) }
    for output in [views[1], views[3]] { try output.validateNesting() }
    if query.input != query.output { try views[0].validateDisjoint(from: views[1]) }
    if key.input != key.output { try views[2].validateDisjoint(from: views[3]) }
    try views[0].validateDisjoint(from: views[3])
    try views[1].validateDisjoint(from: views[2])
    try views[1].validateDisjoint(from: views[3])
  }

  private func validateAngles() throws(CallError) {
    switch angles {
    case .none:
      guard plan.pairs.isEmpty else { throw .pairsWithoutAngles(pairs: plan.pairs.count) }
      return
    case .table(let table, let rows):
      try expect(table.pairCount, plan.pairs.count, "values per table row")
      try expect(rows.count, tokenCount, "table rows")
      for (token, row) in rows.enumerated() {
        guard row >= 0, row < table.rowCount else { throw .row(Int(row), token: token, rowCount: table.rowCount) }
      }
    case .frequencies(let frequencies, let attentionFactor, let positions):
      try expect(frequencies.count, plan.pairs.count, "inverse frequencies")
      for (pair, frequency) in frequencies.enumerated() {
        guard frequency.isFinite else { throw .inverseFrequency(frequency, pair: pair) }
      }
      guard attentionFactor.isFinite, attentionFactor > 0 else { throw .attentionFactor(attentionFactor) }
      try validate(positions)
    case .positions(let positions):
      try validate(positions)
    }
    guard !plan.pairs.isEmpty else { throw .anglesWithoutPairs }
  }

  private func validate(_ positions: [Int64]) throws(CallError) {
    let (count, overflow) = tokenCount.multipliedReportingOverflow(by: plan.axisCount)
    guard !overflow else { throw .tooManyTokens(batch: batch, sequence: sequence) }
    try expect(positions.count, count, "positions")
    for (index, position) in positions.enumerated() {
      // `magnitude` because the negation of Int64.min does not exist.
      guard position.magnitude <= UInt64(Self.largestPosition) else {
        throw .position(position, token: index % tokenCount)
      }
    }
  }

  private func expect(_ found: Int, _ expected: Int, _ what: String) throws(CallError) {
    guard found == expected else { throw .angleCount(what: what, found: found, expected: expected) }
  }
}

/// The elements that one view touches.
private struct Footprint {
  let name: String
  let view: TensorView
  /// Batch, sequence, head, channel.
  let extents: [Int]

  init(_ name: String, _ view: TensorView, _ heads: Int, _ call: RotationCall) {
    self.name = name
    self.view = view
    extents = [call.batch, call.sequence, heads, call.plan.headDimension]
  }

  private var strides: [Int] {
    [view.strides.batch, view.strides.sequence, view.strides.head, view.strides.channel]
  }

  /// Elements between the first and the last of the axes from `axis` on, or nil beyond 2^63.
  private func reach(from axis: Int) -> Int? {
    var sum = 0
    for index in axis..<extents.count {
      let (product, tooLarge) = (extents[index] - 1).multipliedReportingOverflow(by: strides[index])
      let (next, overflow) = sum.addingReportingOverflow(product)
      if tooLarge || overflow { return nil }
      sum = next
    }
    return sum
  }

  func validate(bufferByteCounts: [Int], elementSize: Int) throws(CallError) {
    guard bufferByteCounts.indices.contains(view.buffer) else {
      throw .buffer(tensor: name, index: view.buffer, count: bufferByteCounts.count)
    }
    guard view.offset >= 0 else { throw .stride(tensor: name, axis: "offset", value: view.offset) }
    for (axis, stride) in zip(["batch", "sequence", "head", "channel"], strides) {
      guard stride >= 0 else { throw .stride(tensor: name, axis: "\(axis) stride", value: stride) }
    }
    let count = bufferByteCounts[view.buffer] / elementSize
    guard let reach = reach(from: 0), case let (last, overflow) = view.offset.addingReportingOverflow(reach), !overflow
    else { throw .outOfBounds(tensor: name, lastElement: nil, elementCount: count) }
    guard last < count else { throw .outOfBounds(tensor: name, lastElement: last, elementCount: count) }
  }

  /// No element is written twice: in order of stride, each axis steps over all that the smaller ones reach.
  func validateNesting() throws(CallError) {
    let axes = zip(extents, strides).filter { $0.0 > 1 }.sorted { $0.1 < $1.1 }
    var reach = 0
    for (extent, stride) in axes {
      guard stride > reach else { throw .selfOverlap(tensor: name, strides: view.strides) }
      reach += (extent - 1) * stride
    }
  }

  /// No element is in both views: their ranges are apart, or they are apart within every row of the batch, or
  /// within every token, as slices of one fused QKV buffer are.
  func validateDisjoint(from other: Footprint) throws(CallError) {
    guard view.buffer == other.view.buffer else { return }
    for axis in 0...2 where strides[..<axis] == other.strides[..<axis] {
      guard let reach = reach(from: axis), let otherReach = other.reach(from: axis) else { break }
      let (lower, upper) = view.offset < other.view.offset ? (self, other) : (other, self)
      let (lowerReach, upperReach) = view.offset < other.view.offset ? (reach, otherReach) : (otherReach, reach)
      guard upper.view.offset > lower.view.offset + lowerReach else { continue }
      let hull = upper.view.offset - lower.view.offset + upperReach
      let outer = (0..<axis).filter { extents[$0] > 1 }.sorted { strides[$0] < strides[$1] }
      var covered = hull
      let nests = outer.allSatisfy { index in
        defer { covered += (extents[index] - 1) * strides[index] }
        return strides[index] > covered
      }
      if nests { return }
    }
    throw .overlap(name, other.name)
  }
}
