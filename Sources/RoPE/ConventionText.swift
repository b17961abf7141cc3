extension Convention {
  /// The convention in words, one line for each part.
  package var words: [String] {
    switch self {
    case .configuration(let configuration): configuration.words
    case .explicit(let plan): plan.words
    }
  }
}

extension ExplicitPlan {
  /// The plan in words, one line for each part.
  fileprivate var words: [String] {
    guard pairCount > 0 else { return ["no rotation: all \(headDimension) channels of a head are copied"] }
    var lines = ["rotates \(2 * pairCount) of \(headDimension) channels of a head, by an explicit plan"]
    switch pairs {
    case .list: lines.append("pairs as listed")
    case .rule(let input, let output, let count, let offset):
      lines.append(
        "reads \(input.rawValue) pairs and writes \(output.rawValue) ones, \(count) of them from channel \(offset) on")
    }
    switch frequencies {
    case .list: lines.append("frequencies as listed")
    case .formula(let base, let dimension, let scaling):
      lines.append("base \(base), dimension \(dimension), scaling \(scaling.words)")
    }
    if let attentionFactor { lines.append("attention factor \(attentionFactor), as given") }
    let counts = (0..<axisCount).map { axis in axes.count { $0 == axis } }
    lines.append(
      "positions: " + (axisCount == 1 ? "one for each token" : "\(axisCount) axes, which drive \(counts) pairs"))
    return lines
  }
}

extension Configuration {
  /// The convention in words, one line for each part.
  fileprivate var words: [String] {
    guard rotaryDimension > 0 else { return ["no rotation: all \(headDimension) channels of a head are copied"] }
    let end = rotaryOffset + rotaryDimension - 1
    var lines = [
      rotaryDimension == headDimension
        ? "rotates all \(headDimension) channels of a head"
        : "rotates \(rotaryDimension) of \(headDimension) channels of a head, \(rotaryOffset) to \(end)"
    ]
    let pairs = rotaryDimension / 2
    switch (pairing, outputPairing) {
    case (.half, .half): lines.append("pairs half: channel i with channel i + \(halfDistance)")
    case (.interleaved, .interleaved): lines.append("pairs interleaved: channel 2i with channel 2i + 1")
    default:
      lines.append("reads \(pairing.rawValue) pairs and writes \(outputPairing.rawValue) ones, \(pairs) of them")
    }
    lines.append("base \(base), scaling \(scaling.words)")
    if let attentionFactor { lines.append("attention factor \(attentionFactor), as given") }
    lines.append("positions: \(axes.words)")
    return lines
  }

  private var halfDistance: Int {
    if case .slices(let dimensions) = axes { return (dimensions.first ?? 0) / 2 }
    return rotaryDimension / 2
  }
}

extension FrequencyScaling {
  /// The scaling with its parameters.
  package var words: String {
    switch self {
    case .none: return "none"
    case .linear(let factor): return "linear, factor \(factor)"
    case .ntk(let alpha): return "NTK-aware, alpha \(alpha), at any length"
    case .dynamic(let factor, let length): return "dynamic NTK, factor \(factor), beyond \(length) positions"
    case .yarn(let yarn):
      let mscale = [("mscale", yarn.mscale), ("mscale_all_dim", yarn.mscaleAllDim)].compactMap { name, value in
        value.map { ", \(name) \($0)" }
      }
      return "YaRN, factor \(yarn.factor), original length \(yarn.originalMaxPositionEmbeddings), beta "
        + "\(yarn.betaFast) and \(yarn.betaSlow), ends of the ramp \(yarn.truncate ? "" : "not ")rounded"
        + mscale.joined()
    case .llama3(let llama3):
      return "llama3, factor \(llama3.factor), low \(llama3.lowFreqFactor), high \(llama3.highFreqFactor), "
        + "original length \(llama3.originalMaxPositionEmbeddings)"
    case .longrope(let longrope):
      return "LongRoPE, long factors beyond \(longrope.originalMaxPositionEmbeddings) positions, "
        + "extension \(longrope.factor)"
    case .proportional(let share, let factor): return "proportional, share \(share), factor \(factor)"
    case .normalized(let extent):
      return "normalized, 2π/\(extent) times; patch p of \(extent) has position 2p + 1 − \(extent)"
    }
  }
}

extension PositionAxes {
  /// The coordinates that drive the pairs, in words.
  var words: String {
    switch self {
    case .single: "one for each token"
    case .sections(let lengths): "\(lengths.count) axes for consecutive runs of \(lengths) pairs, with one table"
    case .interleavedSections(let lengths): "3 axes in turns, for \(lengths) pairs, with one table"
    case .alternatingSections(let lengths): "axes 1 and 2 in turns, then axis 0, for \(lengths) pairs, with one table"
    case .evenOdd: "2 axes, one with the even entries of a table and one with the odd entries"
    case .blocks(let dimensions): "\(dimensions.count) axes, each with its own table, for \(dimensions) channels"
    case .slices(let dimensions): "\(dimensions.count) axes, each with its own slice, of \(dimensions) channels"
    case .alternating: "2 axes in turns, axis 1 first, each with its own table"
    }
  }
}
