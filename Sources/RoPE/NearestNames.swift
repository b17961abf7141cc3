/// A part of a pattern: a character, or a run of any characters.
package enum TextPart: Sendable {
  case character(Character)
  /// A run matches any characters at no cost; only `/` costs one, unless the run crosses slashes.
  case run(crossesSlash: Bool)
}

extension [TextPart] {
  /// The fewest letters to insert, remove or replace until a text fits: the edit distance of Wagner and Fischer (1974).
  ///
  /// - Complexity: the product of both lengths.
  package func editDistance(to text: String) -> Int {
    let text = [Character](text)
    return editDistances(toStartsOf: text)[text.count]
  }

  /// The edit distance to the first characters of a text, for each number of them from 0.
  ///
  /// - Complexity: the product of both lengths.
  package func editDistances(toStartsOf text: [Character]) -> [Int] {
    var row = [Int](0...text.count)
    for part in self {
      var next = [0]
      switch part {
      case .character(let wanted):
        next[0] = row[0] + 1
        for (index, character) in text.enumerated() {
          let kept = row[index] + (character == wanted ? 0 : 1)
          next.append(Swift.min(kept, row[index + 1] + 1, next[index] + 1))
        }
      case .run(let crossesSlash):
        next[0] = row[0]
        for (index, character) in text.enumerated() {
          let cost = crossesSlash || character != "/" ? 0 : 1
          next.append(Swift.min(row[index + 1], next[index] + cost))
        }
      }
      row = next
    }
    return row
  }
}

extension String {
  /// The fewest letters to change, add or remove to get another string, ignoring case.
  ///
  /// - Complexity: the product of both lengths.
  package func editDistance(to other: String) -> Int {
    lowercased().map(TextPart.character).editDistance(to: other.lowercased())
  }
}

extension Sequence<String> {
  /// The names that were probably meant by an unknown `name`, nearest first, at most three: those that contain it, or
  /// differ from it in fewer than half of its letters.
  package func nearest(to name: String) -> [String] {
    let wanted = name.lowercased()
    let near = compactMap { candidate -> (rank: Int, name: String)? in
      // Rank 3 lies between one wrong letter (2) and two (4).
      if !wanted.isEmpty, candidate.lowercased().contains(wanted) { return (3, candidate) }
      // More than half of its letters are too many.
      guard wanted.utf8.count < 2 * candidate.utf8.count else { return nil }
      let rank = 2 * wanted.editDistance(to: candidate)
      return rank < wanted.count ? (rank, candidate) : nil
    }
    return near.sorted { $0.rank < $1.rank }.prefix(3).map(\.name)
  }

  /// The end of an error about an unknown name: the nearest names, and the command that shows all.
  ///
  /// `list` is the command that shows all names, such as `'list'`.
  package func suggestion(for name: String, list: String) -> String {
    let near = nearest(to: name)
    return (near.isEmpty ? "" : "; nearest: \(near.joined(separator: ", "))") + "; \(list) shows all names"
  }
}
