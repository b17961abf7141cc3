import RoPE
import Testing

/// Two rows of three tokens, two query heads and one key head of eight channels.
private func call(_ angles: Angles = .positions([0, 1, 2, 3, 4, 5])) throws -> RotationCall {
  let plan = try Plan(Configuration(headDimension: 8, rotaryDimension: 4, pairing: .half, base: 1e4))
  func tensor(heads: Int, buffers: (Int, Int)) -> RotatedTensor {
    let strides = Strides(.bshd, sequence: 3, heads: heads, headDimension: 8)
    return RotatedTensor(
      sequence: 3, heads: heads, angles: angles, input: TensorView(buffer: buffers.0, strides: strides),
      output: TensorView(buffer: buffers.1, strides: strides))
  }
  return RotationCall(
    plan: plan, elementType: .float32, batch: 2,
    tensors: PerTensor(query: tensor(heads: 2, buffers: (0, 1)), key: tensor(heads: 1, buffers: (2, 3))))
}

private let sizes = [2 * 3 * 2 * 8 * 4, 2 * 3 * 2 * 8 * 4, 2 * 3 * 8 * 4, 2 * 3 * 8 * 4]

@Suite struct CallValidationTests {
  @Test func acceptsWhatFits() throws {
    try call().validate(bufferByteCounts: sizes)
    let table = CosSinTable(type: .float32, pairCount: 2, cosines: [0, 0, 0, 0], sines: [0, 0, 0, 0])
    try call(.table(table, rows: [0, 1, 1, 0, 0, 1])).validate(bufferByteCounts: sizes)
    try call(.frequencies([1, 0.5], attentionFactor: 1, [-2_147_483_647, 0, 0, 0, 0, 2_147_483_647]))
      .validate(bufferByteCounts: sizes)
  }

  @Test func namesTheAngleThatIsWrong() throws {
    let table = CosSinTable(type: .float32, pairCount: 2, cosines: [0, 0], sines: [0, 0])
    let wide = CosSinTable(type: .float32, pairCount: 3, cosines: [0, 0, 0], sines: [0, 0, 0])
    let wrong: [(Angles, CallError)] = [
      (.none, .pairsWithoutAngles(pairs: 2)),
      (.positions([]), .angleCount(what: "positions", found: 0, expected: 6)),
      (.positions([0, 0, 0, 2_147_483_648, 0, 0]), .position(2_147_483_648, token: 3)),
      (.positions([-2_147_483_647.5, 0, 0, 0, 0, 0]), .position(-2_147_483_647.5, token: 0)),
      (.positions([0, .infinity, 0, 0, 0, 0]), .position(.infinity, token: 1)),
      (
        .positions(Positions([0, 0, 0, 0, 0, 0], axisCount: 2)),
        .angleCount(what: "axes of positions", found: 2, expected: 1)
      ),
      (.table(table, rows: [0, 0, 0, 0, 0, 1]), .row(1, token: 5, rowCount: 1)),
      (.table(table, rows: [-1, 0, 0, 0, 0, 0]), .row(-1, token: 0, rowCount: 1)),
      (.table(table, rows: [0]), .angleCount(what: "table rows", found: 1, expected: 6)),
      (.table(wide, rows: [0]), .angleCount(what: "values per table row", found: 3, expected: 2)),
      (
        .frequencies([1], attentionFactor: 1, []),
        .angleCount(what: "inverse frequencies", found: 1, expected: 2)
      ),
      (.frequencies([1, .infinity], attentionFactor: 1, []), .inverseFrequency(.infinity, pair: 1)),
    ]
    for (angles, error) in wrong {
      #expect(throws: error) { try call(angles).validate(bufferByteCounts: sizes) }
    }
  }

  @Test func namesTheTensorThatDoesNotFit() throws {
    try expect(.tooFew(axis: "batch", count: 0, least: 1)) { $0.batch = 0 }
    try expect(.tooFew(axis: "key heads", count: -1, least: 0)) { $0.tensors.key?.heads = -1 }
    try expect(.tooManyTokens(batch: .max, sequence: 3)) { $0.batch = .max }
    try expect(.buffer(tensor: "key output", index: 4, count: 4)) { $0.tensors.key?.output.buffer = 4 }
    try expect(.stride(tensor: "query input", axis: "head stride", value: -8)) {
      $0.tensors.query?.input.strides.head = -8
    }
    try expect(.outOfBounds(tensor: "query input", lastElement: 143, elementCount: 96)) { $0.tensors.query?.heads = 8 }
    try expect(.outOfBounds(tensor: "query input", lastElement: 96, elementCount: 96)) {
      $0.tensors.query?.input.offset = 1
    }
    try expect(.outOfBounds(tensor: "key input", lastElement: nil, elementCount: 48)) {
      $0.tensors.key?.input.strides.batch = .max
      $0.tensors.key?.input.strides.sequence = .max
    }
    try expect(.selfOverlap(tensor: "query output", strides: Strides(batch: 48, sequence: 16, head: 7))) {
      $0.tensors.query?.output.strides.head = 7
    }
  }

  @Test func refusesOverlapsAndAcceptsFusedSlices() throws {
    try expect(.overlap("query input", "query output")) {
      $0.tensors.query?.output.buffer = 0
      $0.tensors.query?.input.strides.batch = 40
    }
    try expect(.overlap("query output", "key output")) {
      $0.tensors.key?.input.buffer = 0
      $0.tensors.key?.output.buffer = 1
    }
    var fused = try call()
    let strides = Strides(batch: 3 * 32, sequence: 32, head: 8)
    let query = TensorView(buffer: 0, strides: strides), key = TensorView(buffer: 0, offset: 16, strides: strides)
    let angles = Angles.positions([0, 1, 2, 3, 4, 5])
    fused.tensors.query = RotatedTensor(sequence: 3, heads: 2, angles: angles, input: query, output: query)
    fused.tensors.key = RotatedTensor(sequence: 3, heads: 1, angles: angles, input: key, output: key)
    try fused.validate(bufferByteCounts: [2 * 3 * 32 * 4])
    fused.tensors.key?.input.offset = 15
    fused.tensors.key?.output.offset = 15
    #expect(throws: CallError.overlap("query input", "key output")) {
      try fused.validate(bufferByteCounts: [2 * 3 * 32 * 4])
    }
  }

  @Test("One token of a tensor among several of the other is an overlap, whichever comes first in memory")
  func overlapsOfOtherLength() throws {
    // Tokens have 16 elements: the query's only token overlaps the key's third, or the reverse.
    func view(_ offset: Int) -> TensorView {
      TensorView(buffer: 0, offset: offset, strides: Strides(batch: 64, sequence: 16, head: 8))
    }
    func tensor(_ sequence: Int, at offset: Int) -> RotatedTensor {
      RotatedTensor(
        sequence: sequence, heads: 1, angles: .positions(Positions(Array(repeating: 0.0, count: sequence))),
        input: view(offset), output: view(offset))
    }
    var overlapping = try call()
    overlapping.batch = 1
    for (query, key) in [(tensor(1, at: 32), tensor(4, at: 0)), (tensor(4, at: 0), tensor(1, at: 32))] {
      overlapping.tensors = PerTensor(query: query, key: key)
      #expect(throws: CallError.overlap("query input", "key output")) {
        try overlapping.validate(bufferByteCounts: [64 * 4])
      }
    }
    // Next to the key within each token, the query does not overlap it.
    overlapping.tensors = PerTensor(query: tensor(1, at: 8), key: tensor(4, at: 0))
    try overlapping.validate(bufferByteCounts: [64 * 4])
  }

  @Test("Both tensors need angles of one contract")
  func contracts() throws {
    try expect(.contracts(.position, .frequency)) {
      $0.tensors.key?.angles = .frequencies([1, 0.5], attentionFactor: 1, [0, 1, 2, 3, 4, 5])
    }
  }

  @Test("Not a number is no position")
  func notANumber() throws {
    let error = try #require(throws: CallError.self) {
      try call(.positions([0, 0, .nan, 0, 0, 0])).validate(bufferByteCounts: sizes)
    }
    #expect(error.description == "token 2 has position nan: positions lie between -2147483647 and 2147483647")
  }

  @Test("Positions between two integers are accepted")
  func fractions() throws {
    try call(.positions([0.5, 1.25, -3.75, 0, 2_147_483_646.5, 1e-300])).validate(bufferByteCounts: sizes)
  }

  @Test("A tensor can be without tokens or heads, wherever it is in memory")
  func empty() throws {
    var empty = try call()
    empty.tensors.key?.heads = 0
    empty.tensors.key?.output = TensorView(buffer: 1, offset: 1 << 40, strides: Strides(batch: 0, sequence: 0, head: 8))
    try empty.validate(bufferByteCounts: sizes)
    #expect(empty.tokenCount == 6 && empty.joint != nil)
    for tensor in TensorName.rotated {
      empty.tensors[tensor]?.sequence = 0
      empty.tensors[tensor]?.angles = .positions([])
    }
    try empty.validate(bufferByteCounts: sizes)
    #expect(empty.tokenCount == 0)
  }

  @Test("A pair has channels of the head")
  func channels() throws {
    let configuration = Configuration(headDimension: 8, rotaryDimension: 10, pairing: .half, base: 1e4)
    try expect(.channel(8, pair: 3, headDimension: 8)) { $0.plan = Plan(unchecked: configuration, length: 1) }
  }

  @Test("A call can have one tensor alone, and needs one")
  func oneTensor() throws {
    var one = try call()
    one.tensors.key = nil
    try one.validate(bufferByteCounts: Array(sizes[..<2]))
    #expect(one.joint == nil && one.present == [one.tensors.query] && one.tokenCount == 6)
    one = try call()
    one.tensors.query = nil
    try one.validate(bufferByteCounts: sizes)
    #expect(one.joint == nil && one.present == [one.tensors.key] && one.contract == .position)
    try expect(.noTensor) { $0.tensors = PerTensor(query: nil, key: nil) }
  }

  @Test("Each tensor has a length and angles of its own")
  func tensorsOfTheirOwn() throws {
    var call = try call()
    #expect(try #require(call.joint).tokenCount == 6)
    // Two rows of five keys.
    let strides = Strides(.bshd, sequence: 5, heads: 1, headDimension: 8)
    call.tensors.key = RotatedTensor(
      sequence: 5, heads: 1, angles: .positions(Positions((0..<10).map(Double.init))),
      input: TensorView(buffer: 2, strides: strides), output: TensorView(buffer: 3, strides: strides))
    let larger = Array(sizes[..<2]) + [2 * 5 * 8 * 4, 2 * 5 * 8 * 4]
    try call.validate(bufferByteCounts: larger)
    #expect(call.joint == nil && call.tokenCount == 16)
    #expect(throws: CallError.outOfBounds(tensor: "key input", lastElement: 79, elementCount: 48)) {
      try call.validate(bufferByteCounts: sizes)
    }
    call.tensors.key?.angles = .positions([0, 1, 2, 3, 4, 5])
    #expect(throws: CallError.angleCount(what: "positions", found: 6, expected: 10)) {
      try call.validate(bufferByteCounts: larger)
    }
    try expect(.tooFew(axis: "sequence", count: -1, least: 0)) { $0.tensors.key?.sequence = -1 }
    try expect(.position(.infinity, token: 5)) { $0.tensors.key?.angles = .positions([0, 1, 2, 3, 4, .infinity]) }
  }

  @Test("Q and K are joint where length and angles agree")
  func joint() throws {
    var call = try call()
    let joint = try #require(call.joint)
    #expect(joint.query == call.tensors.query && joint.key == call.tensors.key && joint.sequence == 3)
    #expect(joint.batch == 2 && joint.angles == .positions([0, 1, 2, 3, 4, 5]) && joint.plan == call.plan)
    call.tensors.key?.angles = .positions([0, 1, 2, 3, 4, 6])
    #expect(call.joint == nil)
  }

  private func expect(_ error: CallError, _ change: (inout RotationCall) -> Void) throws {
    var changed = try call()
    change(&changed)
    #expect(throws: error) { try changed.validate(bufferByteCounts: sizes) }
  }
}
