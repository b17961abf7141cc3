import Backends
import Diagnosis
import Foundation
import Goldens
import Judging
import Mistakes
import RoPE

/// Checks statements of a diagnosis against the outputs that a planted mistake gave.
///
/// A statement is false if the outputs contradict it: an element that it calls right is wrong, or the other way round; a
/// number is not the planted one to the digits it has; a named mistake gives other outputs. A place counts as true only
/// if it has at most twice the elements that were planted.
struct StatementCheck {
  private let planted: PlantedMistake
  private let call: PlantedCall
  private let elements: [PlantedElement]

  /// One rotated element.
  private struct PlantedElement {
    let pair: PlantedMistake.Pair
    let output: Int
    let actual: Double
    /// The largest allowed error.
    let limit: Double
    /// True if it is wrong by more than that.
    let isWrong: Bool
    /// True if the mistake was planted in it.
    let isHit: Bool

    var exact: Double { pair.exact[output] }
    var tensor: TensorName { pair.row.tensor }
  }

  /// - Throws: ``OutputError``.
  init(_ planted: PlantedMistake, _ golden: Golden, _ outputs: some OutputSource, budget: Budget) throws {
    self.planted = planted
    let call = PlantedCall(golden)
    self.call = call
    var elements: [PlantedElement] = []
    let dimension = golden.plan.headDimension, pairs = golden.runningPlan.pairs
    for extent in call.tensors {
      let judge = RowJudge(golden, positions: extent.positions, budget: budget)
      for token in Self.tokens(of: extent) {
        let exact = golden.truth.rows(extent.name, token..<token + 1)
        let actual = try outputs.rows(run: 1, extent.name, token..<token + 1)
        for head in 0..<extent.heads {
          let channels = head * dimension..<(head + 1) * dimension
          let row = RowIndex(tensor: extent.name, token: token, head: head)
          let values = Array(exact.values[channels]), expected = Array(exact.expected[channels])
          for (number, pair) in pairs.enumerated() {
            let seen = PlantedMistake.Pair(
              row: row, pair: number, input: SIMD2(values[pair.input.first], values[pair.input.second]),
              exact: SIMD2(expected[pair.output.first], expected[pair.output.second]))
            for (output, channel) in [pair.output.first, pair.output.second].enumerated() {
              let bits = actual[channels.lowerBound + channel]
              let finding = values.withUnsafeBufferPointer { values in
                expected.withUnsafeBufferPointer { expected in
                  judge.finding(
                    RowJudge.Row(row, sequence: extent.sequence), number, channel: channel, actual: bits, values,
                    expected)
                }
              }
              elements.append(
                PlantedElement(
                  pair: seen, output: output, actual: golden.goldenCase.elementType.value(ofBits: bits),
                  limit: finding?.limit ?? 0, isWrong: !(finding?.conforms ?? true),
                  isHit: planted.isHit(call, row, number, output)))
            }
          }
        }
      }
    }
    self.elements = elements
  }

  /// All tokens of a small tensor; otherwise the first, those around powers of two and 1,024, and every 97th.
  private static func tokens(of extent: TensorExtent) -> [Int] {
    guard extent.tokenCount > 256 else { return Array(0..<extent.tokenCount) }
    return (0..<extent.tokenCount).filter { token in
      token % 97 == 0 || token < 16 || (1020..<1028).contains(token) || token >= extent.tokenCount - 4
    }
  }

  /// The reason that a statement is false; nil if the outputs do not contradict it.
  func contradiction(of statement: Statement) throws -> String? {
    let mine = elements.filter { statement.tensors.contains($0.tensor) }
    guard statement.tensors.allSatisfy({ name in mine.contains { $0.tensor == name && $0.isWrong } }) else {
      return "names a tensor that is right"
    }
    if let reason = placeContradiction(statement, mine) { return reason }
    switch statement.cause {
    case .rounding: return "blames rounding"
    case .confined: return nil
    case .unknown:
      return mine.count { $0.isHit } * 2 < mine.count ? "calls a mistake of few elements one of all" : nil
    case .changes(let changes, _, _): return try contradiction(of: changes, in: statement, mine)
    }
  }

  /// True if a statement says what was planted, as far as it can be said.
  func isTelling(_ statement: Statement) -> Bool {
    if case .changes = statement.cause { return true }
    return planted.isNameless && (statement.cause == .confined || statement.cause == .unknown)
  }

  private func placeContradiction(_ statement: Statement, _ mine: [PlantedElement]) -> String? {
    guard let place = statement.place else { return nil }
    let inside = mine.filter { isInside($0, place) }
    if let wrong = mine.first(where: { $0.isWrong && !isInside($0, place) }) {
      return "element of pair \(wrong.pair.pair) of \(wrong.pair.row) is wrong outside the place"
    }
    let hits = mine.count { $0.isHit }
    return inside.count > 2 * hits ? "the place has \(inside.count) elements, \(hits) were planted" : nil
  }

  private func isInside(_ element: PlantedElement, _ place: Place) -> Bool {
    let row = element.pair.row, extent = call.extent(row.tensor)
    return place.sets.allSatisfy { set in
      let value =
        switch set.axis {
        case .batchRow: row.token / extent.sequence
        case .token: row.token % extent.sequence
        case .row: row.token * extent.heads + row.head
        case .head: row.head
        case .positionAxis: call.golden.plan.pairs[element.pair.pair].axis
        case .pair: element.pair.pair
        case .output: element.output
        case .channel: -1
        }
      return set.values.contains(value)
    }
  }

  // MARK: Changes

  private func contradiction(
    of changes: [Change], in statement: Statement, _ mine: [PlantedElement]
  ) throws -> String? {
    var measured: [MeasuredChange] = []
    var isNamed = true, hasMistake = false
    for change in changes {
      switch change {
      case .measured(let change):
        measured.append(change)
        if let value = change.value, let right = planted.number(of: change), !value.isRight(right) {
          return "the number \(value.text) is not \(right)"
        }
      case .mistake(let mistake):
        hasMistake = true
        isNamed = isNamed && !Set([mistake.name] + mistake.indistinguishable).isDisjoint(with: planted.names)
      }
    }
    if hasMistake {
      if isNamed { return nil }
      guard changes.count == 1, case .mistake(let mistake) = changes[0] else { return "names mistakes not planted" }
      return try givesOutputs(mistake.name, mine) ? nil : "\(mistake.name) gives other outputs"
    }
    let wrong = mine.first { element in
      let inside = statement.place.map { isInside(element, $0) } ?? true
      guard inside else { return element.isWrong }
      return !agrees(element, measured)
    }
    return wrong.map {
      "pair \($0.pair.pair) of \($0.pair.row) is \($0.actual) and not what the statement says; exact \($0.exact)"
    }
  }

  /// Indicates whether an element is what the measured changes give, by formulas of its own.
  private func agrees(_ element: PlantedElement, _ changes: [MeasuredChange]) -> Bool {
    let tensor = element.tensor, token = element.pair.row.token, pair = element.pair.pair
    let extent = call.extent(tensor), sequence = extent.sequence
    let position = call.position(tensor, token, pair), frequency = call.frequencies[pair], right = position * frequency
    var predicted = element.pair.exact, slack = 0.0
    for change in changes {
      var angle: Double?
      let number = change.value?.shown ?? 0
      let unit = change.value.map { $0.uncertainty + ($0.value - $0.shown).magnitude } ?? 0
      var reach = 0.0
      switch change {
      case .unrotated: predicted = element.pair.input
      case .zero: predicted = .zero
      case .exchanged: predicted = SIMD2(predicted.y, predicted.x)
      case .negated: predicted *= -1
      case .gain:
        predicted *= number
        slack += unit * length(element.pair.exact)
      case .noAngle: angle = 0
      case .opposite: angle = -right
      case .multiple: (angle, reach) = (number * right, unit * right.magnitude)
      case .shift: (angle, reach) = ((position + number) * frequency, unit * frequency.magnitude)
      case .position: (angle, reach) = (number * frequency, unit * frequency.magnitude)
      case .otherToken(let distance):
        let other = min(max(token % sequence + distance, 0), sequence - 1)
        angle = call.position(tensor, token / sequence * sequence + other, pair) * frequency
      case .otherBatchRow(let row): angle = call.position(tensor, row * sequence + token % sequence, pair) * frequency
      case .otherTensor: return false
      case .otherAxis(let axis): angle = call.position(tensor, token, pair, axis: axis) * frequency
      case .inverseFrequency: angle = position / frequency
      case .otherPair(let distance): angle = position * call.frequencies[pair + distance]
      case .frequencyMultiple: (angle, reach) = (number * right, unit * right.magnitude)
      case .base:
        guard let base = call.golden.goldenCase.convention.configuration?.base else { return false }
        let exponent = log(number) / log(base)
        let wrong = frequency.sign == .minus ? -pow(-frequency, exponent) : pow(frequency, exponent)
        let relative = unit / number / log(base) * log(max(frequency.magnitude, 1e-300)).magnitude
        (angle, reach) = (position * wrong, relative * (position * wrong).magnitude)
      }
      if let angle {
        let turn = angle - right
        predicted = SIMD2(
          predicted.x * cos(turn) - predicted.y * sin(turn), predicted.y * cos(turn) + predicted.x * sin(turn))
        slack += (min(reach, 2) + 0x1p-22 * (right.magnitude + angle.magnitude)) * length(predicted)
        slack += 4 * (call.golden.goldenCase.tableType?.unitRoundoff ?? 0) * length(predicted)
      }
    }
    let type = call.golden.goldenCase.elementType
    let rounding = 2 * (type.ulp(of: predicted[element.output]) + 0x1p-21 * length(predicted)) + 2 * element.limit
    let result = predicted[element.output]
    guard element.actual.isFinite else {
      return result.magnitude + slack + rounding >= type.greatestFiniteMagnitude && (result < 0) == (element.actual < 0)
    }
    return (element.actual - result).magnitude <= slack + rounding
  }

  private func length(_ pair: SIMD2<Double>) -> Double { (pair * pair).sum().squareRoot() }

  /// Indicates whether a mistake of the catalogue gives the outputs.
  private func givesOutputs(_ name: String, _ mine: [PlantedElement]) throws -> Bool {
    let golden = call.golden
    guard let mutant = Mutant.all.first(where: { $0.name == name }) else { return false }
    let backend = MutantBackend(mutant, golden: golden)
    guard case .outputs(let outputs) = try LiveCandidate(backend, runCount: 1).outputs(of: golden) else { return false }
    guard try outputs.perform(run: 1).hasOutputs else { return false }
    var rows: [RowIndex: ElementArray] = [:]
    for element in mine {
      let row = element.pair.row
      if rows[RowIndex(tensor: row.tensor, token: row.token, head: 0)] == nil {
        rows[RowIndex(tensor: row.tensor, token: row.token, head: 0)] = try outputs.rows(
          run: 1, row.tensor, row.token..<row.token + 1)
      }
      guard let written = rows[RowIndex(tensor: row.tensor, token: row.token, head: 0)] else { return false }
      let pair = golden.runningPlan.pairs[element.pair.pair].output
      let channel = row.head * golden.plan.headDimension + (element.output == 0 ? pair.first : pair.second)
      let value = golden.goldenCase.elementType.value(ofBits: written[channel])
      let allowed = 4 * element.limit + 4 * golden.goldenCase.elementType.ulp(of: value)
      guard value == element.actual || (value - element.actual).magnitude <= allowed else { return false }
    }
    return true
  }
}

extension Fitted {
  /// Indicates whether a number is the one that is shown, to its last digit and a half.
  fileprivate func isRight(_ number: Double) -> Bool {
    let unit = pow(10, floor(log10(max(value.magnitude, .leastNormalMagnitude))) - Double(digits - 1))
    return (shown - number).magnitude <= 1.5 * unit
  }
}
