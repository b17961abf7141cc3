import RoPE

/// A pattern of case names: `*` is any run of characters but `/`, `**` any run at all, `{a,b}` is either text.
///
/// It matches a name if it matches all of it, or its first components: `glm-4.5/bf16` is every case below
/// `glm-4.5/bf16/`. So `**` at the end of a pattern changes nothing, and `**/bf16` is every case of that type.
package struct CasePattern: Sendable {
  /// The pattern as it was written.
  package let text: String
  /// The patterns without braces that stand for it.
  private let alternatives: [[TextPart]]

  /// Parses a pattern.
  ///
  /// - Throws: ``PatternError`` if braces do not come in pairs, or the pattern is larger than a sensible one.
  package init(_ text: String) throws(PatternError) {
    self.text = text
    guard text.utf8.count <= Self.largestByteCount, text.count(where: { $0 == "{" }) <= Self.largestBraceCount else {
      throw .tooLarge(byteCount: text.utf8.count)
    }
    var rest = Substring(text)
    alternatives = try Self.expansions(of: &rest, in: text, isInBraces: false).map(Self.parts)
    if !rest.isEmpty { throw .unpaired("}", pattern: text) }
  }

  /// The most bytes, braces and texts of a pattern.
  ///
  /// Twice as many braces can stand for four times as many texts.
  private static let largestByteCount = 4_096, largestBraceCount = 64, largestTextCount = 1_024

  /// A pattern that has no braces.
  init(withoutBraces text: String) {
    self.text = text
    alternatives = [Self.parts(of: text)]
  }

  /// Indicates whether the pattern matches a name, or its first components.
  package func matches(_ name: String) -> Bool { nearestStart(of: name).distance == 0 }

  /// The names, or the first components of names, that are nearest to a pattern that matches none, nearest first, at
  /// most three.
  package func nearest(of names: [String]) -> [String] {
    let starts = Dictionary(names.map(nearestStart).map { ($0.text, $0.distance) }, uniquingKeysWith: min)
    return starts.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(3).map(\.key)
  }

  /// The first components of a name that are nearest to the pattern; all of them if no fewer are nearer.
  private func nearestStart(of name: String) -> (text: String, distance: Int) {
    let characters = [Character](name)
    let ends = [characters.count] + characters.indices.filter { $0 > 0 && characters[$0] == "/" }
    var nearest = (end: characters.count, distance: Int.max)
    for parts in alternatives {
      let distances = parts.editDistances(toStartsOf: characters)
      for end in ends where distances[end] < nearest.distance { nearest = (end, distances[end]) }
    }
    return (String(characters[..<nearest.end]), nearest.distance)
  }

  /// The texts that braces stand for, up to the end of `text` or a `,` or `}` that belongs to outer braces.
  private static func expansions(
    of text: inout Substring, in pattern: String, isInBraces: Bool
  ) throws(PatternError) -> [String] {
    var found = [""]
    while let character = text.first, character != "}", !(isInBraces && character == ",") {
      text.removeFirst()
      guard character == "{" else {
        found = found.map { $0 + String(character) }
        continue
      }
      var choices: [String] = []
      while true {
        choices += try expansions(of: &text, in: pattern, isInBraces: true)
        guard let end = text.popFirst() else { throw .unpaired("{", pattern: pattern) }
        if end == "}" { break }
      }
      guard found.count * choices.count <= largestTextCount else { throw .tooManyTexts(pattern: pattern) }
      found = found.flatMap { start in choices.map { start + $0 } }
    }
    return found
  }

  private static func parts(of text: String) -> [TextPart] {
    var parts: [TextPart] = []
    for character in text {
      if character != "*" {
        parts.append(.character(character))
      } else if case .run = parts.last {
        parts[parts.count - 1] = .run(crossesSlash: true)
      } else {
        parts.append(.run(crossesSlash: false))
      }
    }
    return parts
  }
}

extension CasePattern: Equatable, CustomStringConvertible {
  package static func == (first: CasePattern, second: CasePattern) -> Bool { first.text == second.text }

  package var description: String { text }
}

extension CasePattern: Codable {
  /// Encodes the text of the pattern.
  package func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode(text)
  }

  package init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    do {
      try self.init(value.decode(String.self))
    } catch let error as PatternError {
      throw DecodingError.dataCorruptedError(in: value, debugDescription: error.description)
    }
  }
}

/// A pattern that cannot be used.
package enum PatternError: Error, Equatable, CustomStringConvertible {
  /// A brace that has no partner.
  case unpaired(Character, pattern: String)
  case tooManyTexts(pattern: String)
  case tooLarge(byteCount: Int)

  package var description: String {
    switch self {
    case .unpaired(let brace, let pattern):
      "the pattern '\(pattern)' has a '\(brace)' without '\(brace == "{" ? "}" : "{")': write alternatives as "
        + "{f16,bf16}"
    case .tooManyTexts(let pattern):
      "the pattern '\(pattern)' stands for more than 1,024 texts: give several patterns"
    case .tooLarge(let byteCount):
      "a pattern of \(byteCount) bytes: must have at most 4,096, and at most 64 braces"
    }
  }
}
