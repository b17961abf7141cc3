import Diagnosis
import Judging

/// A cause that a case may have.
struct CaseCause {
  /// Distinguishes it from other causes.
  let name: String
  let text: String
  var bugs: [String] = []
  var isRounding = false
}

extension CaseReport {
  /// The error, as a multiple of its limit, from which on it is nothing that arithmetic gives.
  private static let grossSeverity = 1000.0

  /// True if something is wrong that is no small error.
  var isGross: Bool {
    !verdict.violations.isEmpty || verdict.accuracy?.worst.map { $0.severity >= Self.grossSeverity } ?? false
  }

  /// What may have made the case fail, the most likely first; never empty.
  var causes: [CaseCause] {
    // Without a statement on the first run, what did not hold exactly tells more.
    let isOfLaterRun = statements.allSatisfy { $0.run != nil && $0.cause.mistakes.isEmpty }
    if isOfLaterRun, let violation = verdict.violations.first {
      return [CaseCause(name: violation.kind.rawValue, text: violation.heading)]
    }
    guard !statements.isEmpty else {
      return [CaseCause(name: "error", text: "errors beyond the limit, without a diagnosis")]
    }
    // Where one tensor shows the cause, another shows no more.
    let named = statements.filter { $0.cause.isNamed }, telling = named.isEmpty ? statements : named
    let each = telling.map(\.causes), first = each.compactMap(\.first)
    let texts = first.map(\.text).withoutRepetitions
    guard texts.count > 1 else { return each.flatMap { $0 } }
    let together = texts.joined(separator: "; ")
    return [
      CaseCause(
        name: together, text: together, bugs: first.flatMap(\.bugs), isRounding: first.allSatisfy(\.isRounding))
    ] + each.flatMap { $0 }
  }
}

extension Statement {
  /// What the statement may be about, the most likely first; never empty.
  fileprivate var causes: [CaseCause] {
    switch cause {
    case .changes(let changes, _, _):
      let rest = changes.dropFirst().map(\.heading)
      func cause(_ first: String, name: String, bugs: [String] = []) -> CaseCause {
        let both = ([first] + rest).joined(separator: ", and ")
        return CaseCause(name: rest.isEmpty ? name : both, text: both, bugs: bugs)
      }
      guard case .mistake(let mistake)? = changes.first else {
        // A measured change can be a known mistake, if it is everywhere.
        let known = place == nil ? self.cause.measured.prefix(1).compactMap(\.mistake) : []
        let headings = self.cause.measured.prefix(1).map(\.heading) + alternatives.map(\.heading)
        return headings.withoutRepetitions.map { cause($0, name: $0, bugs: self.cause.mistakes.flatMap(\.bugs)) }
          + known.map { cause($0, name: $0) }
      }
      return [cause(changes[0].heading, name: mistake.name, bugs: self.cause.mistakes.flatMap(\.bugs))]
        + mistake.indistinguishable.map { cause($0, name: $0) }
        + alternatives.map(\.heading).withoutRepetitions.map { cause($0, name: $0) }
    case .rounding:
      return [CaseCause(name: heading, text: heading, isRounding: true)]
    case .confined:
      // The same mistake can show in fewer coordinates of another case.
      let places = (place?.sets ?? []).map { "only some \($0.axis.plural) are wrong, by no known mistake" }
      return (places.isEmpty ? [heading] : places).map { CaseCause(name: $0, text: $0) }
    case .unknown: return [CaseCause(name: heading, text: heading)]
    }
  }
}

extension [String] {
  /// The texts in their order, each once.
  fileprivate var withoutRepetitions: [String] {
    enumerated().filter { !self[..<$0.offset].contains($0.element) }.map(\.element)
  }
}

extension Violation {
  /// The violation in a few words, without its numbers.
  fileprivate var heading: String {
    switch self {
    case .backendFailed: "the backend failed"
    case .evidence: "the device's own record contradicts the call"
    case .notWritten: "outputs were not written"
    case .notCopied: "channels outside the rotation were changed"
    case .writtenOutside: "memory outside the outputs was changed"
    case .notRepeatable: "the same call gave different bits in different runs"
    case .notConfined: "one input that is not finite spoils other results"
    case .rowsDiffer: "equal rows of the batch got different results"
    case .notRefused: "invalid calls are carried out"
    }
  }
}
