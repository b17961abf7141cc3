import Judging
import RoPE

/// The cause of the errors of a case that fails.
package struct Diagnosis: Sendable, Equatable, Codable {
  /// One statement, or one for each tensor where they differ; a tensor that conforms has none.
  package let statements: [Statement]
  /// The spread of the errors; nil where the rotated elements that were looked at are right.
  package let profile: ErrorProfile?

  package init(statements: [Statement], profile: ErrorProfile?) {
    self.statements = statements
    self.profile = profile
  }
}

/// One sentence of a diagnosis: some tensors, and their cause.
package struct Statement: Sendable, Equatable {
  /// The tensors that it explains.
  package let tensors: [TensorName]
  /// The cause of their errors.
  package let cause: Cause
  /// The run of which it is said, counted from 1, where that is a later one that differs from the first.
  package let run: Int?

  package init(tensors: [TensorName], cause: Cause, run: Int? = nil) {
    self.tensors = tensors
    self.cause = cause
    self.run = run
  }

  /// The statement of a later run.
  func of(run: Int) -> Statement { Statement(tensors: tensors, cause: cause, run: run) }
}

/// An explanation of the outputs of one tensor or several.
package enum Cause: Sendable, Equatable {
  /// They are what a known mistake computes.
  case mistake(KnownMistake)
  /// They are right but for more rounding than allowed: this wider budget holds. Where it is the rounding of a known
  /// computation, that is named.
  case rounding(Budget, like: KnownMistake?)
  /// No known mistake fits; the elements that fail are in these regions, and no other does.
  case confined([Region])
  /// No known mistake fits, and the errors are everywhere.
  case unknown

  /// The mistake that is named, as a mistake or as the rounding of a known computation.
  package var mistake: KnownMistake? {
    switch self {
    case .mistake(let mistake): mistake
    case .rounding(_, let like): like
    case .confined, .unknown: nil
    }
  }

  /// True if only rounding is wrong.
  var isRounding: Bool { if case .rounding = self { true } else { false } }
}

/// A mistake of the catalogue.
package struct KnownMistake: Sendable, Equatable, Codable {
  /// Its name, such as `pairing-swapped`.
  package let name: String
  /// The behaviour of an implementation with it, such as `pairs the channels 2i and 2i+1 where i and i+n belong together`.
  package let summary: String
  /// The published bugs that are this mistake, such as `B04`.
  package let bugs: [String]
  /// Mistakes that compute the same on this case, so that it cannot tell them apart.
  package let indistinguishable: [String]
  /// The largest error that remains beside what the mistake computes exactly, absolute.
  package let residual: Double
  /// The same as a multiple of its limit.
  package let residualSeverity: Double
  /// The parts of the convention that the outputs have in the place of the case's, in words; nil where the mistake is not
  /// one of convention.
  package let computed: [String]?
  /// The parts that the case needs instead.
  package let needed: [String]?

  package init(
    name: String, summary: String, bugs: [String], indistinguishable: [String], residual: Double,
    residualSeverity: Double, computed: [String]? = nil, needed: [String]? = nil
  ) {
    self.name = name
    self.summary = summary
    self.bugs = bugs
    self.indistinguishable = indistinguishable
    self.residual = residual
    self.residualSeverity = residualSeverity
    self.computed = computed
    self.needed = needed
  }
}

/// The values along one axis that hold every failed element.
package struct Region: Sendable, Equatable, Codable {
  /// The coordinate that the values are of.
  package let axis: ErrorProfile.Axis
  /// Ascending.
  package let values: [Double]
  /// The number of values that the axis has in this case.
  package let valueCount: Int

  package init(axis: ErrorProfile.Axis, values: [Double], valueCount: Int) {
    self.axis = axis
    self.values = values
    self.valueCount = valueCount
  }
}

extension Statement: Codable {
  private enum CodingKeys: CodingKey {
    case tensors, run, kind, text, mistake, budget, places
  }

  private enum Kind: String, Codable {
    case mistake, rounding, confined, unknown
  }

  /// The parts of the statement, and `text` for readers, all of it in words.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(tensors, forKey: .tensors)
    try values.encodeIfPresent(run, forKey: .run)
    switch cause {
    case .mistake: try values.encode(Kind.mistake, forKey: .kind)
    case .rounding(let budget, _):
      try values.encode(Kind.rounding, forKey: .kind)
      try values.encode(budget, forKey: .budget)
    case .confined(let regions):
      try values.encode(Kind.confined, forKey: .kind)
      try values.encode(regions, forKey: .places)
    case .unknown: try values.encode(Kind.unknown, forKey: .kind)
    }
    try values.encodeIfPresent(cause.mistake, forKey: .mistake)
    try values.encode(description, forKey: .text)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let cause: Cause =
      switch try values.decode(Kind.self, forKey: .kind) {
      case .mistake: .mistake(try values.decode(KnownMistake.self, forKey: .mistake))
      case .rounding:
        .rounding(
          try values.decode(Budget.self, forKey: .budget),
          like: try values.decodeIfPresent(KnownMistake.self, forKey: .mistake))
      case .confined: .confined(try values.decode([Region].self, forKey: .places))
      case .unknown: .unknown
      }
    self.init(
      tensors: try values.decode([TensorName].self, forKey: .tensors), cause: cause,
      run: try values.decodeIfPresent(Int.self, forKey: .run))
  }
}
