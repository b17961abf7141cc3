import Models

/// All cases that a run can have: those in a folder of goldens, and computed ones.
package struct CaseLibrary: Sendable {
  /// The cases of a run that does not name its cases.
  package enum Tier: String, Sendable, CaseIterable {
    /// The cases that files hold, and computed ones that take a second at most.
    case standard = "default"
    /// Those and larger computed ones, which need gigabytes of memory.
    case full
  }

  /// The most output elements of a case that is judged while others are.
  private static let largestSharedCount = 1 << 24

  /// The folder of goldens.
  package let fixtures: Fixtures
  let computed: [Recipe]
  /// Every case of the tier, those in files first.
  package let entries: [Manifest.Entry]

  /// The cases of a tier.
  ///
  /// - Throws: the errors of ``Model/named(_:)``.
  package init(_ fixtures: Fixtures, tier: Tier = .standard) throws {
    self.fixtures = fixtures
    // A folder of a user's own goldens is judged alone.
    let isWhole = try Set(Model.bundled.map { "\($0.name).h5" }).isSubset(of: fixtures.manifest.files.map(\.name))
    computed = try (isWhole || tier == .full ? ComputedCases.thin : []) + (tier == .full ? ComputedCases.full() : [])
    entries = fixtures.manifest.cases + computed.map { Manifest.Entry($0.goldenCase) }
  }

  /// The cases that are so large that one is judged at a time, on all cores: each needs much memory.
  package var largeCases: Set<String> {
    Set(entries.suffix(computed.count).filter { $0.elementCount > Self.largestSharedCount }.map(\.name))
  }

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
