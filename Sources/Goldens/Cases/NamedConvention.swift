public import Models
public import RoPE

/// What goldens are generated for: a convention, under the name that its file and its cases have.
public struct NamedConvention: Sendable {
  /// The first part of the names of its cases.
  public let name: String
  /// Where the values come from.
  public let source: String
  /// What rotates.
  public let convention: Convention
  /// The heads of a layer; nil where nothing says how many there are.
  public let heads: (query: Int, key: Int)?

  /// The convention of a model.
  public init(_ model: Model) {
    self.init(
      name: model.name, source: model.source, convention: .configuration(model.configuration),
      heads: (model.queryHeads, model.keyHeads))
  }

  /// A plan of one's own.
  public init(name: String, source: String, plan: ExplicitPlan) {
    self.init(name: name, source: source, convention: .explicit(plan), heads: nil)
  }

  private init(name: String, source: String, convention: Convention, heads: (query: Int, key: Int)?) {
    self.name = name
    self.source = source
    self.convention = convention
    self.heads = heads
  }

  /// The same with a layer that does not rotate.
  var withoutRoPE: NamedConvention {
    NamedConvention(
      name: name, source: source,
      convention: .configuration(.withoutRoPE(headDimension: convention.headDimension)), heads: heads)
  }
}
