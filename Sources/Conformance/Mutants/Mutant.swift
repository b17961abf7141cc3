/// The right computation with one mistake of the real world built in.
///
/// Mutants prove what the suite can see, and a failing case is compared with them for a diagnosis.
public struct Mutant: Sendable {
  /// A stable name, such as `pairing-swapped`.
  public let name: String
  /// What an implementation with the mistake does.
  public let summary: String
  /// Ids of published bugs that are this mistake.
  public let bugs: [String]
  /// What it does wrong.
  public let kind: Kind

  /// What kind of a mistake it is, and so what a diagnosis can say of it.
  public enum Kind: String, Sendable, CaseIterable {
    case convention
    case scaling
    case axes
    case positions
    /// Rounding where none is allowed: a diagnosis calls it that, and not a mistake.
    case precision
    case addressing
    case output
    /// It breaks integrity, beside or instead of values.
    case integrity
  }

  /// A backend with the mistake, as `--backend` names it.
  var backendName: String { "mutant:\(name)" }

  /// What it is, in words.
  var backendSummary: String { "mutant \(name): the exact result, but \(summary)" }

  let change: @Sendable (inout Computation) -> Bool
  /// Whether the first call of a process is right, and only later ones are not.
  let isRightAtFirst: Bool

  /// - Parameter change: builds the mistake into a right computation; false where the case gives no room for it.
  init(
    _ kind: Kind, _ name: String, _ bugs: [String] = [], isRightAtFirst: Bool = false, _ summary: String,
    change: @escaping @Sendable (inout Computation) -> Bool
  ) {
    self.kind = kind
    self.name = name
    self.bugs = bugs
    self.isRightAtFirst = isRightAtFirst
    self.summary = summary
    self.change = change
  }

  /// Every mutant.
  public static let all: [Mutant] =
    conventions + scalings + axes + positions + precision + addressing + outputs + integrity
}
