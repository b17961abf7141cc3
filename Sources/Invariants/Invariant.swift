/// A property that the rotation `R_p` of a pair by its position `p` has for all inputs, so that it can be checked
/// without any expected value.
///
/// No invariant shows a rotation that is consistently another one: frequencies of another base or scaling, all
/// rotations reversed, or positions that are read from another token. Only goldens show those.
package enum Invariant: String, Sendable, CaseIterable {
  /// `|y| = A·|x|` for the two values of a pair.
  ///
  /// Shows a wrong pairing, a lost or squared attention factor, a wrong sign in one of the two outputs, and a cosine
  /// and sine of different angles. Does not show a wrong angle.
  case pairNorms = "pair norms"
  /// `R_q R_p x = A·R_{p+q} x`.
  ///
  /// Shows positions that are shifted by one, rounded, clamped or cut off, and a lost attention factor. Does not show
  /// angles that are wrong in proportion to the position. If every call pairs the same wrong channels, they deviate
  /// only by their rounding, which the limit of the right pair may or may not cover.
  case composition
  /// `R_{−p} R_p x = A²·x`.
  ///
  /// Shows positions that are shifted by one or whose sign is lost, and a lost attention factor. Does not show wrong
  /// angles that are opposite for `p` and `−p`, such as those of rounded positions, and shows a wrong pairing only
  /// sometimes.
  case inverse
  /// `R_p q · R_r k = R_{p+s} q · R_{r+s} k`: a score depends only on the difference of two positions.
  ///
  /// Shows positions that are rounded, clamped or cut off, and a K that turns differently from Q. Does not show
  /// positions shifted by one, in Q or in K, nor a lost attention factor.
  case relativePositions = "relative positions"
  /// `R_half P x = P R_interleaved x` with `P` the permutation between two ways to pair channels.
  ///
  /// Shows a pairing that is ignored, and a mistake of one pairing alone. Does not show a mistake of all pairings.
  case pairingStyles = "pairing styles"
  /// `⟨R x, g⟩ = ⟨x, Rᵀ g⟩`, with `Rᵀ` run by the backend as the inverse direction.
  ///
  /// Shows a backward pass that turns forward, or whose attention factor, pairing or positions differ from those of the
  /// forward pass. Does not show a mistake that both passes share, such as a rounded position.
  case adjoint
}
