import Goldens
import RoPE

/// Judges the outputs of one tensor in one run, slab by slab, for one thread.
struct TensorJudge {
  private let golden: Golden
  private let tensor: TensorExtent
  /// The bits that mark an element that was not written; nil if outputs are not poisoned.
  private let unwritten: UInt32?
  /// True if a NaN in a copied channel must keep its bits.
  private let keepsPayloads: Bool
  /// The channels in no pair, as runs of neighbours.
  private let copiedRanges: [Range<Int>]
  private var rows: RowJudge
  private(set) var findings = TensorFindings()

  init(_ golden: Golden, _ tensor: TensorExtent, _ rule: ToleranceRule, unwritten: UInt32?) {
    self.golden = golden
    self.tensor = tensor
    self.unwritten = unwritten
    // Without a rotation, the backend only copies.
    keepsPayloads = rule.exactCopies || golden.goldenCase.contract == .unrotated
    copiedRanges = golden.runningPlan.passThroughChannels.reduce(into: []) { ranges, channel in
      if let last = ranges.last, last.upperBound == channel {
        ranges[ranges.count - 1] = last.lowerBound..<channel + 1
      } else {
        ranges.append(channel..<channel + 1)
      }
    }
    rows = RowJudge(golden, positions: tensor.positions, budget: rule.budget)
  }

  /// Judges some tokens.
  ///
  /// `outputs` are `[tokens, heads, D]`.
  mutating func judge(_ tokens: Range<Int>, _ outputs: ElementArray) {
    let exact = golden.truth.rows(tensor.name, tokens), dimension = golden.plan.headDimension
    let type = outputs.type, size = dimension * type.byteCount
    outputs.bytes.withUnsafeBytes { actual in
      if let unwritten {
        for index in actual.indices(of: unwritten, type: type) {
          findings.missing.add(element(tokens, row: index / dimension, channel: index % dimension))
        }
      }
      exact.input.bytes.withUnsafeBytes { input in
        exact.values.withUnsafeBufferPointer { values in
          exact.expected.withUnsafeBufferPointer { expected in
            for row in 0..<tokens.count * tensor.heads {
              let channels = row * dimension..<(row + 1) * dimension, bytes = row * size..<(row + 1) * size
              judge(
                row, tokens, values: UnsafeBufferPointer(rebasing: values[channels]),
                input: UnsafeRawBufferPointer(rebasing: input[bytes]),
                expected: UnsafeBufferPointer(rebasing: expected[channels]),
                actual: UnsafeRawBufferPointer(rebasing: actual[bytes]), type)
            }
          }
        }
      }
    }
    findings.accuracy = rows.accuracy
  }

  private mutating func judge(
    _ row: Int, _ tokens: Range<Int>, values: UnsafeBufferPointer<Double>, input: UnsafeRawBufferPointer,
    expected: UnsafeBufferPointer<Double>, actual: UnsafeRawBufferPointer, _ type: ElementType
  ) {
    let index = RowIndex(
      tensor: tensor.name, token: tokens.lowerBound + row / tensor.heads, head: row % tensor.heads)
    rows.judge(
      RowJudge.Row(index, sequence: tensor.sequence), input: values, expected: expected, actual: actual)
    if rows.hasStrayNonFinite { findStrays(row, index, values: values, expected: expected, actual: actual, type) }
    if !findings.hasNonFiniteInput { findings.hasNonFiniteInput = values.hasNonFinite }
    for range in copiedRanges where !isCopied(range, input, actual, type) {
      findCopies(range, row, tokens, input: input, actual: actual, type)
    }
  }

  /// Indicates whether channels have the bits of the input.
  private func isCopied(
    _ channels: Range<Int>, _ input: UnsafeRawBufferPointer, _ actual: UnsafeRawBufferPointer, _ type: ElementType
  ) -> Bool {
    let bytes = channels.lowerBound * type.byteCount..<channels.upperBound * type.byteCount
    return UnsafeRawBufferPointer(rebasing: input[bytes]).hasBytes(of: UnsafeRawBufferPointer(rebasing: actual[bytes]))
  }

  /// Notes the copied channels whose bits differ from the input's.
  private mutating func findCopies(
    _ channels: Range<Int>, _ row: Int, _ tokens: Range<Int>, input: UnsafeRawBufferPointer,
    actual: UnsafeRawBufferPointer, _ type: ElementType
  ) {
    for channel in channels {
      let expected = input.bits(at: channel, type: type), actual = actual.bits(at: channel, type: type)
      guard expected != actual else { continue }
      // Unwritten elements are reported as unwritten, although their bits are a NaN's.
      if !keepsPayloads, actual != unwritten, type.areNaN(expected, actual) {
        findings.payloads.add(element(tokens, row: row, channel: channel), expected: expected, actual: actual)
        continue
      }
      findings.wrongCopyCount += 1
      guard actual != unwritten else { continue }
      findings.copies.add(element(tokens, row: row, channel: channel), expected: expected, actual: actual)
    }
  }

  /// Notes NaN and infinity in pairs whose inputs and exact results are finite: as an overflow if arithmetic of the
  /// budget gives it, or as out of place.
  private mutating func findStrays(
    _ row: Int, _ index: RowIndex, values: UnsafeBufferPointer<Double>, expected: UnsafeBufferPointer<Double>,
    actual: UnsafeRawBufferPointer, _ type: ElementType
  ) {
    for (number, pair) in rows.plan.pairs.enumerated()
    where values[pair.input.first].isFinite && values[pair.input.second].isFinite {
      for channel in [pair.output.first, pair.output.second] {
        let bits = actual.bits(at: channel, type: type), nearest = type.bits(rounding: expected[channel])
        guard bits != unwritten, !type.value(ofBits: bits).isFinite, type.value(ofBits: nearest).isFinite else {
          continue
        }
        let place = tensor.element(token: index.token, head: index.head, channel: channel)
        let finding = rows.finding(
          RowJudge.Row(index, sequence: tensor.sequence), number, channel: channel, actual: bits, values, expected)
        let conforms = finding?.conforms ?? false
        if conforms, finding?.isOverflow(of: rows.budget) ?? false {
          findings.overflows.add(place, expected: nearest, actual: bits)
        } else if !conforms
          || !rows.budget.isArithmetic && type.value(ofBits: nearest).magnitude < type.greatestFiniteMagnitude
        {
          // Without an arithmetic that rounds to infinity, it may only stand next to the largest value.
          findings.strays.add(place, actual: bits)
        }
      }
    }
  }

  private func element(_ tokens: Range<Int>, row: Int, channel: Int) -> ElementIndex {
    tensor.element(token: tokens.lowerBound + row / tensor.heads, head: row % tensor.heads, channel: channel)
  }
}

extension ElementType {
  /// Indicates whether two bit patterns are NaN, whatever their payloads.
  package func areNaN(_ bits: UInt32, _ others: UInt32) -> Bool {
    value(ofBits: bits).isNaN && value(ofBits: others).isNaN
  }
}

/// Findings on the outputs of one tensor in one run.
struct TensorFindings: Sendable {
  var accuracy = Accuracy()
  /// The number of elements in no pair that have other bits than the input, or were not written.
  var wrongCopyCount = 0
  /// Elements in no pair that were written with other bits than the input's.
  var copies = ElementTally()
  /// NaN in no pair that is another NaN in the output, which the rule allows.
  var payloads = ElementTally()
  /// Elements that were not written.
  var missing = ElementTally()
  /// NaN and infinity in pairs whose inputs and exact results are finite.
  var strays = ElementTally()
  /// The same where arithmetic of the budget overflows.
  var overflows = ElementTally()
  var hasNonFiniteInput = false

  /// The number of elements that are wrong by themselves.
  var wrongCount: Int { accuracy.failedCount + wrongCopyCount }

  mutating func merge(_ other: TensorFindings) {
    accuracy.merge(other.accuracy)
    wrongCopyCount += other.wrongCopyCount
    copies.merge(other.copies)
    payloads.merge(other.payloads)
    missing.merge(other.missing)
    strays.merge(other.strays)
    overflows.merge(other.overflows)
    hasNonFiniteInput = hasNonFiniteInput || other.hasNonFiniteInput
  }
}
