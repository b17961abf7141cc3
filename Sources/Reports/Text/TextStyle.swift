/// How text is set off: in colour, or not at all.
public struct TextStyle: Sendable {
  /// Characters alone, for files and pipes.
  public static let plain = TextStyle(isColoured: false)
  /// With ANSI escape sequences, for terminals.
  public static let coloured = TextStyle(isColoured: true)

  private let isColoured: Bool

  /// What text is.
  enum Role: String {
    case good = "32"
    case bad = "31;1"
    case doubtful = "33"
    case label = "36"
    case heading = "1"
  }

  func callAsFunction(_ text: String, _ role: Role) -> String {
    isColoured ? "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m" : text
  }
}
