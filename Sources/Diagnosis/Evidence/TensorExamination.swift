import Goldens
import Judging
import RoPE

/// One tensor of an examined run: where it is wrong, and some rows in full.
struct TensorExamination: Sendable {
  /// The elements of a tensor up to which all its rows are kept.
  private static let wholeElementCount = 1 << 14
  /// The heads of a token that are kept, if not all are.
  private static let headCount = 8

  let map: FailureMap
  /// The rows that are kept, `[tokens, heads]`, ascending.
  let rows: [RowIndex]
  /// The pairs of the kept rows whose values are ordinary: finite, and neither subnormal nor near overflow.
  let observations: [PairObservation]
  /// The bits of the outputs, `D` for each kept row.
  let actual: ElementArray
  /// The bits of an element that was not written; nil if that cannot be told.
  let unwritten: UInt32?

  var name: TensorName { map.extent.name }

  /// Reads the rows that are kept: all of a small tensor; otherwise rows on both sides of where errors begin and end,
  /// and others spread over the wrong and the right ones.
  ///
  /// - Throws: ``OutputError``.
  init(_ golden: Golden, _ map: FailureMap, _ outputs: some OutputSource, run: Int, budget: Budget) throws {
    self.map = map
    let extent = map.extent, dimension = golden.plan.headDimension
    let isWhole = extent.tokenCount * extent.heads * dimension <= Self.wholeElementCount
    let tokens = isWhole ? Array(0..<extent.tokenCount) : map.sampleTokens
    let heads = isWhole || extent.heads <= Self.headCount ? Array(0..<extent.heads) : map.sampleHeads(Self.headCount)
    rows = tokens.flatMap { token in heads.map { RowIndex(tensor: extent.name, token: token, head: $0) } }
    var actual = ElementArray(type: golden.goldenCase.elementType, count: rows.count * dimension)
    var observations: [PairObservation] = []
    let judge = RowJudge(golden, positions: extent.positions, budget: budget)
    for (place, token) in tokens.enumerated() {
      let exact = golden.truth.rows(extent.name, token..<token + 1)
      let written = try outputs.rows(run: run, extent.name, token..<token + 1)
      for (number, head) in heads.enumerated() {
        let to = (place * heads.count + number) * dimension
        for channel in 0..<dimension { actual[to + channel] = written[head * dimension + channel] }
        let channels = head * dimension..<(head + 1) * dimension
        observations += judge.observations(
          RowIndex(tensor: extent.name, token: token, head: head), extent, values: exact.values[channels],
          exact: exact.expected[channels], written, at: channels.lowerBound, unwritten: outputs.unwritten)
      }
    }
    self.actual = actual
    unwritten = outputs.unwritten
    self.observations = observations
  }
}

extension FailureMap {
  /// Tokens on both sides of where errors begin and end, and others spread over wrong and right ones, ascending.
  fileprivate var sampleTokens: [Int] {
    let wrong = Self.wrong(byToken), right = byToken.indices.filter { byToken[$0] == 0 }
    var tokens = Set(Self.spread(wrong, 16) + Self.spread(right, 8))
    tokens.formUnion(wrong.prefix(3))
    for token in [wrong.first, wrong.last].compactMap(\.self) {
      tokens.formUnion([token - 1, token + 1].filter(byToken.indices.contains))
    }
    return tokens.sorted()
  }

  /// Some heads, spread over wrong and right ones, ascending.
  fileprivate func sampleHeads(_ count: Int) -> [Int] {
    let wrong = Self.wrong(byHead), right = byHead.indices.filter { byHead[$0] == 0 }
    let rightCount = min(right.count, count / 4)
    return (Self.spread(wrong, count - rightCount) + Self.spread(right, rightCount)).sorted()
  }

  /// At most `count` of some values: the first, the last, and others evenly between them.
  private static func spread(_ values: [Int], _ count: Int) -> [Int] {
    guard values.count > count, count > 1 else { return Array(values.prefix(count)) }
    return (0..<count).map { values[$0 * (values.count - 1) / (count - 1)] }
  }
}

extension RowJudge {
  /// The ordinary pairs of one row that were written, judged by exact or supposed results.
  ///
  /// `values` and `exact` are those of the row, `D` channels; `outputs` holds it from element `first` on. `unwritten` are
  /// the bits of an element that was not written, if that can be told.
  func observations(
    _ index: RowIndex, _ extent: TensorExtent, values: some Sequence<Double>, exact: some Sequence<Double>,
    _ outputs: ElementArray, at first: Int, unwritten: UInt32?
  ) -> [PairObservation] {
    let row = Row(index, sequence: extent.sequence), values = Array(values), expected = Array(exact)
    return values.withUnsafeBufferPointer { values in
      expected.withUnsafeBufferPointer { expected in
        plan.pairs.enumerated().compactMap { number, pair in
          let output = pair.output
          let bits = (outputs[first + output.first], outputs[first + output.second])
          let input = SIMD2(values[pair.input.first], values[pair.input.second])
          let exact = SIMD2(expected[output.first], expected[output.second])
          let actual = SIMD2(type.value(ofBits: bits.0), type.value(ofBits: bits.1))
          guard bits.0 != unwritten, bits.1 != unwritten, type.isOrdinary(input), type.isOrdinary(exact),
            actual.x.isFinite, actual.y.isFinite,
            let one = finding(row, number, channel: output.first, actual: bits.0, values, expected),
            let two = finding(row, number, channel: output.second, actual: bits.1, values, expected)
          else { return nil }
          return PairObservation(
            row: index, pair: number, input: input, exact: exact, actual: actual,
            limit: SIMD2(
              type.limit(one.limit, of: exact.x, at: actual.x), type.limit(two.limit, of: exact.y, at: actual.y)),
            fails: (!one.conforms, !two.conforms))
        }
      }
    }
  }
}

extension ElementType {
  /// A limit for an exact result, as it is for a larger one: that is stored with more rounding.
  fileprivate func limit(_ limit: Double, of exact: Double, at actual: Double) -> Double {
    limit + max(0, ulp(of: actual) - ulp(of: exact)) / 2
  }

  /// Indicates whether the length of a pair is finite, far from overflow and from subnormal numbers.
  fileprivate func isOrdinary(_ pair: SIMD2<Double>) -> Bool {
    let size = (pair * pair).sum().squareRoot()
    return size < greatestFiniteMagnitude / 16 && size > 0
      && size > Double(sign: .plus, exponent: minimumExponent + significandBitCount, significand: 1)
  }
}
