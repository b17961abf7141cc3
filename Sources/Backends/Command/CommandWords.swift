/// Takes the line of a command apart into words.
enum CommandWords {
  /// Quotes and backslashes keep what a word would end at; nothing else is special, for no shell runs the line.
  ///
  /// - Throws: ``CommandError/unfinished(_:)``.
  static func split(_ text: String) throws(CommandError) -> [String] {
    var words: [String] = [], word: String?
    var quote: Character?, isEscaped = false
    for character in text {
      switch character {
      case _ where isEscaped:
        word = (word ?? "") + String(character)
        isEscaped = false
      case "\\" where quote != "'":
        isEscaped = true
      case _ where character == quote:
        quote = nil
      case "'" where quote == nil, "\"" where quote == nil:
        quote = character
        word = word ?? ""
      case _ where quote == nil && character.isWhitespace:
        if let word { words.append(word) }
        word = nil
      default:
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil, !isEscaped else { throw .unfinished(text) }
    if let word { words.append(word) }
    return words
  }
}

/// A line that names no program that can be run.
public enum CommandError: Error, Equatable, CustomStringConvertible {
  case unfinished(String)
  case noProgram(String)
  /// `{inputs}` or `{outputs}` is missing.
  case noPlace(String, String)
  case notFound(program: String)

  public var description: String {
    switch self {
    case .unfinished(let text): "command '\(text)': a quote or backslash is not finished"
    case .noProgram(let text): "command '\(text)': names no program"
    case .noPlace(let text, let place): "command '\(text)': must contain \(place), where the path of that file goes"
    case .notFound(let program): "command: '\(program)' is no program in PATH, or no executable file"
    }
  }
}
