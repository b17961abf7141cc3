/// The positions of the tokens of one tensor, `[axes, tokens]`.
///
/// A token of text has one position; one of an image or a video has a coordinate on each of several axes. Most positions
/// are integers, and float64 holds every allowed one exactly; a model of video or audio can have fractions.
public struct Positions: Sendable, Equatable {
  /// Coordinates in a token's position, at least 1.
  public let axisCount: Int
  /// All coordinates, `[axes, tokens]`.
  public let values: [Double]

  /// Positions `[axes, tokens]`; the count of values is a multiple of `axisCount`.
  package init(_ values: [Double], axisCount: Int = 1) {
    precondition(
      axisCount >= 1 && values.count.isMultiple(of: axisCount), "\(values.count) positions on \(axisCount) axes")
    self.axisCount = axisCount
    self.values = values
  }

  /// Positions `[axes, tokens]`, each at most 2^53 in magnitude.
  package init<Integer: BinaryInteger>(_ values: [Integer], axisCount: Int = 1) {
    self.init(values.map { Double($0) }, axisCount: axisCount)
  }

  /// Tokens that have a position.
  public var tokenCount: Int { values.count / axisCount }

  /// The position of a token on an axis.
  public subscript(axis: Int, token: Int) -> Double { values[axis * tokenCount + token] }

  /// The positions as integers, `[axes, tokens]`; nil if one of them has a fraction.
  ///
  /// - Complexity: O(axes · tokens).
  package var integers: [Int64]? {
    var integers: [Int64] = []
    integers.reserveCapacity(values.count)
    for value in values {
      guard let integer = Int64(exactly: value) else { return nil }
      integers.append(integer)
    }
    return integers
  }

  /// The smallest and the largest coordinate; nil without tokens.
  public var range: ClosedRange<Double>? {
    guard let least = values.min(), let largest = values.max() else { return nil }
    return least...largest
  }

  /// The negated positions, by which the inverse rotation turns.
  package var negated: Positions { Positions(values.map { 0 - $0 }, axisCount: axisCount) }

  /// The coordinates of one token.
  package func coordinates(ofToken token: Int) -> [Double] { (0..<axisCount).map { self[$0, token] } }

  /// The positions of some tokens, in the given order.
  package func ofTokens(_ tokens: some Sequence<Int>) -> Positions {
    let tokens = Array(tokens)
    return Positions((0..<axisCount).flatMap { axis in tokens.map { self[axis, $0] } }, axisCount: axisCount)
  }

  /// One more than the largest position, rounded down, and at least 1: the length of a call, on which dynamic NTK and
  /// LongRoPE depend.
  package var length: Int { Int(max(values.max() ?? 0, 0)) + 1 }
}

extension Positions: ExpressibleByArrayLiteral {
  /// Positions on one axis, `[tokens]`.
  public init(arrayLiteral values: Double...) { self.init(values) }
}

extension Double {
  /// The number as text, without `.0` if it is an integer: `5`, `0.5`.
  package var shortest: String { Int64(exactly: self).map { "\($0)" } ?? "\(self)" }
}
