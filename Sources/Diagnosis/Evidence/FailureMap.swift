import Goldens
import Judging
import RoPE

/// The wrong elements of one tensor in one run, counted along each coordinate.
///
/// Elements that were not written are left out: the verdict has them.
struct FailureMap: Sendable {
  let extent: TensorExtent
  let pairs: [Plan.Pair]
  /// The errors of the rotated elements against the truth.
  private(set) var accuracy = Accuracy()
  /// Wrong rotated elements.
  private(set) var failedCount = 0
  /// Wrong elements, rotated or copied, by token, counted through the batch.
  private(set) var byToken: [Int]
  /// Wrong elements, rotated or copied.
  private(set) var byHead: [Int]
  private var byPair: [Int]
  private var byOutput = [0, 0]
  /// Wrong copied elements, by channel.
  private var byChannel: [Int]
  /// True for each head of a token that has a wrong element.
  private var isWrongRow: [Bool]

  init(_ golden: Golden, _ extent: TensorExtent) {
    self.extent = extent
    pairs = golden.runningPlan.pairs
    byToken = Array(repeating: 0, count: extent.tokenCount)
    byHead = Array(repeating: 0, count: extent.heads)
    byPair = Array(repeating: 0, count: pairs.count)
    byChannel = Array(repeating: 0, count: golden.plan.headDimension)
    isWrongRow = Array(repeating: false, count: extent.tokenCount * extent.heads)
  }

  /// True if an element is wrong.
  var hasFailures: Bool { failedCount > 0 || copyCount > 0 }

  /// Wrong copied elements.
  var copyCount: Int { byChannel.reduce(0, +) }

  /// The heads of tokens with a wrong element, by their numbers.
  private var wrongRows: [Int] { isWrongRow.indices.filter { isWrongRow[$0] } }

  mutating func addFailure(_ row: RowIndex, pair: Int, output: Int) {
    failedCount += 1
    byPair[pair] += 1
    byOutput[output] += 1
    addWrong(row)
  }

  mutating func addWrongCopy(_ row: RowIndex, channel: Int) {
    byChannel[channel] += 1
    addWrong(row)
  }

  private mutating func addWrong(_ row: RowIndex) {
    byToken[row.token] += 1
    byHead[row.head] += 1
    isWrongRow[row.token * extent.heads + row.head] = true
  }

  /// Indicates whether a head of a token has a wrong element.
  func isWrong(token: Int, head: Int) -> Bool { isWrongRow[token * extent.heads + head] }

  mutating func setAccuracy(_ accuracy: Accuracy) { self.accuracy = accuracy }

  mutating func merge(_ other: FailureMap) {
    accuracy.merge(other.accuracy)
    failedCount += other.failedCount
    func add(_ counts: inout [Int], _ others: [Int]) { for index in counts.indices { counts[index] += others[index] } }
    add(&byToken, other.byToken)
    add(&byHead, other.byHead)
    add(&byPair, other.byPair)
    add(&byOutput, other.byOutput)
    add(&byChannel, other.byChannel)
    for index in isWrongRow.indices where other.isWrongRow[index] { isWrongRow[index] = true }
  }
}

extension FailureMap {
  /// The smallest place that holds every wrong element; without sets if they are everywhere.
  ///
  /// It has a set for each coordinate in which some values have no wrong element. Rotated and copied elements have pairs
  /// and channels: if both kinds are wrong, the place is one of whole heads.
  var place: Place {
    let rows = wrongRowSets, columns = wrongColumnSets
    return Place(
      (rows.sets + columns.sets).filter { $0.values.count < $0.count }, failedCount: failedCount + copyCount,
      elementCount: rows.count * columns.count)
  }

  /// The heads, pairs, rows of the batch or tokens of a row with a wrong element.
  func wrong(_ axis: Place.Axis) -> [Int] { counts(axis).sorted { $0.key < $1.key }.map(\.key) }

  /// The place of some of them.
  func place(_ axis: Place.Axis, _ values: [Int]) -> Place {
    let counts = counts(axis), all = isWrongRow.count * pairs.count * 2
    let size =
      switch axis {
      case .head: extent.heads
      case .batchRow: extent.batch
      case .token: extent.sequence
      default: pairs.count
      }
    return Place(
      [Place.Values(axis, values, of: size)], failedCount: values.reduce(0) { $0 + (counts[$1] ?? 0) },
      elementCount: all / size * values.count)
  }

  /// The wrong elements of each head, pair, row of the batch or token of a row that has any.
  private func counts(_ axis: Place.Axis) -> [Int: Int] {
    let known: (counts: [Int], value: (Int) -> Int) =
      switch axis {
      case .head: (byHead, { $0 })
      case .batchRow: (byToken, { [extent] in $0 / extent.sequence })
      case .token: (byToken, { [extent] in $0 % extent.sequence })
      default: (byPair, { $0 })
      }
    return known.counts.enumerated().reduce(into: [:]) { counts, next in
      if next.element > 0 { counts[known.value(next.offset), default: 0] += next.element }
    }
  }

  /// The sets of heads of tokens with a wrong element, and their number.
  private var wrongRowSets: (sets: [Place.Values], count: Int) {
    let sequence = extent.sequence, wrongTokens = Self.wrong(byToken)
    let batchRows = Set(wrongTokens.map { $0 / sequence }).sorted()
    let tokens = Self.filled(Set(wrongTokens.map { $0 % sequence }).sorted(), of: sequence)
    let heads = Self.wrong(byHead), count = batchRows.count * tokens.count * heads.count
    // Blocks of a launch are heads of tokens, counted through the call.
    let rows = wrongRows
    if let first = rows.first, rows.count < count, rows.count * 20 >= 19 * (isWrongRow.count - first),
      first % extent.heads != 0
    {
      return (
        [Place.Values(.row, Array(first..<isWrongRow.count), of: isWrongRow.count)], isWrongRow.count - first
      )
    }
    return (
      [
        Place.Values(.batchRow, batchRows, of: extent.batch), Place.Values(.token, tokens, of: sequence),
        Place.Values(.head, heads, of: extent.heads),
      ], count
    )
  }

  /// The sets of elements of a head that are wrong in some token, and their number.
  private var wrongColumnSets: (sets: [Place.Values], count: Int) {
    if failedCount > 0, copyCount > 0 { return ([], byChannel.count) }
    if copyCount > 0 {
      let channels = Self.wrong(byChannel)
      return ([Place.Values(.channel, channels, of: byChannel.count)], channels.count)
    }
    let pairs = Self.wrong(byPair), outputs = Self.wrong(byOutput), axisCount = extent.positions.axisCount
    let axes = Set(pairs.map { self.pairs[$0].axis })
    let ofAxes = self.pairs.indices.filter { axes.contains(self.pairs[$0].axis) }
    let isByAxis = axes.count < axisCount && 2 * pairs.count > ofAxes.count
    let set =
      isByAxis
      ? Place.Values(.positionAxis, axes.sorted(), of: axisCount) : Place.Values(.pair, pairs, of: self.pairs.count)
    return ([set, Place.Values(.output, outputs, of: 2)], (isByAxis ? ofAxes : pairs).count * outputs.count)
  }

  /// The values with a wrong element.
  static func wrong(_ counts: [Int]) -> [Int] { counts.indices.filter { counts[$0] > 0 } }

  /// The tokens with the few right ones among them, if they reach the end of the rows: a token at position 0 is right
  /// under many mistakes.
  private static func filled(_ tokens: [Int], of count: Int) -> [Int] {
    guard let first = tokens.first, tokens.last == count - 1, tokens.count * 5 >= 4 * (count - first) else {
      return tokens
    }
    return Array(first..<count)
  }
}

extension Place {
  /// Indicates whether a head of a token is in the place.
  func contains(_ row: RowIndex, of extent: TensorExtent) -> Bool {
    sets.allSatisfy { set in
      switch set.axis {
      case .batchRow: set.contains(row.token / extent.sequence)
      case .token: set.contains(row.token % extent.sequence)
      case .row: set.contains(row.token * extent.heads + row.head)
      case .head: set.contains(row.head)
      case .positionAxis, .pair, .output, .channel: true
      }
    }
  }

  /// Indicates whether a pair is in the place.
  func contains(pair: Int, axis: Int) -> Bool {
    sets.allSatisfy { set in
      switch set.axis {
      case .pair: set.contains(pair)
      case .positionAxis: set.contains(axis)
      case .batchRow, .token, .row, .head, .output, .channel: true
      }
    }
  }
}

extension Place.Values {
  /// Indicates whether a value is in the set, by bisection.
  func contains(_ value: Int) -> Bool {
    var low = 0, high = values.count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < values.count && values[low] == value
  }
}
