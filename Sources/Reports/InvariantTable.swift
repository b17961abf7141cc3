import Files
import Invariants
import Judging
import RoPE

/// The results as a table: a line for each model, type and contract, a column for each invariant.
package struct InvariantTable {
  private var table = Table(heading: ["model/type/contract"] + Invariant.allCases.map(\.rawValue), rows: [])
  /// Remarks on results that do not hold.
  private var remarks: [String] = []
  private var holding = 0
  private var failing = 0
  private var unsupported = 0

  /// An empty table.
  package init() {}

  /// True if something was checked, and all of it holds.
  package var holds: Bool { failing == 0 && holding > 0 }

  /// The result in words, with the number of checks that are not supported.
  package var conclusion: String {
    let verdict = holds ? "holds" : failing > 0 ? "does not hold" : "nothing was checked"
    guard unsupported > 0 else { return verdict }
    return "\(verdict); \(unsupported) of \(holding + failing + unsupported) checks are not supported"
  }

  /// Adds a line.
  ///
  /// - Parameters:
  ///   - results: the results of every invariant, in order.
  ///   - place: the names of the model, the type and the contract.
  package mutating func add(_ results: [InvariantResult], of place: String) {
    table.rows.append([place] + results.map(Self.cell))
    // Usually one reason holds for several invariants; the cells show for which.
    var reasons: [String] = []
    for result in results {
      switch result.outcome {
      case .compared where result.holds: holding += 1
      case .compared(let found):
        failing += 1
        remarks.append(
          "✗ \(place), \(result.invariant.rawValue): \(found.deviation), \(found.severity.threeDigits) times "
            + "its limit, in the \(found.tensor.rawValue), head \(found.head), pair \(found.pair), "
            + "position \(found.position.shortest)"
        )
      case .unsupported(let reason):
        unsupported += 1
        reasons.append("– \(place): not supported: \(reason.visible)")
      case .failed(let message):
        failing += 1
        reasons.append("✗ \(place): the backend failed: \(message.visible)")
      }
    }
    for (index, reason) in reasons.enumerated() where !reasons[..<index].contains(reason) { remarks.append(reason) }
  }

  private static func cell(_ result: InvariantResult) -> String {
    switch result.outcome {
    case .compared(let deviation): (result.holds ? "" : "✗ ") + deviation.severity.threeDigits
    case .unsupported: "unsupported"
    case .failed: "✗ failed"
    }
  }

  /// The table, and then the remarks.
  package var text: String { ([table.text(.plain)] + remarks).joined(separator: "\n") }
}
