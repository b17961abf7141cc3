import RoPE

/// The keys from which a family reads its rotation.
struct RopeKeys: Sendable {
  /// The key of the base at the top level of the older form.
  var theta = "rope_theta"
  /// The key of the rotating share at the top level of the older form.
  var partial = "partial_rotary_factor"
  /// True if the class rotates only that share; other classes rotate the whole head whatever the file says.
  var honoursPartial = false
  /// Types that the class rewrites to others, by their names in the file.
  var rewrites: [String: String] = [:]
  /// True if `alpha` makes type `dynamic` a constant change of the base (Hunyuan).
  var alphaIsStatic = false
}

/// The rotary parameters of one layer kind, from either form of config.json.
///
/// Form 1 has `rope_theta`, `partial_rotary_factor` and `rope_scaling` side by side; form 2, since transformers 5, has
/// all of them in `rope_parameters`, which may hold one object for each layer type. As in transformers 5.23.0
/// `RotaryEmbeddingConfigMixin`, an object's own values come first, then the top level, then the class default; two
/// given values that differ are an error here.
struct RopeParameters {
  /// The object that the scaling is read from; empty if the file has none.
  let object: ConfigObject
  /// The enclosing object.
  let config: ConfigObject
  /// True if the file has an object for each layer type.
  let isPerLayerType: Bool
  let keys: RopeKeys
  /// True if the class keeps the parameters for each layer type, whatever the form of the file.
  var isNestedByClass = false
  /// The `truncate` next to the objects of the layer types.
  var outerTruncate: Bool?

  /// The same parameters, read by other keys.
  func with(_ keys: RopeKeys) -> RopeParameters {
    RopeParameters(
      object: object, config: config, isPerLayerType: isPerLayerType, keys: keys, outerTruncate: outerTruncate)
  }
}

extension ConfigObject {
  /// The names of layer types in `layer_types`, which are the keys of `rope_parameters` in its nested form.
  static let layerTypes = ["full_attention", "sliding_attention", "chunked_attention", "linear_attention"]

  /// The rotary parameters, or those of one layer type if the file has them for each.
  func ropeParameters(_ keys: RopeKeys = RopeKeys(), layerType: String? = nil) throws -> RopeParameters {
    watch { key in ["rope", "rotary", "partial_rotary", "mrope"].contains { key.hasPrefix($0) } }
    let old = try given("rope_scaling").flatMap { _ in try object("rope_scaling") }
    let whole: ConfigObject
    if let old, !old.values.isEmpty {
      if let new = given("rope_parameters"), new != .object(old.values) {
        throw contradiction("rope_scaling", self, "rope_parameters")
      }
      whole = old
    } else {
      whole = try object("rope_parameters") ?? noParameters
    }
    whole.watch()
    guard Self.layerTypes.contains(where: { whole.values[$0] != nil }) else {
      return RopeParameters(object: whole, config: self, isPerLayerType: false, keys: keys)
    }
    guard let layerType else {
      throw invalid(
        "rope_parameters", .object(whole.values), "one object, because all layers of this family rotate alike")
    }
    guard let object = try whole.object(layerType) else {
      throw whole.missing(layerType, "it holds the rotary parameters of these layers")
    }
    object.watch()
    return RopeParameters(
      object: object, config: self, isPerLayerType: true, keys: keys, outerTruncate: try whole.bool("truncate"))
  }
}

extension ConfigObject {
  /// Parameters from the top level alone, without a scaling.
  func unscaled(_ keys: RopeKeys) -> RopeParameters {
    RopeParameters(object: noParameters, config: self, isPerLayerType: false, keys: keys)
  }

  private var noParameters: ConfigObject {
    ConfigObject(file: file, path: "\(path)rope_parameters.", values: [:], defaults: .none, remarks: remarks)
  }
}

extension RopeParameters {
  /// The base θ.
  func base() throws -> Double {
    let (key, object) = try place(of: "rope_theta", topLevel: keys.theta)
    let base = try object.needed(key, object.number, for: "it is the base of the frequencies")
    guard base > 1, base.isFinite else { throw object.invalid(key, .number(base), "finite and above 1") }
    return base
  }

  /// The number of channels that rotate: `Int(head dimension · partial_rotary_factor)`, in float64 as in transformers.
  func rotaryDimension(of headDimension: Int) throws -> Int {
    let (key, object) = try place(of: "partial_rotary_factor", topLevel: keys.partial)
    guard keys.honoursPartial else {
      try noteIgnored(key, of: object)
      return headDimension
    }
    guard object.value(key) != nil else {
      config.remarks.add(config.path + keys.partial, 1, source: config.defaults.source)
      return headDimension
    }
    let share = try object.needed(key, object.number, for: "it is the share of channels that rotate")
    guard share > 0, share <= 1 else { throw object.invalid(key, .number(share), "above 0 and at most 1") }
    let dimension = Int(Double(headDimension) * share)
    guard dimension >= 2, dimension.isMultiple(of: 2) else {
      throw object.invalid(
        key, .number(share), "a share that leaves an even number of \(headDimension) channels, not \(dimension)")
    }
    return dimension
  }

  /// Notes that these classes ignore a share below 1; refuses one with a scaling other than `proportional`.
  private func noteIgnored(_ key: String, of object: ConfigObject) throws {
    guard let share = object.given(key), share != 1, try type() != .proportional else { return }
    guard try type() == .none else {
      throw object.invalid(key, share, "1 with this scaling, because \(config.defaults.source) rotates the whole head")
    }
    object.note(key, "is ignored: \(config.defaults.source) rotates the whole head")
  }

  /// The error in terms of the file: it names the key that holds the value, if there is one.
  func located(_ error: ConfigurationError) -> ModelConfigError {
    switch error {
    case .scaling(let parameter, let value, let requirement):
      // A list element's name has the index after the key.
      let key = String(parameter.prefix { $0 != "[" })
      guard let holder = [object, config].first(where: { $0.given(key) != nil }) else { break }
      return .invalid(file: object.file, key: holder.path + parameter, value: value, mustBe: requirement)
    case .attentionFactor(let value):
      return object.invalid("attention_factor", .number(value), "finite and greater than 0")
    default: break
    }
    return .configuration(file: object.file, layerKind: nil, error)
  }

  /// The object that gives a value: the parameters, or else the top level, where the class default is too.
  private func place(of key: String, topLevel: String) throws -> (key: String, object: ConfigObject) {
    guard let inner = object.given(key) else { return (topLevel, config) }
    if let outer = config.given(topLevel), outer != inner, !isPerLayerType {
      throw object.contradiction(key, config, topLevel)
    }
    return (key, object)
  }
}
