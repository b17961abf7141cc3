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
  /// The place in ``computed`` of each case, by its name.
  private let placeOfComputed: [String: Int]
  /// Every case of the tier, those in files first.
  package let entries: [Manifest.Entry]

  /// The cases of a tier.
  ///
  /// - Throws: the errors of ``Model/named(_:)``.
  package init(_ fixtures: Fixtures, tier: Tier = .standard) throws {
    self.fixtures = fixtures
    // A folder of the user's own goldens is judged without the computed cases, which are about kernels for any model.
    let isWhole = try Set(Model.bundled.map { "\($0.name).h5" }).isSubset(of: fixtures.manifest.files.map(\.name))
    let standard = try isWhole || tier == .full ? ComputedCases.standard : []
    computed = try standard + (tier == .full ? ComputedCases.full() : [])
    let added = computed.map { Manifest.Entry($0.goldenCase) }
    placeOfComputed = Dictionary(uniqueKeysWithValues: added.enumerated().map { ($0.element.name, $0.offset) })
    entries = fixtures.manifest.cases + added
  }

  /// The cases that are so large that one is judged at a time, on all cores.
  package var largeCases: Set<String> {
    Set(entries.suffix(computed.count).filter { $0.elementCount > Self.largestSharedCount }.map(\.name))
  }

  /// The names under which programs record some cases: their own, and those of the twins of invalid cases.
  package func recordedNames(of names: some Sequence<String>) -> Set<String> {
    let names = Set(names)
    return names.union(names.compactMap { recipe(named: $0)?.goldenCase.twin?.name })
  }

  /// The golden of a case.
  ///
  /// - Throws: as ``Fixtures/golden(named:)``.
  package func golden(named name: String) throws -> Golden {
    try recipe(named: name).map(Golden.init(computing:)) ?? fixtures.golden(named: name)
  }

  /// A case without its tensors; also the twin of an invalid case.
  ///
  /// - Throws: as ``Fixtures/golden(named:)``.
  package func goldenCase(named name: String) throws -> Case {
    try recipe(named: name)?.goldenCase ?? computed.lazy.compactMap(\.goldenCase.twin).first { $0.name == name }
      ?? fixtures.goldenCase(named: name)
  }

  /// The recipe of a computed case; nil for any other name.
  private func recipe(named name: String) -> Recipe? { placeOfComputed[name].map { computed[$0] } }
}
