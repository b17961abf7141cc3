public import Foundation
public import RoPE

extension Plan {
  /// A plan written in JSON, for a convention that no model family has.
  ///
  /// Pairs by rule, on one position axis or more; the frequencies by a formula, `base` and optionally `dimension` (the
  /// denominator of the exponent, else twice the number of pairs):
  ///
  /// ```json
  /// {
  ///   "head_dim": 128,
  ///   "pairs": { "rule": "interleaved", "count": 32, "offset": 64, "output_rule": "half" },
  ///   "axes": [0, 0, 1, 1],
  ///   "frequencies": { "base": 10000, "rope_type": "linear", "factor": 8 },
  ///   "attention_factor": 1.2
  /// }
  /// ```
  ///
  /// Or pairs by index, `[in, in]` or `[in, in, out, out]`, and the frequencies by a list in radians per position:
  ///
  /// ```json
  /// { "head_dim": 6, "pairs": [[0, 3], [1, 4, 4, 1]], "axes": [0, 1], "frequencies": [1, 0.01] }
  /// ```
  ///
  /// `axes` has an axis for each pair; without it all are driven by axis 0. `axis_count` is one more than the largest
  /// of them unless given. A scaling has the keys of a model's `rope_parameters`; `attention_factor` is what follows
  /// from it unless given.
  ///
  /// - Parameter file: the name that errors give.
  /// - Throws: ``ModelConfigError`` naming the file, the key and the value.
  public init(json: Data, file: String = "plan") throws {
    let root = ConfigObject(
      file: file, path: "", values: try JSONValue.object(of: json, file: file), defaults: .none,
      remarks: Remarks())
    let headDimension = try root.channels("head_dim", for: "the channels of a head")
    let channels = try root.pairedChannels(headDimension: headDimension)
    let axes = try root.ints("axes") ?? Array(repeating: 0, count: channels.count)
    guard axes.count == channels.count else {
      throw ModelConfigError.invalid(
        file: file, key: "axes", value: "of \(axes.count) axes", mustBe: "of \(channels.count), one for each pair")
    }
    let (table, factor) = try root.frequencies(count: channels.count)
    let given = try root.number("attention_factor")
    do {
      try self.init(
        headDimension: headDimension,
        pairs: channels.enumerated().map { index, channels in
          Pair(
            input: channels.input, output: channels.output, axis: axes[index],
            frequency: Frequency(table: table, index: index))
        },
        attentionFactor: given.map { .value($0) } ?? factor,
        axisCount: try root.int("axis_count") ?? max(0, axes.max() ?? 0) + 1)
    } catch let error as PlanError {
      throw ModelConfigError.plan(file: file, error)
    }
  }
}

extension ConfigObject {
  /// The channels of each pair, by a rule or one by one.
  fileprivate func pairedChannels(headDimension: Int) throws -> [(input: Plan.Channels, output: Plan.Channels)] {
    if case .array(let list) = value("pairs") {
      return try list.map { entry in
        guard case .array(let numbers) = entry, numbers.count == 2 || numbers.count == 4 else {
          throw invalid("pairs", entry, "[in, in] or [in, in, out, out]")
        }
        let one = ConfigObject(file: file, path: path, values: ["pairs": entry], defaults: .none, remarks: remarks)
        let channels = try one.ints("pairs") ?? []
        return (
          Plan.Channels(channels[0], channels[1]),
          Plan.Channels(channels[channels.count - 2], channels[channels.count - 1])
        )
      }
    }
    guard let rule = try object("pairs") else { throw missing("pairs", "which channels rotate together") }
    let count = try rule.positiveInt("count", for: "the number of pairs")
    let offset = try rule.int("offset") ?? 0
    // Before any list of pairs is made.
    guard count <= headDimension / 2 else {
      throw rule.invalid("count", .number(Double(count)), "at most half of head_dim \(headDimension)")
    }
    guard offset >= 0, offset <= headDimension - 2 * count else {
      throw rule.invalid("offset", .number(Double(offset)), "at least 0 and at most \(headDimension - 2 * count)")
    }
    let input = try rule.pairing("rule")
    let output = rule.given("output_rule") == nil ? input : try rule.pairing("output_rule")
    return (0..<count).map {
      (input.channels(ofPair: $0, of: count, from: offset), output.channels(ofPair: $0, of: count, from: offset))
    }
  }

  private func pairing(_ key: String) throws -> Pairing {
    let name = try needed(key, string, for: "half or interleaved")
    guard let pairing = Pairing(rawValue: name) else { throw invalid(key, .string(name), "half or interleaved") }
    return pairing
  }

  /// The table of the pairs' frequencies, and the attention factor that follows from its scaling.
  fileprivate func frequencies(count: Int) throws -> (FrequencyTable, AttentionFactor) {
    if case .array = value("frequencies") {
      let values = try numbers("frequencies") ?? []
      guard values.count == count else {
        throw ModelConfigError.invalid(
          file: file, key: path + "frequencies", value: "of \(values.count) numbers",
          mustBe: "of \(count), one for each pair")
      }
      return (.list(values), .value(1))
    }
    guard let formula = try object("frequencies") else {
      throw missing("frequencies", "a list, or an object with base")
    }
    let base = try formula.needed("base", formula.number, for: "the base of the frequencies")
    guard base > 1, base.isFinite else { throw formula.invalid("base", .number(base), "finite and above 1") }
    let parameters = RopeParameters(object: formula, config: formula, isPerLayerType: false, keys: RopeKeys())
    let scaling = try parameters.scaling(), dimension = try formula.int("dimension") ?? 2 * count
    do {
      let table = try FrequencyTable.formula(
        base: base, dimension: dimension, scaling: scaling.scaling, length: try formula.int("length") ?? 1)
      return (table, scaling.attentionFactor.map { .value($0) } ?? scaling.scaling.attentionFactor)
    } catch ConfigurationError.rotaryDimension(let value, _) {
      throw formula.invalid("dimension", .number(Double(value)), "even and at least 2")
    } catch let error as ConfigurationError {
      throw parameters.located(error)
    }
  }
}
