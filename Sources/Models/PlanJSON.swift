import Foundation
import RoPE

/// A plan written in JSON, for a convention that no model family has.
///
/// The pairs follow a rule, on one or more position axes, and the frequencies a formula with `base` and optionally
/// `dimension` (the denominator of the exponent, by default twice the number of pairs):
///
/// ```json
/// {
///   "head_dim": 128,
///   "pairs": { "rule": "interleaved", "count": 4, "offset": 64, "output_rule": "half" },
///   "axes": [0, 0, 1, 1],
///   "frequencies": { "base": 10000, "rope_type": "linear", "factor": 8 },
///   "attention_factor": 1.2
/// }
/// ```
///
/// Or the pairs are listed by channel, `[in, in]` or `[in, in, out, out]`, and the frequencies in radians per position:
///
/// ```json
/// { "head_dim": 6, "pairs": [[0, 3], [1, 4, 4, 1]], "axes": [0, 1], "frequencies": [1, 0.01] }
/// ```
///
/// `axes` has an axis for each pair; by default axis 0 drives all pairs. `axis_count` is by default one more than the
/// largest axis. A scaling has the keys of a model's `rope_parameters`; `attention_factor` by default follows from it.
/// A key that begins with `_` is a remark; any other unknown key is an error.
package struct PlanJSON: Sendable {
  /// The plan that the file describes.
  package let plan: ExplicitPlan
  /// The default values of a scaling for keys that the file leaves out.
  package let defaults: [DefaultValue]

  /// Reads a file.
  ///
  /// - Throws: ``ModelConfigError`` naming the file, the key and the value.
  package init(contentsOf path: String) throws {
    try self.init(json: ModelConfig.contents(of: path), file: path)
  }

  /// Reads the text of a file.
  ///
  /// `file` is the name of the file in errors.
  ///
  /// - Throws: ``ModelConfigError`` naming the file, the key and the value.
  package init(json: Data, file: String = "plan") throws {
    let remarks = Remarks()
    let root = ConfigObject(
      file: file, path: "", values: try JSONValue.object(of: json, file: file), defaults: .none, remarks: remarks)
    try root.checkKeys(["head_dim", "pairs", "axes", "axis_count", "frequencies", "attention_factor"])
    let headDimension = try root.channels("head_dim", for: "it is the number of channels of a head")
    let pairs = try root.pairs()
    var plan = ExplicitPlan(
      headDimension: headDimension, pairs: pairs, axes: [], axisCount: 1, frequencies: .list([]))
    let axes = try root.ints("axes")
    plan.axisCount = try root.int("axis_count") ?? max(0, min(axes?.max() ?? 0, .max - 1)) + 1
    // At most as many zeros as fit in a head, whatever count a rule gives.
    plan.axes = axes ?? Array(repeating: 0, count: min(plan.pairCount, headDimension))
    (plan.frequencies, plan.attentionFactor) = try root.frequencies(count: plan.pairCount)
    do {
      _ = try Plan(plan)
    } catch let error as PlanError {
      throw ModelConfigError.plan(file: file, error)
    }
    self.plan = plan
    defaults = remarks.defaults
  }

  /// The plan under a name.
  package func model(named name: String, source: String) -> Model {
    Model(name: name, source: source, convention: .explicit(plan), defaults: defaults)
  }
}

extension Plan {
  /// The normal form of a plan in JSON, as ``PlanJSON`` reads it.
  ///
  /// `file` is the name of the file in errors. `length` is the largest position of the call plus one, on which dynamic
  /// NTK and LongRoPE depend.
  ///
  /// - Throws: ``ModelConfigError`` naming the file, the key and the value.
  package init(json: Data, file: String = "plan", length: Int = 1) throws {
    try self.init(PlanJSON(json: json, file: file).plan, length: length)
  }
}

extension ConfigObject {
  /// Refuses keys that nothing reads, so that a misspelled key is not taken for a missing one.
  fileprivate func checkKeys(_ known: [String]) throws {
    for key in values.keys.sorted() where !key.hasPrefix("_") && !known.contains(key) {
      throw ModelConfigError.invalid(
        file: file, key: path + key, value: values[key]?.description ?? "null",
        mustBe: "left out; the keys here are \(known.joined(separator: ", "))")
    }
  }

  /// The channels of each pair, by a rule or as a list.
  fileprivate func pairs() throws -> ExplicitPlan.Pairs {
    if case .array(let list) = value("pairs") {
      return .list(
        try list.map { entry in
          let one = ConfigObject(file: file, path: path, values: ["pairs": entry], defaults: .none, remarks: remarks)
          guard case .array(let numbers) = entry, numbers.count == 2 || numbers.count == 4 else {
            throw invalid("pairs", entry, "[in, in] or [in, in, out, out]")
          }
          let channels = try one.ints("pairs") ?? []
          return ExplicitPlan.PairedChannels(
            input: Plan.Channels(channels[0], channels[1]),
            output: Plan.Channels(channels[channels.count - 2], channels[channels.count - 1]))
        })
    }
    guard let rule = try object("pairs") else { throw missing("pairs", "it says which channels rotate together") }
    try rule.checkKeys(["rule", "output_rule", "count", "offset"])
    let count = try rule.positiveInt("count", for: "it is the number of pairs")
    let input = try rule.pairing("rule")
    let output = rule.given("output_rule") == nil ? input : try rule.pairing("output_rule")
    return .rule(input, output: output, count: count, offset: try rule.int("offset") ?? 0)
  }

  private func pairing(_ key: String) throws -> Pairing {
    let name = try needed(key, string, for: "it must be half or interleaved")
    guard let pairing = Pairing(rawValue: name) else { throw invalid(key, .string(name), "half or interleaved") }
    return pairing
  }

  /// The frequencies of `count` pairs, and the attention factor if it is given, here or with the scaling.
  fileprivate func frequencies(count: Int) throws -> (ExplicitPlan.Frequencies, attentionFactor: Double?) {
    let given = try number("attention_factor")
    if case .array = value("frequencies") { return (.list(try numbers("frequencies") ?? []), given) }
    guard let formula = try object("frequencies") else {
      throw missing("frequencies", "it must be a list, or an object with base")
    }
    let parameters = RopeParameters(object: formula, config: formula, isPerLayerType: false, keys: RopeKeys())
    try formula.checkKeys(["base", "dimension", "rope_type", "type"] + parameters.type().keys)
    let base = try formula.needed("base", formula.number, for: "it is the base of the frequencies")
    guard base > 1, base.isFinite else { throw formula.invalid("base", .number(base), "finite and above 1") }
    let dimension = try formula.int("dimension") ?? 2 * min(count, 1 << 16)
    guard dimension >= 2, dimension.isMultiple(of: 2), dimension <= 1 << 17 else {
      throw formula.invalid("dimension", .number(Double(dimension)), "even, at least 2 and at most 131072")
    }
    let scaling = try parameters.scaling()
    if let given, let other = scaling.attentionFactor, given != other {
      throw contradiction("attention_factor", formula, "attention_factor")
    }
    do {
      _ = try FrequencyTable.formula(base: base, dimension: dimension, scaling: scaling.scaling)
    } catch {
      throw parameters.located(error)
    }
    return (.formula(base: base, dimension: dimension, scaling.scaling), given ?? scaling.attentionFactor)
  }
}

extension RopeType {
  /// The keys that a scaling of this type reads.
  fileprivate var keys: [String] {
    switch self {
    case .none, .mrope, .axial: []
    case .linear: ["factor"]
    case .ntk: ["alpha"]
    case .dynamic: ["factor", "max_position_embeddings"]
    case .yarn:
      [
        "factor", "original_max_position_embeddings", "max_position_embeddings", "beta_fast", "beta_slow", "truncate",
        "mscale", "mscale_all_dim", "attention_factor",
      ]
    case .llama3: ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"]
    case .longrope, .su:
      [
        "factor", "original_max_position_embeddings", "max_position_embeddings", "short_factor", "long_factor",
        "attention_factor",
      ]
    case .proportional: ["partial_rotary_factor", "factor"]
    case .normalized: ["extent"]
    }
  }
}
