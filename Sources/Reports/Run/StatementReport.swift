public import Conformance

/// What a diagnosis says of one tensor or of both.
public struct StatementReport: Codable, Sendable, Equatable {
  /// What explains the outputs.
  public enum Kind: String, Codable, Sendable {
    case mistake, rounding, confined, unknown
  }

  /// A mistake of the catalogue, and what remains beside it.
  public struct Mistake: Codable, Sendable, Equatable {
    public let name: String
    public let summary: String
    /// The published bugs that are this mistake.
    public let bugs: [String]
    /// Mistakes that compute the same on this case.
    public let indistinguishable: [String]
    /// The largest error beside what the mistake computes exactly, absolute and as a multiple of its limit.
    public let residual: Double
    public let residualSeverity: Double
    /// The parts of the convention that the outputs have and of that which the model needs, where these differ.
    public private(set) var computed: [String]?
    public private(set) var needed: [String]?

    init(_ known: Diagnosis.KnownMistake) {
      name = known.name
      summary = known.summary
      bugs = known.bugs
      indistinguishable = known.indistinguishable
      residual = known.residual
      residualSeverity = known.residualSeverity
      if let convention = known.convention {
        let (computed, needed) = (convention.computed.words, convention.needed.words)
        self.computed = computed.filter { !needed.contains($0) }
        self.needed = needed.filter { !computed.contains($0) }
      }
    }
  }

  /// The values along one axis that hold every failed element.
  public struct Place: Codable, Sendable, Equatable {
    public let axis: ErrorProfile.Axis
    /// Ascending.
    public let values: [Int64]
    /// How many values the axis has in the case.
    public let valueCount: Int
  }

  /// The tensors that it explains.
  public let tensors: [TensorName]
  /// The run of which it is said, counted from 1, where that is a later one that differs from the first.
  public let run: Int?
  public let kind: Kind
  /// All of it in words.
  public let text: String
  /// What the outputs are, where that is a known mistake, or the rounding of a known computation.
  public private(set) var mistake: Mistake?
  /// The wider budget that holds, where the outputs are right but for rounding.
  public private(set) var budget: BudgetReport?
  /// Where every failed element is, where that is not everywhere.
  public private(set) var places: [Place]?

  init(_ statement: Diagnosis.Statement) {
    tensors = statement.tensors
    run = statement.run
    text = statement.words
    switch statement.cause {
    case .mistake(let known):
      kind = .mistake
      mistake = Mistake(known)
    case .rounding(let budget, let like):
      kind = .rounding
      mistake = like.map(Mistake.init)
      self.budget = BudgetReport(budget)
    case .confined(let places):
      kind = .confined
      self.places = places.map { Place(axis: $0.axis, values: $0.values, valueCount: $0.valueCount) }
    case .unknown:
      kind = .unknown
    }
  }
}

extension ErrorProfile.Axis: Codable {}
