extension RotationCall {
  /// The largest magnitude of a position, `2^31 − 1`.
  package static let largestPosition: Int64 = 2_147_483_647

  /// Checks everything that a backend relies on, so that no backend has to check it again.
  ///
  /// - Parameter bufferByteCounts: the size in bytes of each buffer that the views name.
  /// - Throws: ``CallError`` naming the first thing that is wrong.
  /// - Complexity: O(tokens).
  package func validate(bufferByteCounts: [Int]) throws(CallError) {
    try validateValues()
    var views: [(input: Footprint, output: Footprint)] = []
    for name in TensorName.rotated {
      guard let tensor = tensors[name] else { continue }
      views.append(
        (
          Footprint("\(name.rawValue) input", tensor.input, tensor, self),
          Footprint("\(name.rawValue) output", tensor.output, tensor, self)
        ))
    }
    for view in views.flatMap({ [$0.input, $0.output] }) {
      try view.validate(bufferByteCounts: bufferByteCounts, elementSize: elementType.byteCount)
    }
    for view in views { try view.output.validateNesting() }
    for view in views where view.input.view != view.output.view { try view.input.validateDisjoint(from: view.output) }
    guard views.count == 2 else { return }
    try views[0].input.validateDisjoint(from: views[1].output)
    try views[0].output.validateDisjoint(from: views[1].input)
    try views[0].output.validateDisjoint(from: views[1].output)
  }

  /// Checks all that does not depend on memory: pairs, extents and angles.
  ///
  /// - Throws: ``CallError`` naming the first thing that is wrong.
  /// - Complexity: O(tokens).
  package func validateValues() throws(CallError) {
    guard let first = present.first, let last = present.last else { throw .noTensor }
    guard first.angles.contract == last.angles.contract else {
      throw .contracts(first.angles.contract, last.angles.contract)
    }
    for (index, pair) in plan.pairs.enumerated() {
      for channel in [pair.input.first, pair.input.second, pair.output.first, pair.output.second] {
        guard (0..<plan.headDimension).contains(channel) else {
          throw .channel(channel, pair: index, headDimension: plan.headDimension)
        }
      }
    }
    guard batch >= 1 else { throw .tooFew(axis: "batch", count: batch, least: 1) }
    for name in TensorName.rotated {
      guard let tensor = tensors[name] else { continue }
      guard tensor.sequence >= 0 else { throw .tooFew(axis: "sequence", count: tensor.sequence, least: 0) }
      guard tensor.heads >= 0 else {
        throw .tooFew(axis: "\(name.rawValue) heads", count: tensor.heads, least: 0)
      }
      guard !batch.multipliedReportingOverflow(by: tensor.sequence).overflow else {
        throw .tooManyTokens(batch: batch, sequence: tensor.sequence)
      }
      try validate(tensor.angles, tokenCount: batch * tensor.sequence)
    }
  }

  private func validate(_ angles: Angles, tokenCount: Int) throws(CallError) {
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
      try validate(positions, tokenCount: tokenCount)
    case .positions(let positions):
      try validate(positions, tokenCount: tokenCount)
    }
    guard !plan.pairs.isEmpty else { throw .anglesWithoutPairs }
  }

  private func validate(_ positions: Positions, tokenCount: Int) throws(CallError) {
    let (count, overflow) = tokenCount.multipliedReportingOverflow(by: plan.axisCount)
    guard !overflow else { throw .tooManyTokens(batch: batch, sequence: tokenCount / max(batch, 1)) }
    try expect(positions.values.count, count, "positions")
    try expect(positions.axisCount, plan.axisCount, "axes of positions")
    for (index, position) in positions.values.enumerated() {
      // NaN fails this comparison too.
      guard position.magnitude <= Double(Self.largestPosition) else {
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

  init(_ name: String, _ view: TensorView, _ tensor: RotatedTensor, _ call: RotationCall) {
    self.name = name
    self.view = view
    extents = [call.batch, tensor.sequence, tensor.heads, call.plan.headDimension]
  }

  /// True if the view has no elements.
  private var isEmpty: Bool { extents.contains(0) }

  private var strides: [Int] {
    [view.strides.batch, view.strides.sequence, view.strides.head, view.strides.channel]
  }

  /// The distance in elements from the first to the last element of the axes from `axis` on; nil beyond 2^63.
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
    guard !isEmpty else { return }
    let count = bufferByteCounts[view.buffer] / elementSize
    guard let reach = reach(from: 0), case let (last, overflow) = view.offset.addingReportingOverflow(reach), !overflow
    else { throw .outOfBounds(tensor: name, lastElement: nil, elementCount: count) }
    guard last < count else { throw .outOfBounds(tensor: name, lastElement: last, elementCount: count) }
  }

  /// Checks that no element is written twice: in order of stride, each axis steps past the reach of the ones before.
  func validateNesting() throws(CallError) {
    guard !isEmpty else { return }
    let axes = zip(extents, strides).filter { $0.0 > 1 }.sorted { $0.1 < $1.1 }
    var reach = 0
    for (extent, stride) in axes {
      guard stride > reach else { throw .selfOverlap(tensor: name, strides: view.strides) }
      reach += (extent - 1) * stride
    }
  }

  /// Checks that the views share no element: their ranges are disjoint in the buffer, within every row of the batch, or
  /// within every token, as the slices of one fused QKV buffer are.
  func validateDisjoint(from other: Footprint) throws(CallError) {
    guard view.buffer == other.view.buffer, !isEmpty, !other.isEmpty else { return }
    for axis in 0...2 where strides[..<axis] == other.strides[..<axis] {
      guard let reach = reach(from: axis), let otherReach = other.reach(from: axis) else { break }
      let (lower, upper) = view.offset < other.view.offset ? (self, other) : (other, self)
      let (lowerReach, upperReach) = view.offset < other.view.offset ? (reach, otherReach) : (otherReach, reach)
      guard upper.view.offset > lower.view.offset + lowerReach else { continue }
      let hull = upper.view.offset - lower.view.offset + upperReach
      // Q and K may differ in length: the longer one must step over the range that both cover.
      let longer = zip(extents, other.extents).map(max)
      let outer = (0..<axis).filter { longer[$0] > 1 }.sorted { strides[$0] < strides[$1] }
      var covered = hull
      let nests = outer.allSatisfy { index in
        defer { covered += (longer[index] - 1) * strides[index] }
        return strides[index] > covered
      }
      if nests { return }
    }
    throw .overlap(name, other.name)
  }
}

/// An error for a call that no backend can carry out: the fault, the place and the requirement.
package enum CallError: Error, Equatable, CustomStringConvertible {
  case tooFew(axis: String, count: Int, least: Int)
  case channel(Int, pair: Int, headDimension: Int)
  case tooManyTokens(batch: Int, sequence: Int)
  case angleCount(what: String, found: Int, expected: Int)
  case anglesWithoutPairs
  case pairsWithoutAngles(pairs: Int)
  case row(Int, token: Int, rowCount: Int)
  case noTensor
  case contracts(Contract, Contract)
  case position(Double, token: Int)
  case inverseFrequency(Float, pair: Int)
  case attentionFactor(Double)
  case buffer(tensor: String, index: Int, count: Int)
  case stride(tensor: String, axis: String, value: Int)
  case selfOverlap(tensor: String, strides: Strides)
  case outOfBounds(tensor: String, lastElement: Int?, elementCount: Int)
  case overlap(String, String)

  package var description: String {
    switch self {
    case .tooFew(let axis, let count, let least):
      "\(axis) is \(count): a call needs at least \(least)"
    case .channel(let channel, let pair, let headDimension):
      "pair \(pair) has channel \(channel): a head has channels 0 to \(headDimension - 1)"
    case .tooManyTokens(let batch, let sequence):
      "batch \(batch) times sequence \(sequence) is beyond 2^63 tokens"
    case .angleCount(let what, let found, let expected):
      "\(found) \(what) are given, but the call needs \(expected)"
    case .anglesWithoutPairs:
      "angles are given for a plan without pairs: without RoPE, give none"
    case .pairsWithoutAngles(let pairs):
      "no angles are given for a plan of \(pairs) pairs: give a table, frequencies or positions"
    case .row(let row, let token, let rowCount):
      "token \(token) has table row \(row): the table has rows 0 to \(rowCount - 1)"
    case .noTensor:
      "the call has neither Q nor K: it needs at least one"
    case .contracts(let query, let key):
      "Q has angles of the contract \(query.rawValue), but K of \(key.rawValue): both need the same"
    case .position(let position, let token):
      "token \(token) has position \(position.shortest): positions lie between -2147483647 and 2147483647"
    case .inverseFrequency(let value, let pair):
      "inverse frequency \(value) of pair \(pair): must be finite"
    case .attentionFactor(let value):
      "attention factor \(value): must be finite and greater than 0"
    case .buffer(let tensor, let index, let count):
      "\(tensor) lies in buffer \(index), but the call has \(count) buffers"
    case .stride(let tensor, let axis, let value):
      "\(tensor) has \(axis) \(value): must not be negative"
    case .selfOverlap(let tensor, let strides):
      "\(tensor) writes elements twice: its strides (\(strides.batch), \(strides.sequence), \(strides.head), "
        + "\(strides.channel)) do not nest"
    case .outOfBounds(let tensor, let lastElement, let elementCount):
      "\(tensor) ends at element \(lastElement.map(String.init) ?? "beyond 2^63"), but its buffer has \(elementCount)"
    case .overlap(let first, let second):
      "\(first) and \(second) overlap: they must be the same view or share no element"
    }
  }
}
