import RoPE

extension PlantedMistake {
  /// Two mistakes at once.
  static let pairsAtOnce: [PlantedMistake] = {
    let named = Dictionary(singles.map { ($0.name, $0) }) { first, _ in first }
    // A name that no single mistake has is planted nowhere, which fails the trial.
    func single(_ name: String) -> PlantedMistake { named[name] ?? PlantedMistake(name).possible { _ in false } }
    return gainsAndZeros + names.map { single($0.0).and(single($0.1)) }
  }()

  /// The names of both, from different steps of the computation, or of different tensors.
  private static let names: [(String, String)] = [
    // Angle and factor.
    ("position -1.0", "1.5 times the result"), ("position +1.0", "-1.0 times the result"),
    ("position +2.5", "0.25 times the result"), ("position -3.0", "3.0 times the result"),
    ("1.5 times the position", "1.5 times the result"), ("2.0 times the position", "0.25 times the result"),
    ("0.5 times the position", "3.0 times the result"), ("-1.0 times the position", "1.5 times the result"),
    ("0.0 times the position", "1.5 times the result"), ("inverse frequencies", "1.5 times the result"),
    ("frequencies 1.1 times", "1.5 times the result"), ("base 0.5 times", "1.5 times the result"),
    ("position of the token before", "1.5 times the result"), ("positions of batch row 0", "1.5 times the result"),
    ("position of axis 0", "1.5 times the result"), ("every token at position 3", "1.5 times the result"),
    // Pairing and angle or factor.
    ("the other pairing", "position -1.0"), ("the other pairing", "position +1.0"),
    ("the other pairing", "position +2.5"), ("the other pairing", "1.5 times the position"),
    ("the other pairing", "-1.0 times the position"), ("the other pairing", "1.5 times the result"),
    ("the other pairing", "-1.0 times the result"), ("the other pairing", "inverse frequencies"),
    ("the other pairing", "frequencies 1.1 times"), ("the other pairing", "base 0.5 times"),
    ("the other pairing", "position of the token before"), ("the other pairing", "positions of batch row 0"),
    ("the other pairing", "every token at position 3"), ("the other pairing", "outputs exchanged"),
    // One in Q, one in K.
    ("position -1.0, only in query", "2.0 times the result, only in key"),
    ("0.5 times the result, only in query", "not rotated, only in key"),
    ("zero, only in query", "position +1.0, only in key"),
    ("position -1.0, only in query", "outputs exchanged, only in key"),
    ("0.5 times the result, only in query", "1.5 times the position, only in key"),
    ("zero, only in query", "2.0 times the result, only in key"),
    ("position -1.0, only in query", "not rotated, only in key"),
    ("zero, only in query", "outputs exchanged, only in key"),
    ("0.5 times the result, only in query", "frequencies 0.5 times, only in key"),
    ("position -1.0, only in query", "base 2.0 times, only in key"),
    ("zero, only in query", "the other pairing, only in key"),
    ("0.5 times the result, only in query", "the other pairing, only in key"),
  ]
}
