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

/// One sentence of a diagnosis: some tensors, the part of them that is wrong, and the cause.
package struct Statement: Sendable, Equatable {
  /// The tensors that it explains.
  package let tensors: [TensorName]
  /// The part of the tensors that the cause is about; the rest is right.
  ///
  /// Nil for all of them. Of an unknown cause, it counts the wrong elements, and has no sets if they are everywhere.
  package let place: Place?
  /// The cause of their errors.
  package let cause: Cause
  /// The later run that it is about, counted from 1; nil if it is about the first.
  package let run: Int?
  /// Changes that the case cannot tell from the first, or the only, change of the cause.
  package let alternatives: [MeasuredChange]
  /// False if the outputs were not compared with known mistakes, because there are too many.
  package let isCompared: Bool

  package init(
    tensors: [TensorName], place: Place? = nil, cause: Cause, run: Int? = nil, alternatives: [MeasuredChange] = [],
    isCompared: Bool = true
  ) {
    self.tensors = tensors
    self.place = place
    self.cause = cause
    self.run = run
    self.alternatives = alternatives
    self.isCompared = isCompared
  }

  /// The same statement about a later run.
  func of(run: Int) -> Statement {
    Statement(
      tensors: tensors, place: place, cause: cause, run: run, alternatives: alternatives, isCompared: isCompared)
  }
}

/// An explanation of the outputs of one tensor or several.
package enum Cause: Sendable, Equatable {
  /// The outputs are what the right computation gives with these changes, all at once.
  ///
  /// `residual` is the largest error against that, as a multiple of its limit. If that is too much rounding for the
  /// case, `within` is a wider budget that holds.
  case changes([Change], residual: Double, within: Budget? = nil)
  /// The outputs exceed their limits by no more than rounding does: this wider budget holds. If a known computation
  /// rounds like this, it is named.
  case rounding(Budget, like: KnownMistake?)
  /// Nothing known fits; every failing element is in the place of the statement.
  case confined
  /// Nothing known fits, and the errors are in no place that says more than their number.
  case unknown

  /// The mistakes that are named, either as such or as a computation that rounds like this.
  package var mistakes: [KnownMistake] {
    switch self {
    case .changes(let changes, _, _): changes.compactMap { if case .mistake(let mistake) = $0 { mistake } else { nil } }
    case .rounding(_, let like): like.map { [$0] } ?? []
    case .confined, .unknown: []
    }
  }

  /// The changes that were measured.
  package var measured: [MeasuredChange] {
    guard case .changes(let changes, _, _) = self else { return [] }
    return changes.compactMap { if case .measured(let change) = $0 { change } else { nil } }
  }

  /// True if it says what is computed instead of the result.
  package var isNamed: Bool { if case .changes = self { true } else { false } }

  /// True if only rounding is wrong.
  package var isRounding: Bool { if case .rounding = self { true } else { false } }
}

/// One difference from the right computation.
package enum Change: Sendable, Equatable {
  /// A mistake of the catalogue.
  case mistake(KnownMistake)
  /// A difference that was measured in the outputs.
  case measured(MeasuredChange)
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
  /// Mistakes that explain the outputs of this case as well, so that it cannot distinguish them.
  package let indistinguishable: [String]
  /// The parts of the convention, in words, that the outputs have instead of the case's; nil if the mistake is not one
  /// of convention.
  package let computed: [String]?
  /// The parts that the case needs instead.
  package let needed: [String]?

  package init(
    name: String, summary: String, bugs: [String], indistinguishable: [String], computed: [String]? = nil,
    needed: [String]? = nil
  ) {
    self.name = name
    self.summary = summary
    self.bugs = bugs
    self.indistinguishable = indistinguishable
    self.computed = computed
    self.needed = needed
  }
}

extension Statement: Codable {
  private enum CodingKeys: CodingKey {
    case tensors, run, kind, text, mistakes, measured, residual, budget, place, alternatives, isCompared
  }

  private enum Kind: String, Codable {
    case changes, rounding, confined, unknown
  }

  /// Encodes the parts of the statement, and all of it in words as `text`.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(tensors, forKey: .tensors)
    try values.encodeIfPresent(place, forKey: .place)
    try values.encodeIfPresent(run, forKey: .run)
    switch cause {
    case .changes(_, let residual, let within):
      try values.encode(Kind.changes, forKey: .kind)
      try values.encode(residual, forKey: .residual)
      try values.encodeIfPresent(within, forKey: .budget)
    case .rounding(let budget, _):
      try values.encode(Kind.rounding, forKey: .kind)
      try values.encode(budget, forKey: .budget)
    case .confined: try values.encode(Kind.confined, forKey: .kind)
    case .unknown: try values.encode(Kind.unknown, forKey: .kind)
    }
    try values.encode(cause.mistakes, forKey: .mistakes)
    try values.encode(cause.measured, forKey: .measured)
    try values.encode(alternatives, forKey: .alternatives)
    try values.encode(isCompared, forKey: .isCompared)
    try values.encode(description, forKey: .text)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let mistakes = try values.decode([KnownMistake].self, forKey: .mistakes)
    let cause: Cause =
      switch try values.decode(Kind.self, forKey: .kind) {
      case .changes:
        .changes(
          mistakes.map(Change.mistake)
            + (try values.decode([MeasuredChange].self, forKey: .measured)).map(Change.measured),
          residual: try values.decode(Double.self, forKey: .residual),
          within: try values.decodeIfPresent(Budget.self, forKey: .budget))
      case .rounding: .rounding(try values.decode(Budget.self, forKey: .budget), like: mistakes.first)
      case .confined: .confined
      case .unknown: .unknown
      }
    self.init(
      tensors: try values.decode([TensorName].self, forKey: .tensors),
      place: try values.decodeIfPresent(Place.self, forKey: .place), cause: cause,
      run: try values.decodeIfPresent(Int.self, forKey: .run),
      alternatives: try values.decode([MeasuredChange].self, forKey: .alternatives),
      isCompared: try values.decode(Bool.self, forKey: .isCompared))
  }
}
