/// A pattern of case names: `*` is any run of characters but `/`, `**` any run at all.
public struct CasePattern: Sendable {
  private enum Part: Sendable {
    case character(Character)
    case run(crossesSlash: Bool)
  }

  private let parts: [Part]

  /// The pattern of a text.
  public init(_ text: String) {
    var parts: [Part] = []
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

  /// Whether a whole name fits.
  public func matches(_ name: String) -> Bool { distance(to: name) == 0 }

  /// The names that may be meant where it fits none, nearest first, at most three.
  public func nearest(of names: [String]) -> [String] {
    names.map { (distance(to: $0), $0) }.sorted(by: <).prefix(3).map(\.1)
  }

  /// The fewest characters to insert, remove or replace until `name` matches; 0 where it does.
  ///
  /// The edit distance of Wagner and Fischer (1974), where a run takes characters for nothing.
  ///
  /// - Complexity: the product of both lengths.
  func distance(to name: String) -> Int {
    let name = Array(name)
    var row = Array(0...name.count)
    for part in parts {
      var next = [0]
      switch part {
      case .character(let wanted):
        next[0] = row[0] + 1
        for (index, character) in name.enumerated() {
          let kept = row[index] + (character == wanted ? 0 : 1)
          next.append(min(kept, row[index + 1] + 1, next[index] + 1))
        }
      case .run(let crossesSlash):
        next[0] = row[0]
        for (index, character) in name.enumerated() {
          let cost = crossesSlash || character != "/" ? 0 : 1
          next.append(min(row[index + 1], next[index] + cost))
        }
      }
      row = next
    }
    return row[name.count]
  }
}
