import RoPE

/// The invariants as inequalities: the deviation that the error of each rotation allows.
///
/// In all of them `x` is an exact input, and `t` the turn of a call with `|t| = A`; under the table contract, `|t|` is
/// the size of the table's pair of values. The backend returns `y = t·x + ε`, read as a complex number, with `|ε| ≤
/// e(x)` and `e` from ``error(norm:_:)``, which includes the rounding of the output to its type. If the contract rounds
/// angles or a table, turns that are equal in real arithmetic differ by an amount `d`, which the backend's inputs
/// determine; the deviation that `d` explains is subtracted. Under the position contract `d` is 0.
///
/// The comparison is in float64; its roundings are below 2⁻²⁰ of any limit of at most 24 bits, and ignored.
extension InvariantTrial {
  /// The largest deviation from an invariant.
  ///
  /// - Throws: ``UnsupportedCall``, or any error of the backend.
  func largestDeviation(from invariant: Invariant) throws -> InvariantDeviation {
    let deviation =
      switch invariant {
      case .pairNorms: try pairNorms()
      case .composition: try composition()
      case .inverse: try inverse()
      case .relativePositions: try relativePositions()
      case .pairingStyles: try pairingStyles()
      case .adjoint: try adjoint()
      }
    guard let deviation else { throw InvariantError.nothingRotates }
    return deviation
  }

  /// `||y| − A·|x|| ≤ e(x)`, because `||t·x + ε| − |t·x|| ≤ |ε|`.
  private func pairNorms() throws -> InvariantDeviation? {
    let angles = angles(positions), input = inputs(0)
    let output = HeadValues(try rotate(input, plan, angles), plan), values = HeadValues(input, plan)
    return largest { place in
      let pair = plan.pairs[place.pair], turn = turn(angles, token: place.row.token, pair: place.pair)
      let norm = values.pair(place, pair.input).norm
      return (
        (output.pair(place, pair.output).norm - turn.gain * norm).magnitude, error(norm: norm, turn)
      )
    }
  }

  /// With `y = R_p x`, `z = R_q y` and `w = R_{p+q} x`:
  /// `|z − A·w| − d·|x| ≤ |t_q|·e(x) + e(y) + A·e(x)`, `d = |t_q·t_p − A·t_{p+q}|`.
  private func composition() throws -> InvariantDeviation? {
    let first = angles(positions), second = angles(otherPositions)
    let sum = angles(
      Positions(zip(positions.values, otherPositions.values).map { $0 + $1 }, axisCount: positions.axisCount))
    let input = inputs(0)
    let once = try rotate(input, plan, first)
    let twice = HeadValues(try rotate(once, plan.onOutputs, second), plan)
    let direct = HeadValues(try rotate(input, plan, sum), plan)
    let values = HeadValues(input, plan), between = HeadValues(once, plan)
    return largest { place in
      let pair = plan.pairs[place.pair]
      let turns = [first, second, sum].map { turn($0, token: place.row.token, pair: place.pair) }
      let norm = values.pair(place, pair.input).norm
      let difference = (turns[0] * turns[1]).distance(to: turns[2].scaled(by: attentionFactor))
      let deviation = twice.pair(place, pair.output).distance(
        to: direct.pair(place, pair.output), times: attentionFactor)
      return (
        deviation.beyond(difference * norm),
        turns[1].gain * error(norm: norm, turns[0])
          + error(norm: between.pair(place, pair.output).norm, turns[1])
          + attentionFactor * error(norm: norm, turns[2])
      )
    }
  }

  /// With `y = R_p x` and `z = R_{−p} y`: `|z − |t|²·x| ≤ |t|·e(x) + e(y)`.
  ///
  /// The contract rounds `−p` as it does `p`.
  private func inverse() throws -> InvariantDeviation? {
    let forward = angles(positions), backward = forward.running(.inverse), input = inputs(0)
    let once = try rotate(input, plan, forward)
    let back = HeadValues(try rotate(once, plan.onOutputs, backward), plan)
    let values = HeadValues(input, plan), between = HeadValues(once, plan)
    return largest { place in
      let pair = plan.pairs[place.pair], turn = turn(forward, token: place.row.token, pair: place.pair)
      let exact = values.pair(place, pair.input)
      return (
        back.pair(place, pair.output).distance(to: exact, times: turn.gain * turn.gain),
        turn.gain * error(norm: exact.norm, turn)
          + error(norm: between.pair(place, pair.output).norm, turn.conjugate)
      )
    }
  }

  /// For Q of a token and K of the next one in its row, at `p` and `r`: each product of two pairs errs by at most
  /// `|t_p·q|·e(k) + |t_r·k|·e(q) + e(q)·e(k)`.
  ///
  /// The exact products differ by at most `d·|q|·|k|`, `d = |t̄_p·t_r − t̄_{p+s}·t_{r+s}|`.
  private func relativePositions() throws -> InvariantDeviation? {
    let near = angles(positions), far = angles(shiftedPositions), input = inputs(0)
    let values = HeadValues(input, plan)
    let outputs = try [near, far].map { HeadValues(try rotate(input, plan, $0), plan) }
    return largest { place in
      // K is measured as the partner of Q.
      guard place.row.tensor == .query else { return (0, 0) }
      let pair = plan.pairs[place.pair]
      let batchRow = place.row.token / Self.sequence * Self.sequence
      let partner = PairIndex(
        row: RowIndex(
          tensor: .key, token: batchRow + (place.row.token + 1) % Self.sequence,
          head: place.row.head * Self.heads.key / Self.heads.query), pair: place.pair)
      let query = values.pair(place, pair.input).norm, key = values.pair(partner, pair.input).norm
      var limit = 0.0, products: [Double] = [], differences: [Turn] = []
      for (angles, output) in zip([near, far], outputs) {
        let queryTurn = turn(angles, token: place.row.token, pair: place.pair)
        let keyTurn = turn(angles, token: partner.row.token, pair: place.pair)
        let queryError = error(norm: query, queryTurn), keyError = error(norm: key, keyTurn)
        limit +=
          queryTurn.gain * query * keyError + keyTurn.gain * key * queryError + queryError * keyError
        products.append(output.pair(place, pair.output).dot(output.pair(partner, pair.output)))
        differences.append(queryTurn.conjugate * keyTurn)
      }
      return (
        (products[0] - products[1]).magnitude.beyond(differences[0].distance(to: differences[1]) * query * key), limit
      )
    }
  }

  /// Two rotations of the same values, each wrong by at most `e(x)`: the plan's own, and one that pairs the same
  /// channels in each style.
  private func pairingStyles() throws -> InvariantDeviation? {
    let angles = angles(positions), input = inputs(0)
    let values = HeadValues(input, plan), own = HeadValues(try rotate(input, plan, angles), plan)
    let channels = plan.pairs.flatMap { [$0.input.first, $0.input.second] }.sorted()
    let deviations = try Pairing.allCases.compactMap { style in
      let styled = plan.pairs.indices.map { index in
        let place = style.channels(ofPair: index, of: plan.pairs.count, from: 0)
        return Plan.Channels(channels[place.first], channels[place.second])
      }
      let output = HeadValues(
        try rotate(permuted(input, to: styled), plan.withChannels { (styled[$0], styled[$0]) }, angles), plan)
      return largest { place in
        let pair = plan.pairs[place.pair], turn = turn(angles, token: place.row.token, pair: place.pair)
        return (
          output.pair(place, styled[place.pair]).distance(to: own.pair(place, pair.output)),
          2 * error(norm: values.pair(place, pair.input).norm, turn)
        )
      }
    }
    return deviations.max { $0.severity < $1.severity }
  }

  /// Moves the values of each pair's input channels to other channels; the channels of no pair stay.
  private func permuted(
    _ input: PerTensor<ElementArray>, to channels: [Plan.Channels]
  ) -> PerTensor<ElementArray> {
    input.map { tensor in
      var result = tensor
      for row in stride(from: 0, to: tensor.count, by: plan.headDimension) {
        for (pair, target) in zip(plan.pairs, channels) {
          result[row + target.first] = tensor[row + pair.input.first]
          result[row + target.second] = tensor[row + pair.input.second]
        }
      }
      return result
    }
  }

  /// With `y = R x` and `z = Rᵀ g`, for each pair, because the whole product is a sum over pairs:
  /// `|y·g − x·z| ≤ |g|·e(x) + |x|·e(g)`.
  private func adjoint() throws -> InvariantDeviation? {
    let forward = angles(positions), input = inputs(0), gradient = inputs(1)
    let output = HeadValues(try rotate(input, plan, forward), plan)
    let transposed = HeadValues(
      try rotate(gradient, plan.running(.inverse), forward.running(.inverse)), plan)
    let values = HeadValues(input, plan), gradients = HeadValues(gradient, plan)
    return largest { place in
      let pair = plan.pairs[place.pair], turn = turn(forward, token: place.row.token, pair: place.pair)
      let x = values.pair(place, pair.input), g = gradients.pair(place, pair.output)
      return (
        (output.pair(place, pair.output).dot(g) - x.dot(transposed.pair(place, pair.input))).magnitude,
        g.norm * error(norm: x.norm, turn) + x.norm * error(norm: g.norm, turn.conjugate)
      )
    }
  }
}

extension Double {
  /// The part of a deviation above an explained amount; NaN if the deviation is NaN.
  fileprivate func beyond(_ explained: Double) -> Double { self <= explained ? 0 : self - explained }
}
