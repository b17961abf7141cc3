public import Conformance
import Foundation
import RoPE

extension Verdict {
  /// What a person needs to find the mistake: case, worst element, budget, and everything that did not hold.
  ///
  /// Several lines; the first is the case's name with the outcome.
  public var text: String {
    ([headline] + accuracyLines + violations.map { "  integrity: \($0.text(elementType))" }).joined(separator: "\n")
  }

  private var headline: String {
    switch outcome {
    case .conforms: "✓ \(caseName)"
    case .fails: "✗ \(caseName)"
    case .unsupported: "– \(caseName): unsupported: \(unsupportedReason ?? "")"
    }
  }

  private var accuracyLines: [String] {
    guard let accuracy else { return [] }
    let budget = rule.budget
    guard let worst = accuracy.worst else {
      return accuracy.elementCount == 0
        ? [] : ["  accuracy: all \(accuracy.elementCount) elements are correctly rounded"]
    }
    let expected = worst.type.bits(rounding: worst.expected)
    return [
      "  accuracy: \(accuracy.failedCount) of \(accuracy.elementCount) elements exceed \(budget.name); "
        + "\(accuracy.correctlyRoundedCount) are correctly rounded",
      "  worst: \(ElementText.place(worst.tensor, worst.place)), pair \(worst.pair), position \(worst.position)",
      "    expected \(ElementText.value(expected, worst.type)), exactly \(worst.expected)",
      "    actual   \(ElementText.value(worst.actual, worst.type))",
      "    error \(ElementText.short(worst.ulpError)) ULP, \(ElementText.short(worst.severity)) times "
        + "the limit \(ElementText.short(worst.limit))",
      "  budget: \(budget.name) (\(rule.origin)) because \(rule.reason)",
    ]
  }
}

extension Violation {
  /// What did not hold; bit patterns are those of an element type.
  func text(_ type: ElementType) -> String {
    switch self {
    case .backendFailed(let message):
      "the backend failed: \(message)"
    case .evidence(let message):
      message
    case .notWritten(let tensor, let count, let first):
      "\(count) elements were not written, first \(ElementText.place(tensor, first))"
    case .notCopied(let tensor, let count, let first, let expected, let actual):
      "\(count) elements outside of the rotation are not the input's, first \(ElementText.place(tensor, first)): "
        + "expected \(ElementText.value(expected, type)), actual \(ElementText.value(actual, type))"
    case .writtenOutside(let buffer, let region, let byte, let before, let after):
      "buffer '\(buffer)' changed outside of the outputs (\(region)), first at byte \(byte): "
        + "0x\(ElementText.hex(UInt32(before), digits: 2)) became 0x\(ElementText.hex(UInt32(after), digits: 2))"
    case .notRepeatable(let tensor, let count, let first):
      "\(count) elements differ in a second run on the same inputs, first \(ElementText.place(tensor, first))"
    case .rowsDiffer(let tensor, let count, let first, let equalRow):
      "\(count) elements differ from those of batch row \(equalRow), which has the same inputs and positions, first "
        + ElementText.place(tensor, first)
    }
  }
}
