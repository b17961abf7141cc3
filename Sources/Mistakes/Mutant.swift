/// The right computation with one mistake of the real world built in.
///
/// Mutants prove what the suite can detect, and for a diagnosis a failing case is compared with them.
package struct Mutant: Sendable {
  /// A stable name, such as `pairing-swapped`.
  package let name: String
  /// The behaviour of an implementation with the mistake.
  package let summary: String
  /// Ids of published bugs that are this mistake.
  package let bugs: [String]
  /// Its kind.
  package let kind: Kind

  /// The kind of a mistake, which decides what a diagnosis says about it.
  package enum Kind: String, Sendable, CaseIterable {
    case convention
    case scaling
    case axes
    case positions
    /// Rounding where none is allowed: a diagnosis calls it rounding, not a mistake.
    case precision
    case addressing
    /// Other rows of a table of cosines and sines.
    case table
    /// Right in small calls.
    case size
    /// Wrong in the backward pass alone.
    case direction
    /// Wrong for overflow, NaN, zeros or subnormal numbers.
    case values
    case output
    /// It breaks integrity, with or without wrong values.
    case integrity
  }

  /// A backend with the mistake, as `--backend` names it.
  package var backendName: String { "mutant:\(name)" }

  /// The mutant in words.
  package var backendSummary: String { "mutant \(name): the exact result, but \(summary)" }

  /// Builds the mistake into a right computation; false if it cannot occur in the case.
  package let change: @Sendable (inout MutantComputation) -> Bool
  /// True if the first call of a process is right, and only later ones are not.
  package let isRightAtFirst: Bool

  /// The reason that fewer than three cases find it; nil if at least three do.
  package let fewCasesReason: String?

  /// Makes a mutant.
  ///
  /// `change` builds the mistake into a right computation; it returns false if the mistake cannot occur in the case.
  /// `fewCases` is the reason that fewer than three cases find it.
  init(
    _ kind: Kind, _ name: String, _ bugs: [String] = [], isRightAtFirst: Bool = false, _ summary: String,
    fewCases: String? = nil,
    change: @escaping @Sendable (inout MutantComputation) -> Bool
  ) {
    self.kind = kind
    self.name = name
    self.bugs = bugs
    self.isRightAtFirst = isRightAtFirst
    self.summary = summary
    fewCasesReason = fewCases
    self.change = change
  }

  /// Every mutant.
  package static let all: [Mutant] =
    conventions + scalings + axes + positions + precision + addressing + outputs + tables + sizes + directions + values
    + integrity
}
