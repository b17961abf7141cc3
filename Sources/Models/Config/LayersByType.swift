import RoPE

/// The attention type of each layer; layers of one type rotate alike.
struct LayersByType {
  private(set) var types: [String]

  private static let names = ["full_attention": "global", "sliding_attention": "local"]

  /// Makes the last layer one of full attention, as Gemma4TextConfig does.
  mutating func makeLastGlobal() {
    if !types.isEmpty { types[types.count - 1] = "full_attention" }
  }

  /// A model for each attention type in use, `global` before `local`.
  func models(_ read: (_ type: String) throws -> (Configuration, HeadGeometry)) rethrows -> [Model] {
    try ["full_attention", "sliding_attention"].compactMap { type in
      let layers = types.indices.filter { types[$0] == type }
      guard !layers.isEmpty else { return nil }
      let (configuration, heads) = try read(type)
      return Model(Self.names[type], configuration, heads, layers: layers)
    }
  }

  /// A model for the layers that rotate, whose entry is true, and one for the layers that do not.
  static func models(rotating: [Bool], _ configuration: Configuration, _ heads: HeadGeometry) -> [Model] {
    let still = Configuration.withoutRoPE(headDimension: configuration.headDimension)
    return [("rope", true, configuration), ("nope", false, still)].compactMap { name, rotates, configuration in
      let layers = rotating.indices.filter { rotating[$0] == rotates }
      return layers.isEmpty ? nil : Model(name, configuration, heads, layers: layers)
    }
  }
}

extension ConfigObject {
  /// `layer_types`; if it is missing, each layer whose number (from 1) is a multiple of an interval has full attention.
  ///
  /// `interval` is the key of the interval.
  func layersByType(every interval: String = "sliding_window_pattern") throws -> LayersByType {
    if let types = try strings("layer_types") {
      if let unknown = types.first(where: { $0 != "full_attention" && $0 != "sliding_attention" }) {
        throw invalid("layer_types", .string(unknown), "full_attention or sliding_attention")
      }
      try checkCount(types.count, of: "layer_types")
      return LayersByType(types: types)
    }
    let pattern = try positiveInt(interval, for: "it says which layers have full attention")
    return LayersByType(
      types: try layerIndices().map { ($0 + 1).isMultiple(of: pattern) ? "full_attention" : "sliding_attention" })
  }

  /// For each layer, true if it rotates.
  ///
  /// `no_rope_layers` has 1 for such a layer; if that key is missing or empty, all rotate except every
  /// `no_rope_layer_interval`-th.
  func rotatingLayers() throws -> [Bool] {
    if let list = try ints("no_rope_layers"), !list.isEmpty {
      try checkCount(list.count, of: "no_rope_layers")
      if let other = list.first(where: { $0 != 0 && $0 != 1 }) {
        throw invalid("no_rope_layers", .number(Double(other)), "a list of 1 (rotates) and 0 (does not)")
      }
      return list.map { $0 == 1 }
    }
    let interval = try positiveInt("no_rope_layer_interval", for: "it says which layers do not rotate")
    return try layerIndices().map { !($0 + 1).isMultiple(of: interval) }
  }

  /// The indices of the layers.
  ///
  /// An absurdly large number is refused here, before it exhausts memory.
  func layerIndices() throws -> Range<Int> {
    let count = try positiveInt("num_hidden_layers", for: "it says how many layers there are")
    guard count <= 10_000 else { throw invalid("num_hidden_layers", .number(Double(count)), "at most 10000") }
    return 0..<count
  }

  private func checkCount(_ count: Int, of key: String) throws {
    guard given("num_hidden_layers") != nil, let layers = try int("num_hidden_layers"), layers != count else { return }
    throw ModelConfigError.invalid(
      file: file, key: path + key, value: "with \(count) entries", mustBe: "a list of \(layers), one for each layer")
  }
}
