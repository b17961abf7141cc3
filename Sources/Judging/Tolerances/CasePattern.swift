import RoPE

/// A pattern of case names: `*` is any run of characters but `/`, `**` any run at all.
package struct CasePattern: Sendable {
  private let parts: [TextPart]

  /// Parses a pattern.
  package init(_ text: String) {
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
    self.parts = parts
  }

  /// Indicates whether the pattern matches a whole name.
  package func matches(_ name: String) -> Bool { distance(to: name) == 0 }

  /// The names nearest to a pattern that matches none, nearest first, at most three.
  package func nearest(of names: [String]) -> [String] {
    names.map { (distance(to: $0), $0) }.sorted(by: <).prefix(3).map(\.1)
  }

  /// The fewest characters to insert, remove or replace until `name` matches; 0 if it does.
  func distance(to name: String) -> Int { parts.editDistance(to: name) }
}
