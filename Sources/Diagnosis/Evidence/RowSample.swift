import Goldens
import Judging
import RoPE

/// Some rows of one tensor in full: what was written, and how far it is from the truth.
struct RowSample: Sendable {
  /// The tokens of a block that are read together.
  private static let blockTokens = 64

  let extent: TensorExtent
  /// Ascending by token.
  let rows: [RowIndex]
  /// The errors of the rows against the truth.
  let accuracy: Accuracy
  /// The pairs of the rows whose values are ordinary: finite, and neither subnormal nor near overflow.
  let observations: [PairObservation]
  /// The bits of the outputs, `D` for each row.
  let actual: ElementArray
  /// The bits of an element that was not written; nil if that cannot be told.
  let unwritten: UInt32?

  /// Reads some rows, which ascend by token.
  ///
  /// - Throws: ``OutputError``.
  init(
    _ golden: Golden, _ extent: TensorExtent, rows: [RowIndex], _ outputs: some OutputSource, run: Int, budget: Budget
  ) throws {
    let dimension = golden.plan.headDimension
    var actual = ElementArray(type: golden.goldenCase.elementType, count: rows.count * dimension)
    var observations: [PairObservation] = []
    var judge = RowJudge(golden, positions: extent.positions, budget: budget)
    var block: Block?
    for (number, index) in rows.enumerated() {
      let known = block.flatMap { $0.tokens.contains(index.token) ? $0 : nil }
      let read = try known ?? Block(golden, extent, rows[number...].firstTokens(atMost: Self.blockTokens), outputs, run)
      block = read
      let first = ((index.token - read.tokens.lowerBound) * extent.heads + index.head) * dimension
      for channel in 0..<dimension { actual[number * dimension + channel] = read.written[first + channel] }
      observations += judge.observations(
        index, extent, values: read.exact.values[first..<first + dimension],
        exact: read.exact.expected[first..<first + dimension], read.written, at: first, unwritten: outputs.unwritten)
      judge.judge(index, extent, read.exact, read.judged, at: first)
    }
    self.extent = extent
    self.rows = rows
    self.actual = actual
    self.observations = observations
    accuracy = judge.accuracy
    unwritten = outputs.unwritten
  }
}

/// Neighbouring tokens, with all their heads.
private struct Block {
  let tokens: Range<Int>
  let exact: ExactRows
  let written: ElementArray
  /// The outputs with right elements where nothing was written.
  let judged: ElementArray

  init(
    _ golden: Golden, _ extent: TensorExtent, _ tokens: Range<Int>, _ outputs: some OutputSource, _ run: Int
  ) throws {
    self.tokens = tokens
    exact = golden.truth.rows(extent.name, tokens)
    written = try outputs.rows(run: run, extent.name, tokens)
    var judged = written
    if let unwritten = outputs.unwritten {
      judged.replace(
        unwritten, byRounding: exact, copied: golden.runningPlan.passThroughChannels,
        dimension: golden.plan.headDimension)
    }
    self.judged = judged
  }
}

extension ArraySlice<RowIndex> {
  /// The first tokens without a gap.
  fileprivate func firstTokens(atMost count: Int) -> Range<Int> {
    guard let first = first?.token else { return 0..<0 }
    var end = first + 1
    for row in self where row.token >= end {
      guard row.token == end, end < first + count else { break }
      end += 1
    }
    return first..<end
  }
}

extension RowJudge {
  /// Judges a row whose first element is at `first` in exact rows and outputs.
  fileprivate mutating func judge(
    _ index: RowIndex, _ extent: TensorExtent, _ exact: ExactRows, _ outputs: ElementArray, at first: Int
  ) {
    let channels = first..<first + plan.headDimension, size = type.byteCount
    exact.values.withUnsafeBufferPointer { values in
      exact.expected.withUnsafeBufferPointer { expected in
        outputs.bytes.withUnsafeBytes { bytes in
          judge(
            Row(index, sequence: extent.sequence), input: UnsafeBufferPointer(rebasing: values[channels]),
            expected: UnsafeBufferPointer(rebasing: expected[channels]),
            actual: UnsafeRawBufferPointer(
              rebasing: bytes[channels.lowerBound * size..<channels.upperBound * size]))
        }
      }
    }
  }

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
