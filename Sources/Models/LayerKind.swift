public import RoPE

/// The layers of a model that rotate alike.
public struct LayerKind: Sendable, Equatable {
  /// What tells them from the model's other layers, such as `local` or `nope`; nil where all are alike.
  public internal(set) var name: String?
  /// Their convention.
  public let configuration: Configuration
  /// Query heads of a layer.
  public let queryHeads: Int
  /// Key heads of a layer.
  public let keyHeads: Int
  /// Which layers they are, from 0, where the file tells kinds apart by layer.
  public let layers: [Int]?

  init(_ name: String?, _ configuration: Configuration, _ heads: HeadGeometry, layers: [Int]? = nil) {
    self.name = name
    self.configuration = configuration
    queryHeads = heads.query
    keyHeads = heads.key
    self.layers = layers
  }
}
