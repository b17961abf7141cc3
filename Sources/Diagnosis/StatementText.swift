import Judging
import RoPE

extension Statement: CustomStringConvertible {
  /// The statement in a sentence, such as `key matches pairing-swapped (B04): …`.
  package var description: String { (run.map { "in run \($0), " } ?? "") + finding }

  private var finding: String {
    let names = tensors.map(\.rawValue).joined(separator: " and ")
    switch cause {
    case .mistake(let mistake):
      var text = "\(names) \(tensors.count == 1 ? "matches" : "match") \(mistake.name)"
      if !mistake.bugs.isEmpty { text += " (\(mistake.bugs.joined(separator: ", ")))" }
      text += ": \(mistake.summary); residual \(mistake.residualSeverity.threeDigits) of the limit"
      if !mistake.indistinguishable.isEmpty {
        text += "; this case cannot tell it from \(mistake.indistinguishable.joined(separator: ", "))"
      }
      return text
    case .rounding(let budget, let like):
      let known = like.map { ", like a computation that \($0.summary)" } ?? ""
      return "\(names) \(tensors.count == 1 ? "is" : "are") right except for too much rounding\(known): "
        + "\(budget.name) holds"
    case .confined(let regions):
      return "every failed element of \(names) is in \(regions.map(\.description).joined(separator: " and in ")); "
        + "no known mistake matches this"
    case .unknown:
      return "\(names) \(tensors.count == 1 ? "matches" : "match") no known mistake; the errors are everywhere"
    }
  }
}

extension Region: CustomStringConvertible {
  /// The number of runs of neighbours that are listed; the rest is only counted.
  private static let listedRuns = 6

  /// The values with the name of their axis: `head 3 of 4`, `positions 512 to 1023 of 2048`.
  package var description: String {
    var runs: [ClosedRange<Double>] = []
    for value in values {
      if let last = runs.last, value == last.upperBound + 1 {
        runs[runs.count - 1] = last.lowerBound...value
      } else {
        runs.append(value...value)
      }
    }
    let listed = runs.prefix(Self.listedRuns).map { run in
      run.lowerBound == run.upperBound
        ? run.lowerBound.shortest : "\(run.lowerBound.shortest) to \(run.upperBound.shortest)"
    }
    let name = "\(axis.rawValue)\(values.count == 1 ? "" : "s")", list = listed.joined(separator: ", ")
    return runs.count > listed.count
      ? "\(values.count) of \(valueCount) \(name), such as \(list)" : "\(name) \(list) of \(valueCount)"
  }
}
