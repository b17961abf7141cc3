import RoPE

extension Mutant {
  static let axes: [Mutant] = [
    Mutant(.axes, "axes-exchanged", ["B63"], "swaps the last two axes of positions, such as height and width") {
      let axisCount = $0.plan.axisCount
      return $0.mapAxes { $0 == axisCount - 1 ? axisCount - 2 : $0 == axisCount - 2 ? axisCount - 1 : $0 }
    },
    Mutant(.axes, "first-axis-only", ["B62"], "uses the first axis of positions for every pair") {
      $0.mapAxes { _ in 0 }
    },
    Mutant(
      .axes, "axes-transposed", ["B40"],
      "reads the positions of a token as neighbours, although each axis has its own row"
    ) {
      let axisCount = $0.plan.axisCount, tokenCount = $0.call.tokenCount
      guard axisCount > 1, let positions = $0.positions else { return false }
      return $0.setPositions(
        positions.indices.map { positions[$0 % tokenCount * axisCount + $0 / tokenCount] })
    },
    Mutant(.axes, "last-axis-times-1.5", [], "turns the last axis of positions by 1.5 times its angle") {
      let axes = $0.plan.pairs.map(\.axis), last = $0.plan.axisCount - 1
      return last > 0 && $0.mapFrequencies { axes[$0] == last ? 1.5 * $1 : $1 }
    },
    Mutant(.axes, "later-axes-unsigned", [], "loses the sign of positions on every axis but the first") {
      let tokenCount = $0.call.tokenCount
      guard let positions = $0.positions else { return false }
      return $0.setPositions(positions.enumerated().map { $0 < tokenCount ? $1 : abs($1) })
    },
    Mutant(
      .axes, "sections-exchanged", ["B63", "B64"],
      "treats chunked sections as interleaved ones, or the reverse"
    ) {
      $0.reconfigureAxes { axes in
        switch axes {
        case .sections(let lengths) where lengths.count == 3: .interleavedSections(lengths)
        case .interleavedSections(let lengths), .alternatingSections(let lengths): .sections(lengths)
        default: nil
        }
      }
    },
    // This is how transformers 5.23.0 computes HunYuan-VL.
    Mutant(
      .axes, "sections-over-channels", [],
      "divides the channels into sections instead of the pairs, so that the channels of a pair rotate by different axes"
    ) {
      let pairs = $0.plan.pairs
      guard case .sections(let lengths) = $0.configuration?.axes, $0.convention.pairing == .half else { return false }
      let axes = lengths.enumerated().flatMap { Array(repeating: $0.offset, count: 2 * $0.element) }
      var second = $0
      _ = second.setAxes { axes[$0 + pairs.count] }
      $0.secondPlan = second.plan
      return $0.setAxes { axes[$0] }
    },
    Mutant(
      .axes, "axes-divided-otherwise", ["B65"],
      "divides the head differently among its axes: one pair of the first axis goes to the last"
    ) {
      $0.reconfigureAxes { axes in
        guard case .blocks(var dimensions) = axes, dimensions[0] > 2 else { return nil }
        dimensions[0] -= 2
        dimensions[dimensions.count - 1] += 2
        return .blocks(dimensions)
      }
    },
    Mutant(.axes, "one-table-for-all-axes", [], "uses one frequency table for all axes, although each axis has its own")
    {
      $0.reconfigureAxes { axes in
        guard case .blocks(let dimensions) = axes else { return nil }
        return .sections(dimensions.map { $0 / 2 })
      }
    },
    Mutant(.axes, "table-for-each-axis", [], "restarts the frequency table for each axis, although all axes share one")
    {
      let dimension = $0.convention.rotaryDimension
      return $0.reconfigureAxes { axes in
        switch axes {
        case .evenOdd: .blocks([dimension / 2, dimension / 2])
        case .sections(let lengths): .blocks(lengths.map { 2 * $0 })
        default: nil
        }
      }
    },
    Mutant(
      .axes, "slices-as-blocks", [],
      "pairs channels across the whole head, although each axis has its own slice"
    ) {
      $0.reconfigureAxes { axes in
        guard case .slices(let dimensions) = axes else { return nil }
        return .blocks(dimensions)
      }
    },
    Mutant(
      .axes, "blocks-as-slices", [], "pairs channels within one slice for each axis, although pairs span the whole head"
    ) {
      $0.reconfigureAxes { axes in
        guard case .blocks(let dimensions) = axes else { return nil }
        return .slices(dimensions)
      }
    },
  ]
}

extension MutantComputation {
  /// Lets other axes drive the pairs, if the implementation reads positions.
  fileprivate mutating func mapAxes(_ change: (Int) -> Int) -> Bool {
    let pairs = plan.pairs
    return setAxes { change(pairs[$0].axis) }
  }

  /// Sets the axis of each pair by its index, if the implementation reads positions.
  fileprivate mutating func setAxes(_ axis: (Int) -> Int) -> Bool {
    guard plan.axisCount > 1, positions != nil else { return false }
    return mapPairs { index, pair in
      Plan.Pair(input: pair.input, output: pair.output, axis: axis(index), frequency: pair.frequency)
    }
  }

  /// Changes the axes; under the frequency contract, pairs keep their frequencies but may have other axes.
  fileprivate mutating func reconfigureAxes(_ change: (PositionAxes) -> PositionAxes?) -> Bool {
    let right = plan
    guard var configuration, let axes = change(configuration.axes) else { return false }
    if reconfigure({ $0.axes = axes }) { return true }
    guard !derivesFrequencies else { return false }
    configuration.axes = axes
    guard let wrong = try? Plan(configuration, length: length), wrong.pairs.count == right.pairs.count else {
      return false
    }
    return setAxes { wrong.pairs[$0].axis }
  }
}
