extension String {
  /// How many letters must be changed, added or left out to get another string, whatever their case (Wagner and
  /// Fischer, 1974).
  ///
  /// - Complexity: the product of both lengths.
  package func editDistance(to other: String) -> Int {
    let theirs = Array(other.lowercased())
    var row = Array(0...theirs.count)
    for (index, letter) in lowercased().enumerated() {
      var next = [index + 1]
      for (otherIndex, otherLetter) in theirs.enumerated() {
        let kept = row[otherIndex] + (letter == otherLetter ? 0 : 1)
        next.append(Swift.min(kept, row[otherIndex + 1] + 1, next[otherIndex] + 1))
      }
      row = next
    }
    return row[theirs.count]
  }
}

extension Sequence<String> {
  /// The names that somebody may have meant who wrote one that is not there, nearest first, at most three: those that
  /// hold it, or differ from it in less than half of its letters.
  package func nearest(to name: String) -> [String] {
    let wanted = name.lowercased()
    let near = compactMap { candidate -> (rank: Int, name: String)? in
      // Between a slip of one letter and of two.
      if !wanted.isEmpty, candidate.lowercased().contains(wanted) { return (3, candidate) }
      let rank = 2 * wanted.editDistance(to: candidate)
      return rank < wanted.count ? (rank, candidate) : nil
    }
    return near.sorted { $0.rank < $1.rank }.prefix(3).map(\.name)
  }

  /// The end of an error about such a name: what may be meant, and where all names are.
  ///
  /// - Parameter list: what shows the names, such as `'list'`.
  package func suggestion(for name: String, list: String) -> String {
    let near = nearest(to: name)
    return (near.isEmpty ? "" : "; nearest: \(near.joined(separator: ", "))") + "; \(list) shows all names"
  }
}
