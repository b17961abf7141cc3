/// Whether a backend can carry out a call.
public enum Support: Sendable, Equatable {
  case supported
  /// It cannot; why, and what it could.
  case unsupported(reason: String)
}
