import Goldens
import RoPE

/// The channels of one tensor that are in no pair, and whose bits are not those of the input.
struct CopyTally: Sendable {
  private let channels: [Int]
  private let unwritten: UInt32?
  private var count = 0
  /// How many are wrong, those that were not written among them.
  private(set) var wrongCount = 0
  private var first: (index: Int, expected: UInt32, actual: UInt32)?

  /// - Parameter unwritten: the bits of an element that was not written, which is another matter; nil where no bits say
  ///   so.
  init(plan: Plan, unwritten: UInt32?) {
    channels = plan.passThroughChannels
    self.unwritten = unwritten
  }

  /// Compares a row of `D` channels.
  ///
  /// - Parameter first: the index of the row's first element in the tensor, contiguous in the workload's layout.
  mutating func check(
    rowAt first: Int, input: UnsafeRawBufferPointer, output: UnsafeRawBufferPointer, type: ElementType
  ) {
    for channel in channels {
      let expected = input.bits(at: channel, type: type), actual = output.bits(at: channel, type: type)
      guard expected != actual else { continue }
      wrongCount += 1
      guard actual != unwritten else { continue }
      note(1, (first + channel, expected, actual))
    }
  }

  /// Adds the elements of another tally of the same tensor.
  mutating func merge(_ other: CopyTally) {
    wrongCount += other.wrongCount
    if let theirs = other.first { note(other.count, theirs) }
  }

  private mutating func note(_ count: Int, _ found: (index: Int, expected: UInt32, actual: UInt32)) {
    self.count += count
    if first.map({ found.index < $0.index }) ?? true { first = found }
  }

  func violations(_ tensor: TensorName, heads: Int, of goldenCase: Case) -> [Violation] {
    guard let first else { return [] }
    return [
      .notCopied(
        tensor: tensor, count: count, first: goldenCase.place(of: first.index, heads: heads), expected: first.expected,
        actual: first.actual)
    ]
  }
}
