import RoPE
import Testing

/// Two rows of three tokens, two query heads and one key head of eight channels.
private func call(_ angles: Angles = .positions([0, 1, 2, 3, 4, 5])) throws -> RotationCall {
  let plan = try Plan(Configuration(headDimension: 8, rotaryDimension: 4, pairing: .half, base: 1e4))
  func tensor(heads: Int, buffers: (Int, Int)) -> RotatedTensor {
    let strides = Strides(.bshd, sequence: 3, heads: heads, headDimension: 8)
    return RotatedTensor(
      heads: heads, input: TensorView(buffer: buffers.0, strides: strides),
      output: TensorView(buffer: buffers.1, strides: strides))
  }
  return RotationCall(
    plan: plan, elementType: .float32, batch: 2, sequence: 3, angles: angles, query: tensor(heads: 2, buffers: (0, 1)),
    key: tensor(heads: 1, buffers: (2, 3)))
}

private let sizes = [2 * 3 * 2 * 8 * 4, 2 * 3 * 2 * 8 * 4, 2 * 3 * 8 * 4, 2 * 3 * 8 * 4]

@Suite struct CallValidationTests {
  @Test func acceptsWhatFits() throws {
    try call().validate(bufferByteCounts: sizes)
    let table = CosSinTable(type: .float32, pairCount: 2, cosines: [0, 0, 0, 0], sines: [0, 0, 0, 0])
    try call(.table(table, rows: [0, 1, 1, 0, 0, 1])).validate(bufferByteCounts: sizes)
    try call(.frequencies([1, 0.5], attentionFactor: 1, positions: [-2_147_483_647, 0, 0, 0, 0, 2_147_483_647]))
      .validate(bufferByteCounts: sizes)
  }

  @Test func namesTheAngleThatIsWrong() throws {
    let table = CosSinTable(type: .float32, pairCount: 2, cosines: [0, 0], sines: [0, 0])
    let wide = CosSinTable(type: .float32, pairCount: 3, cosines: [0, 0, 0], sines: [0, 0, 0])
    let wrong: [(Angles, CallError)] = [
      (.none, .pairsWithoutAngles(pairs: 2)),
      (.positions([]), .angleCount(what: "positions", found: 0, expected: 6)),
      (.positions([0, 0, 0, 2_147_483_648, 0, 0]), .position(2_147_483_648, token: 3)),
      (.positions([.min, 0, 0, 0, 0, 0]), .position(.min, token: 0)),
      (.table(table, rows: [0, 0, 0, 0, 0, 1]), .row(1, token: 5, rowCount: 1)),
      (.table(table, rows: [-1, 0, 0, 0, 0, 0]), .row(-1, token: 0, rowCount: 1)),
      (.table(table, rows: [0]), .angleCount(what: "table rows", found: 1, expected: 6)),
      (.table(wide, rows: [0]), .angleCount(what: "values per table row", found: 3, expected: 2)),
      (
        .frequencies([1], attentionFactor: 1, positions: []),
        .angleCount(what: "inverse frequencies", found: 1, expected: 2)
      ),
      (.frequencies([1, .infinity], attentionFactor: 1, positions: []), .inverseFrequency(.infinity, pair: 1)),
    ]
    for (angles, error) in wrong {
      #expect(throws: error) { try call(angles).validate(bufferByteCounts: sizes) }
    }
  }

  @Test func namesTheTensorThatDoesNotFit() throws {
    try expect(.empty(axis: "batch", count: 0)) { $0.batch = 0 }
    try expect(.empty(axis: "key heads", count: 0)) { $0.key.heads = 0 }
    try expect(.tooManyTokens(batch: .max, sequence: 3)) { $0.batch = .max }
    try expect(.buffer(tensor: "key output", index: 4, count: 4)) { $0.key.output.buffer = 4 }
    try expect(.stride(tensor: "query input", axis: "head stride", value: -8)) { $0.query.input.strides.head = -8 }
    try expect(.outOfBounds(tensor: "query input", lastElement: 143, elementCount: 96)) { $0.query.heads = 8 }
    try expect(.outOfBounds(tensor: "query input", lastElement: 96, elementCount: 96)) { $0.query.input.offset = 1 }
    try expect(.outOfBounds(tensor: "key input", lastElement: nil, elementCount: 48)) {
      $0.key.input.strides.batch = .max
      $0.key.input.strides.sequence = .max
    }
    try expect(.selfOverlap(tensor: "query output", strides: Strides(batch: 48, sequence: 16, head: 7))) {
      $0.query.output.strides.head = 7
    }
  }

  @Test func refusesOverlapsAndAcceptsFusedSlices() throws {
    try expect(.overlap("query input", "query output")) {
      $0.query.output.buffer = 0
      $0.query.input.strides.batch = 40
    }
    try expect(.overlap("query output", "key output")) {
      $0.key.input.buffer = 0
      $0.key.output.buffer = 1
    }
    var fused = try call()
    let strides = Strides(batch: 3 * 32, sequence: 32, head: 8)
    let query = TensorView(buffer: 0, strides: strides), key = TensorView(buffer: 0, offset: 16, strides: strides)
    fused.query = RotatedTensor(heads: 2, input: query, output: query)
    fused.key = RotatedTensor(heads: 1, input: key, output: key)
    try fused.validate(bufferByteCounts: [2 * 3 * 32 * 4])
    fused.key.input.offset = 15
    fused.key.output.offset = 15
    #expect(throws: CallError.overlap("query input", "key output")) {
      try fused.validate(bufferByteCounts: [2 * 3 * 32 * 4])
    }
  }

  private func expect(_ error: CallError, _ change: (inout RotationCall) -> Void) throws {
    var changed = try call()
    change(&changed)
    #expect(throws: error) { try changed.validate(bufferByteCounts: sizes) }
  }
}
