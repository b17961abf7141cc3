import RoPE

extension Mutant {
  static let conventions: [Mutant] = [
    Mutant(
      .convention, "pairing-swapped", ["B01", "B02", "B03", "B04", "B07"],
      "swaps the pairing: interleaved instead of half, or half instead of interleaved"
    ) {
      $0.reconfigure { configuration in
        let isMixed = configuration.pairing != configuration.outputPairing
        configuration.pairing = configuration.pairing == .half ? .interleaved : .half
        configuration.outputPairing = isMixed ? configuration.outputPairing : configuration.pairing
      }
    },
    Mutant(
      .convention, "output-in-input-order", [],
      "writes pairs where they were read, although the model writes them in another order"
    ) {
      $0.reconfigure { $0.outputPairing = $0.pairing }
    },
    Mutant(.convention, "sine-negated", ["B72"], "rotates in the wrong direction: the sine has the wrong sign") {
      $0.angles = $0.angles.running(.inverse)
      return !$0.plan.pairs.isEmpty
    },
    Mutant(.convention, "first-sine-not-negated", [], "adds instead of subtracting in the first channel of a pair") {
      $0.rotation = { x, turn, _ in SIMD2(x[0] * turn[0] + x[1] * turn[1], x[1] * turn[0] + x[0] * turn[1]) }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(.convention, "cosine-and-sine-exchanged", [], "swaps the cosine and the sine") {
      $0.rotation = { x, turn, _ in SIMD2(x[0] * turn[1] - x[1] * turn[0], x[1] * turn[1] + x[0] * turn[0]) }
      return !$0.plan.pairs.isEmpty
    },
    Mutant(
      .convention, "row-repeated-for-halves", ["B05"],
      "lays out its angles for neighbouring channels but rotates halves, so that the channels of a pair have different angles"
    ) {
      let count = $0.plan.pairs.count
      $0.angleEntry = { pair, isSecond in (isSecond ? pair + count : pair) / 2 }
      return count > 1 && $0.convention.pairing == .half
    },
    Mutant(.convention, "half-of-row-used", ["B08"], "uses the first half of its cosines and sines for both halves") {
      let count = $0.plan.pairs.count
      $0.angleEntry = { pair, _ in pair % ((count + 1) / 2) }
      return count > 1
    },
    Mutant(
      .convention, "entries-repeated", [],
      "turns pair i by the cosine and sine of pair i/2, as in a row that has each entry twice"
    ) {
      let count = $0.plan.pairs.count
      $0.angleEntry = { pair, _ in pair / 2 }
      return count > 1
    },
    Mutant(
      .convention, "exponent-of-head-dimension", ["B12"],
      "divides the exponent of a frequency by the head dimension instead of the rotary dimension"
    ) {
      let length = $0.length
      guard $0.derivesFrequencies, let configuration = $0.configuration, configuration.axes == .single,
        let table = try? FrequencyTable.formula(
          base: configuration.base, dimension: configuration.headDimension, scaling: configuration.scaling,
          length: length)
      else { return false }
      return $0.mapPairs { _, pair in
        Plan.Pair(
          input: pair.input, output: pair.output, axis: pair.axis,
          frequency: Frequency(table: table, index: pair.frequency.index))
      }
    },
    Mutant(
      .convention, "distance-of-head-dimension", ["B12", "B13"],
      "pairs channels half a head apart instead of half a rotary dimension apart"
    ) {
      let distance = $0.plan.headDimension / 2
      guard $0.convention.pairing == .half else { return false }
      return $0.mapPairs { _, pair in
        let channels = Plan.Channels(pair.input.first, pair.input.first + distance)
        return Plan.Pair(input: channels, output: channels, axis: pair.axis, frequency: pair.frequency)
      }
    },
    Mutant(
      .convention, "proportional-as-partial", ["B14"],
      "treats a proportional layout as an ordinary partial rotary embedding",
      fewCases: "only one model has the layout, and only two of its cases leave the frequencies to the kernel"
    ) {
      $0.reconfigure { configuration in
        guard case .proportional(let share, let factor) = configuration.scaling else { return }
        configuration.rotaryDimension = Int(share * Double(configuration.headDimension)) / 2 * 2
        configuration.scaling = factor == 1 ? .none : .linear(factor: factor)
      }
    },
    Mutant(
      .convention, "partial-as-proportional", [],
      "treats an ordinary partial rotary embedding as a proportional layout"
    ) {
      $0.reconfigure { configuration in
        let (rotary, head) = (configuration.rotaryDimension, configuration.headDimension)
        guard rotary < head, configuration.scaling == .none, configuration.axes == .single, head.isMultiple(of: 2)
        else { return }
        configuration.rotaryDimension = head
        configuration.rotaryOffset = 0
        configuration.scaling = .proportional(partialRotaryFactor: Double(rotary) / Double(head), factor: 1)
      }
    },
    Mutant(.convention, "whole-head-rotated", ["B15", "B16"], "rotates the whole head, not only its rotary part") {
      guard $0.derivesFrequencies else { return false }
      return $0.reconfigure { configuration in
        configuration.rotaryDimension = configuration.headDimension / 2 * 2
        configuration.rotaryOffset = 0
      }
    },
    Mutant(
      .convention, "other-end-rotated", ["B16"], "rotates the channels at the wrong end of the head"
    ) {
      $0.reconfigure { configuration in
        let rest = configuration.headDimension - configuration.rotaryDimension
        configuration.rotaryOffset = configuration.rotaryOffset == 0 ? rest : 0
      }
    },
    Mutant(.convention, "tail-zeroed", ["B15"], "writes zeros to the channels that do not rotate") { computation in
      let channels = computation.runningPlan.passThroughChannels
      computation.adjustment = { row, _ in for channel in channels { row.set(channel, to: 0, bits: 0) } }
      return !channels.isEmpty
    },
    Mutant(.convention, "nothing-rotated", ["B11"], "returns its input") {
      $0.leaveOut { _, _ in true }
    },
    Mutant(.convention, "applied-twice", ["B68"], "applies the rotation twice") {
      $0.passes = 2
      return !$0.plan.pairs.isEmpty
    },
    Mutant(
      .convention, "output-in-input-order-after-first-row", [],
      "writes pairs where they were read in every row of the batch but the first"
    ) {
      let sequence = $0.call.sequence, pairs = $0.runningPlan.pairs
      $0.adjustment = { row, index in
        guard index.token >= sequence else { return }
        let right = row
        for pair in pairs {
          row.set(pair.input.first, to: right.output[pair.output.first], bits: right.bits[pair.output.first])
          row.set(pair.input.second, to: right.output[pair.output.second], bits: right.bits[pair.output.second])
        }
      }
      $0.isHarmless = $0.call.batch == 1
      return !$0.convention.isPairedAlike
    },
    Mutant(
      .convention, "offset-of-half-head-ignored", [],
      "rotates the first half of the head, although the second half rotates"
    ) {
      $0.reconfigure { configuration in
        if 2 * configuration.rotaryDimension == configuration.headDimension { configuration.rotaryOffset = 0 }
      }
    },
    Mutant(
      .convention, "odd-pair-left-out", [], "does not rotate the last of an odd number of pairs"
    ) {
      let count = $0.plan.pairs.count
      return !count.isMultiple(of: 2) && $0.leaveOut { _, pair in pair == count - 1 }
    },
    Mutant(
      .convention, "odd-pair-rotated-twice", [],
      "rotates the last of an odd number of pairs twice, in its vector loop and after it"
    ) {
      let count = $0.plan.pairs.count
      $0.passes = 2
      $0.rotations = { _, pair in pair == count - 1 ? 2 : 1 }
      return !count.isMultiple(of: 2)
    },
    Mutant(.convention, "rotated-without-rope", [], "rotates a layer that has no RoPE, by the index of each token") {
      let dimension = $0.plan.headDimension
      guard $0.contract == .unrotated,
        let plan = try? Plan(
          Configuration(
            headDimension: dimension, rotaryDimension: dimension / 2 * 2, pairing: .half, base: 1e4))
      else { return false }
      $0.plan = plan
      $0.angles = .positions(Positions(Array(0..<$0.call.tokenCount)))
      return !plan.pairs.isEmpty
    },
  ]
}
