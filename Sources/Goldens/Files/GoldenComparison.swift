import Foundation
import RoPE

/// The difference of one case between two versions of a golden file.
package struct CaseChange: Sendable, Equatable, CustomStringConvertible {
  /// The kind of a difference.
  package enum Kind: Sendable, Equatable {
    case added
    case removed
    /// The old version cannot be read.
    case unreadable(reason: String)
    /// Inputs, positions or shapes differ, so that the expected values cannot be compared.
    case givens
    /// Expected values differ: `changed` of `count`, by at most `largestULP` ULP of float64, and the causes `besides`.
    case expected(changed: Int, count: Int, largestULP: Double, besides: [Cause])
  }

  /// A cause of changed expected values, apart from inputs and positions.
  package enum Cause: String, Sendable {
    /// An edited configuration of the model, for example.
    case convention = "the convention differs"
    /// Frequencies, attention factor or table, for example after a change of their formula.
    case angles = "frequencies or their cosines and sines differ"
  }

  /// The name of the case.
  package let name: String
  /// The kind of its difference.
  package let kind: Kind

  package var description: String {
    switch kind {
    case .added: "\(name): new"
    case .removed: "\(name): no longer generated"
    case .unreadable(let reason): "\(name): the old case cannot be read: \(reason)"
    case .givens: "\(name): the inputs differ"
    case .expected(0, let count, _, let besides):
      "\(name): none of \(count) expected values differs\(Self.words(besides))"
    case .expected(let changed, let count, let largestULP, let besides):
      "\(name): \(changed) of \(count) expected values differ, by \(Self.number(largestULP)) ULP of float64 at most"
        + Self.words(besides)
    }
  }

  /// A number as it is read: beyond a million, its digits say nothing.
  private static func number(_ value: Double) -> String { value < 1e6 ? "\(value)" : String(format: "%.1e", value) }

  private static func words(_ causes: [Cause]) -> String { causes.map { "; \($0.rawValue)" }.joined() }
}

/// Compares golden files case by case, so that a reviewer sees the effect of a changed formula.
enum GoldenComparison {
  /// The cases that differ between two golden files.
  ///
  /// `old` is the path of the file that is replaced, and `oldNames` are its cases; `new` is the path of a file that was
  /// just written, and `newNames` are its cases, in order.
  static func changes(from old: String, to new: String, oldNames: [String], newNames: [String]) throws -> [CaseChange] {
    let known = Set(oldNames)
    var changes = try newNames.compactMap { name -> CaseChange? in
      guard known.contains(name) else { return CaseChange(name: name, kind: .added) }
      let newGolden = try GoldenReader.read(caseNamed: name, from: new)
      do {
        let oldGolden = try GoldenReader.read(caseNamed: name, from: old, formulas: .ofAnotherVersion)
        return kind(from: oldGolden, to: newGolden).map { CaseChange(name: name, kind: $0) }
      } catch {
        return CaseChange(name: name, kind: .unreadable(reason: "\(error)"))
      }
    }
    let kept = Set(newNames)
    changes += oldNames.filter { !kept.contains($0) }.map { CaseChange(name: $0, kind: .removed) }
    return changes
  }

  private static func kind(from old: Golden, to new: Golden) -> CaseChange.Kind? {
    guard old.goldenCase.hasTheShape(of: new.goldenCase), old.positions == new.positions, old.hasTheInputs(of: new),
      old.expected.count == new.expected.count
    else { return .givens }
    var besides: [CaseChange.Cause] = []
    if old.goldenCase.convention != new.goldenCase.convention || old.plan != new.plan { besides.append(.convention) }
    if old.inverseFrequencies != new.inverseFrequencies || old.attentionFactor != new.attentionFactor
      || old.angles != new.angles
    {
      besides.append(.angles)
    }
    let pairs = zip(old.expected, new.expected).filter { $0.bitPattern != $1.bitPattern }
    guard !pairs.isEmpty || !besides.isEmpty else { return nil }
    let errors = pairs.map { old, new in
      let error = (old - new).magnitude / new.ulp
      return error.isNaN ? .infinity : error
    }
    return .expected(
      changed: pairs.count, count: new.expected.count, largestULP: errors.max() ?? 0, besides: besides)
  }
}

extension Case {
  /// Indicates whether another case is the same except for its convention.
  fileprivate func hasTheShape(of other: Case) -> Bool {
    name == other.name && workload == other.workload && elementType == other.elementType
      && contract == other.contract && tableType == other.tableType
  }
}

extension Golden {
  fileprivate var expected: [Double] {
    switch content {
    case .stored(let truth): truth.tensors.all.flatMap(\.expected)
    case .computed(let truth): truth.samples?.expected.all.flatMap(\.self) ?? []
    }
  }

  /// Indicates whether Q and K are the same; true for a case that does not store them.
  fileprivate func hasTheInputs(of other: Golden) -> Bool {
    guard case .stored(let mine) = content, case .stored(let theirs) = other.content else { return true }
    return mine.tensors.map(\.input) == theirs.tensors.map(\.input)
  }
}
