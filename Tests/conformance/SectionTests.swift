import Goldens
import Testing

// One suite for each section of the goldens. A case is run several times, and its verdict covers accuracy and integrity.

/// Every case of the default run; at its end it is printed what the backend does not support.
@Suite("every case", .listsUnsupported) enum EveryCase {
  @Suite("no RoPE", .timeLimit(.minutes(30))) struct NoRoPE {
    static let section = Workload.Section.noRoPE

    @Test(
      "A model without RoPE: the output is the input, bit for bit", arguments: try Subject.cases(NoRoPE.section))
    func conforms(_ name: String) throws { try Subject.check(name) }
  }

  @Suite("with RoPE", .timeLimit(.minutes(30))) struct WithRoPE {
    static let section = Workload.Section.withRoPE

    @Test(
      "Short prompts, in place and not, ordinary and extreme values", arguments: try Subject.cases(WithRoPE.section)
    )
    func conforms(_ name: String) throws { try Subject.check(name) }
  }

  @Suite("RoPE disabled", .timeLimit(.minutes(30))) struct RoPEDisabled {
    static let section = Workload.Section.ropeDisabled

    @Test("A layer that does not rotate in a model that does", arguments: try Subject.cases(RoPEDisabled.section))
    func conforms(_ name: String) throws { try Subject.check(name) }
  }

  @Suite("batch", .timeLimit(.minutes(30))) struct Batch {
    static let section = Workload.Section.batch

    @Test("Rows at positions of their own, decoding and padded", arguments: try Subject.cases(Batch.section))
    func conforms(_ name: String) throws { try Subject.check(name) }
  }

  @Suite("heads", .timeLimit(.minutes(30))) struct Heads {
    static let section = Workload.Section.heads

    @Test("Grouped queries and uneven head counts", arguments: try Subject.cases(Heads.section))
    func conforms(_ name: String) throws { try Subject.check(name) }
  }

  @Suite("large sequence", .timeLimit(.minutes(30))) struct LargeSequence {
    static let section = Workload.Section.largeSequence

    @Test(
      "Positions up to 2^31 − 1 and 131,072 tokens in one launch",
      arguments: try Subject.cases(LargeSequence.section))
    func conforms(_ name: String) throws { try Subject.check(name) }
  }

  @Suite("single token", .timeLimit(.minutes(30))) struct SingleToken {
    static let section = Workload.Section.singleToken

    @Test("One token of one row", arguments: try Subject.cases(SingleToken.section))
    func conforms(_ name: String) throws { try Subject.check(name) }
  }

  @Suite("ragged", .timeLimit(.minutes(30))) struct Ragged {
    static let section = Workload.Section.ragged

    @Test("Packed sequences of different lengths", arguments: try Subject.cases(Ragged.section))
    func conforms(_ name: String) throws { try Subject.check(name) }
  }

  @Suite("strided", .timeLimit(.minutes(30))) struct Strided {
    static let section = Workload.Section.strided

    @Test("Fused, heads first, misaligned, channels apart", arguments: try Subject.cases(Strided.section))
    func conforms(_ name: String) throws { try Subject.check(name) }
  }

  @Suite("covering array", .timeLimit(.minutes(30))) struct CoveringArray {
    static let section = Workload.Section.coveringArray

    @Test(
      "Sizes, types, contracts, placements and values together, each pair of them at least once",
      arguments: try Subject.cases(CoveringArray.section))
    func conforms(_ name: String) throws { try Subject.check(name) }
  }
}

@Suite("sections") struct Sections {
  /// The sections of the suites above.
  private let tested: Set<Workload.Section> = [
    EveryCase.NoRoPE.section, EveryCase.WithRoPE.section, EveryCase.RoPEDisabled.section, EveryCase.Batch.section,
    EveryCase.Heads.section, EveryCase.LargeSequence.section, EveryCase.SingleToken.section, EveryCase.Ragged.section,
    EveryCase.Strided.section, EveryCase.CoveringArray.section,
  ]

  @Test("Every case of the default run belongs to a suite, and no suite is empty")
  func cover() throws {
    #expect(Set(try Subject.shared.library.entries.map(\.section)) == tested)
  }
}
