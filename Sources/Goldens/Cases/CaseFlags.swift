import RoPE

extension Case {
  /// The ids of published bugs that this case is made to catch, ascending.
  public var flags: [String] {
    var flags = Set(Self.flagsByWorkload[workload.name] ?? [])
    guard contract != .unrotated else { return flags.contains("B41") ? ["B41"] : [] }
    if configuration.rotaryDimension < configuration.headDimension {
      flags.formUnion(["B15", "B16"])
      if contract == .position { flags.formUnion(["B12", "B13"]) }
      // Partial rotary and strided input are each handled right by kernels that get both together wrong.
      if flags.contains("B41") { flags.insert("B18") }
    }
    if elementType != .float32 { flags.formUnion(["B27", "B28"]) }
    if contract == .position && configuration.base != 1e4 { flags.insert("B60") }
    return flags.sorted()
  }

  private static let flagsByWorkload: [String: [String]] = [
    "prompt": ["B04", "B05"],
    "position-grid": ["B19", "B20", "B22", "B26"],
    "positions-extreme": ["B22", "B26"],
    "heads-grouped": ["B10", "B17"],
    "heads-uneven": ["B10", "B17", "B43"],
    "batch": ["B29", "B31"],
    "batch-equal-rows": ["B29", "B44"],
    "batch-decode": ["B30", "B32", "B33"],
    "batch-left-padded": ["B35"],
    "ragged": ["B29"],
    "fused-qkv-in-place": ["B41", "B42"],
    "fused-qkv": ["B41", "B42"],
    "bhsd": ["B37", "B41"],
    "bhsd-in-place": ["B37", "B41"],
    "misaligned": ["B41"],
    "channels-apart": ["B41"],
    "in-place": ["B44"],
    "long": ["B26", "B45"],
  ]
}
