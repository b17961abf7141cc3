public import Conformance

extension CaseReport {
  /// The verdict for people, several lines; the first is the case's name with the outcome.
  public func text(_ style: TextStyle) -> String {
    let lines = details.flatMap { detail in
      detail.lines.enumerated().map { index, line in
        (index == 0 ? "  \(style(detail.label + ":", .label)) " : "    ") + line.withoutControls
      }
    }
    return ([headline(style)] + lines).joined(separator: "\n")
  }

  private func headline(_ style: TextStyle) -> String {
    let name = name.withoutControls
    return switch outcome {
    case .conforms: style("✓", .good) + " \(name)"
    case .fails: style("✗ \(name)", .bad)
    case .unsupported: style("–", .doubtful) + " \(name): unsupported: \(unsupportedReason?.withoutControls ?? "")"
    }
  }
}

extension Verdict {
  /// What a person needs to find the mistake; the first line is the case's name with the outcome.
  public var text: String { CaseReport(self).text(.plain) }
}
