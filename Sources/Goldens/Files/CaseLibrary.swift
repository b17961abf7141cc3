/// All cases that a run can have: those in a folder of goldens, and computed ones.
package struct CaseLibrary: Sendable {
  /// The cases of a run that does not name its cases.
  package enum Tier: String, Sendable, CaseIterable {
    /// The cases that files hold.
    case stored = "default"
    /// Those and the computed ones, which need gigabytes of memory.
    case full
  }

  /// The folder of goldens.
  package let fixtures: Fixtures
  let computed: [Recipe]
  /// Every case of the tier, those in files first.
  package let entries: [Manifest.Entry]

  /// The cases of a tier.
  ///
  /// - Throws: the errors of ``Model/named(_:)``.
  package init(_ fixtures: Fixtures, tier: Tier = .stored) throws {
    self.fixtures = fixtures
    computed = tier == .full ? try ComputedCases.recipes() : []
    entries = fixtures.manifest.cases + computed.map { Manifest.Entry($0.goldenCase) }
  }

  /// Indicates whether a case is in no file; its inputs and exact results are then computed, in gigabytes of memory.
  package func isComputed(_ name: String) -> Bool { computed.contains { $0.goldenCase.name == name } }

  /// The names under which programs record some cases: their own, and those of the twins of invalid cases.
  package func recordedNames(of names: some Sequence<String>) -> Set<String> {
    let names = Set(names), goldenCases = computed.map(\.goldenCase)
    return names.union(goldenCases.filter { names.contains($0.name) }.compactMap(\.twin?.name))
  }

  /// The golden of a case.
  ///
  /// - Throws: as ``Fixtures/golden(named:)``.
  package func golden(named name: String) throws -> Golden {
    try computed.first { $0.goldenCase.name == name }.map(Golden.init(computing:)) ?? fixtures.golden(named: name)
  }

  /// A case without its tensors.
  ///
  /// - Throws: as ``Fixtures/golden(named:)``.
  package func goldenCase(named name: String) throws -> Case {
    try computed.first { $0.goldenCase.name == name }?.goldenCase ?? fixtures.goldenCase(named: name)
  }
}
