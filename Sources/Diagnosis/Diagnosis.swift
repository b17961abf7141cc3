import Judging
import RoPE

/// The cause of the errors of a case that fails.
package struct Diagnosis: Sendable, Equatable, Codable {
  /// One statement, or one for each tensor if they differ; a tensor that conforms has none.
  package let statements: [Statement]
  /// The spread of the errors; nil if every rotated element that was examined is right.
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
  /// The later run that it is about, counted from 1; nil if it is about the first.
  package let run: Int?

  package init(tensors: [TensorName], cause: Cause, run: Int? = nil) {
    self.tensors = tensors
    self.cause = cause
    self.run = run
  }

  /// The same statement about a later run.
  func of(run: Int) -> Statement { Statement(tensors: tensors, cause: cause, run: run) }
}

/// An explanation of the outputs of one tensor or several.
package enum Cause: Sendable, Equatable {
  /// The outputs match a known mistake.
  case mistake(KnownMistake)
  /// The outputs are right except for more rounding than allowed: this wider budget holds. If a known computation
  /// rounds like this, it is named.
  case rounding(Budget, like: KnownMistake?)
  /// No known mistake fits; every failing element is in these regions.
  case confined([Region])
  /// No known mistake fits, and the errors are everywhere.
  case unknown

  /// The mistake that is named, either as such or as a computation that rounds like this.
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
  /// The behaviour of an implementation with it, such as
  /// `pairs the channels 2i and 2i+1 where i and i+n belong together`.
  package let summary: String
  /// The published bugs that are this mistake, such as `B04`.
  package let bugs: [String]
  /// Mistakes that compute the same on this case, so that it cannot distinguish them.
  package let indistinguishable: [String]
  /// The largest absolute error that remains against the mistake's exact result.
  package let residual: Double
  /// The same as a multiple of its limit.
  package let residualSeverity: Double
  /// The parts of the convention, in words, that the outputs have instead of the case's; nil if the mistake is not one
  /// of convention.
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
  /// The coordinate to which the values belong.
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

  /// Encodes the parts of the statement, and all of it in words as `text`.
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
