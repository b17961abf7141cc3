import RoPE

/// The outputs of several runs of a case on the same inputs.
struct RunOutputs {
  /// Those of the first run.
  let first: Outputs
  /// Those of the first run that differs from it; nil where none does.
  private(set) var different: Outputs?
  private var query = RunDifferences()
  private var key = RunDifferences()

  init(_ first: Outputs) { self.first = first }

  /// Adds the next run.
  ///
  /// - Returns: whether it differs from the first.
  @discardableResult
  mutating func add(_ later: Outputs) -> Bool {
    let queryDiffers = query.compare(first.query, with: later.query)
    let keyDiffers = key.compare(first.key, with: later.key)
    let differs = queryDiffers || keyDiffers
    if differs { different = different ?? later }
    return differs
  }

  /// How the runs differ.
  var comparison: RunComparison {
    var comparison = RunComparison()
    comparison.add(query, .query)
    comparison.add(key, .key)
    return comparison
  }
}
