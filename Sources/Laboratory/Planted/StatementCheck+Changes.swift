import Diagnosis
import Goldens
import Judging
import Mistakes
import RoPE

/// Named mistakes and measured changes against the outputs.
extension StatementCheck {
  /// The reason that changes at once are not what the outputs show.
  func contradiction(of changes: [Change], _ statement: Statement) throws -> String? {
    let measured = statement.cause.measured, mistakes = statement.cause.mistakes
    for change in measured {
      if let reason = contradiction(ofNumberOf: change, statement) { return reason }
    }
    guard isDetermined(measured, statement) else { return "fits as many numbers as there are angles" }
    if measured.isEmpty, mistakes.count == 1 { return try contradiction(ofMistake: mistakes[0], statement) }
    guard mistakes.allSatisfy({ !parts(named: [$0]).isEmpty }) else { return "names mistakes not planted" }
    return measured.isEmpty ? nil : contradiction(of: measured, after: parts(named: mistakes), statement)
  }

  /// The reason that a number is false: another was planted, or the words are those of the right computation.
  private func contradiction(ofNumberOf change: MeasuredChange, _ statement: Statement) -> String? {
    let isOtherPair = if case .otherPair = change { true } else { false }
    if isOtherPair, planted.parts.contains(where: { $0.changes(call).contains(where: isOfAngle) }) {
      return "another number was planted than the frequency of another pair"
    }
    guard let value = change.value else { return nil }
    if value.shown == call.rightNumber(of: change), statement.description.contains(value.text) {
      return "\(value.text) is right"
    }
    let numbers = numbers(of: change, planted.parts)
    return numbers.isEmpty || isPlanted(change, planted.parts)
      ? nil : "the number \(value.text) is not \(numbers.map(\.description).joined(separator: " or "))"
  }

  /// True if the number of a change was planted, to its last digit and a half.
  func isPlanted(_ change: MeasuredChange, _ parts: [PlantedMistake]) -> Bool {
    guard let said = change.value?.said(beside: call.rightNumber(of: change)) else { return false }
    return numbers(of: change, parts).contains { (said.number - $0).magnitude <= said.unit }
  }

  /// The planted numbers of the kind of a change.
  private func numbers(of change: MeasuredChange, _ parts: [PlantedMistake]) -> [Double] {
    parts.flatMap { $0.changes(call) }.filter { $0.replacing(.zero) == change.replacing(.zero) }
      .compactMap(\.value?.value)
  }

  /// True if the place of a statement has more angles than it has numbers of angles, and a base two pairs.
  ///
  /// A number of the kind that was planted is known to be right.
  func isDetermined(_ measured: [MeasuredChange], _ statement: Statement) -> Bool {
    let fitted = measured.filter { isOfAngle($0) && numbers(of: $0, planted.parts).isEmpty }
    guard !fitted.isEmpty else { return true }
    var angles = Set<[Double]>(), pairs = Set<Int>()
    for row in rows(statement.tensors) {
      for (channel, rotated) in outputs.rotated.enumerated() {
        guard let rotated, statement.place.map({ isInside(row, channel, $0) }) ?? true else { continue }
        let position = call.position(row.index.tensor, row.index.token, rotated.pair)
        angles.insert([position, Double(rotated.pair)])
        pairs.insert(rotated.pair)
      }
    }
    let needsPairs = fitted.contains { if case .base = $0 { true } else { false } }
    return angles.count > fitted.count && (!needsPairs || pairs.count > 1)
  }

  /// True for a number that angles tell.
  private func isOfAngle(_ change: MeasuredChange) -> Bool {
    if case .gain = change { return false }
    return change.value != nil
  }

  // MARK: Mistakes of the catalogue

  /// The planted mistakes that the catalogue has under the names of some.
  func parts(named mistakes: [KnownMistake]) -> [PlantedMistake] {
    planted.parts.filter { part in mistakes.contains { !Set($0.allNames).isDisjoint(with: part.names) } }
  }

  /// The reason that a mistake, or one that the statement cannot tell from it, is false.
  ///
  /// One of several that were planted is true, though it does not tell all.
  func contradiction(ofMistake mistake: KnownMistake, _ statement: Statement) throws -> String? {
    guard planted.parts.count == 1 || parts(named: [mistake]).isEmpty else { return nil }
    for name in mistake.allNames {
      if let reason = try contradiction(ofOutputsOf: name, statement) { return reason }
    }
    return nil
  }

  /// The reason that a mistake of the catalogue did not give the outputs.
  func contradiction(ofOutputsOf name: String, _ statement: Statement) throws -> String? {
    // A position is one off from that which the backend is given, whatever the direction.
    if let shift = ["position-plus-one": 1.0, "position-minus-one": -1][name] {
      return contradiction(of: [.shift(Fitted(shift, uncertainty: 0))], after: [], statement)
    }
    guard let mutant = mutant(name) else {
      return planted.parts.contains { $0.names.contains(name) } ? nil : "\(name) was not planted"
    }
    let type = call.type
    for tensor in statement.tensors {
      let rows = rows([tensor])
      for (row, written) in zip(rows, mutant[tensor].rows(rows.map(\.index))) {
        for channel in written.bits.indices {
          let value = type.value(ofBits: written.bits[channel]), actual = row.actual[channel]
          let size = max(1, value.magnitude / max(row.exact[channel].magnitude, .leastNormalMagnitude))
          let allowed = row.limits[channel] * min(size, 16) + type.ulp(of: value)
          guard value.isNaN && actual.isNaN || type.distance(actual, value) <= allowed else {
            return "\(name) gives \(value) for \(self.name(row.index, channel)), which is \(actual)"
          }
        }
      }
    }
    return nil
  }

  // MARK: Measured changes

  /// The reason that planted mistakes followed by measured changes do not give the outputs.
  func contradiction(
    of measured: [MeasuredChange], after parts: [PlantedMistake], _ statement: Statement
  ) -> String? {
    let rows = Dictionary(uniqueKeysWithValues: rows(statement.tensors).map { ($0.index, $0) })
    let pairs = outputs.pairs(of: statement.tensors) { tensor in
      parts.lazy.compactMap { $0.structure(call, tensor) }.first
    }
    for pair in pairs {
      guard let row = rows[pair.planted.row], pair.planted.exact.isFinite else { continue }
      let base = parts.reduce(pair.planted) { seen, part in
        PlantedMistake.Pair(row: seen.row, pair: seen.pair, input: seen.input, exact: part.value(call, seen))
      }.exact
      let prediction = StatementPrediction(measured, of: pair.planted, from: base, call)
      for (output, channel) in pair.channels.enumerated()
      where statement.place.map({ isInside(row, channel, $0) }) ?? true {
        if let prediction, agrees(pair, output, prediction) { continue }
        return "\(name(row.index, channel)) is \(pair.actual[output]), exact \(pair.planted.exact[output]), and by the "
          + "statement \(prediction.map { "\($0.value[output])" } ?? "nothing")"
      }
    }
    return nil
  }

  /// Indicates whether an output is what was predicted, but for one rounding and what the case allows.
  private func agrees(_ pair: PlantedOutputs.Pair, _ output: Int, _ prediction: StatementPrediction) -> Bool {
    let value = prediction.value, result = value[output], actual = pair.actual[output]
    let size = max(1, value.size / max(pair.planted.exact.size, .leastNormalMagnitude))
    let allowed = prediction.slack + pair.limits.max() * size + call.type.ulp(of: result)
    return call.type.distance(actual, result) <= allowed
  }
}

extension ElementType {
  /// The distance between two results; an infinity counts as the number that would follow the largest finite one.
  fileprivate func distance(_ first: Double, _ second: Double) -> Double {
    let end = greatestFiniteMagnitude + ulp(of: greatestFiniteMagnitude)
    return (min(max(first, -end), end) - min(max(second, -end), end)).magnitude
  }
}

extension KnownMistake {
  /// The name, and those of mistakes that the case cannot tell from it.
  var allNames: [String] { [name] + indistinguishable }
}

extension SIMD2<Double> {
  fileprivate var isFinite: Bool { x.isFinite && y.isFinite }
}
